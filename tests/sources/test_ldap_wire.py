"""LDAP messages as bytes: framing against a clock, and decoding that agrees with ldap3's."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ldap3.utils.asn1 import decode_message_fast

from jobs.sources.ldap import wire
from tests.servers import ldap_wire

NAMES = st.text("abcXYZ;-0123456789", min_size=1, max_size=20)
HELD = st.dictionaries(NAMES, st.lists(st.binary(max_size=300), max_size=4), max_size=5)


@pytest.fixture
def pair() -> Iterator[tuple[wire.Stream, socket.socket]]:
    """A stream with half a second of patience, and the other end of its socket."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield wire.Stream(ours, 0.5), theirs


def message(number: int, size: int = 10) -> bytes:
    return ldap_wire.entry(number, "cn=a", {"mail": [b"x" * size]})


@given(st.integers(1, 2**31 - 1), st.text(max_size=300), HELD)
def test_an_entry_is_decoded_as_ldap3_does(number: int, dn: str, held: dict[str, list[bytes]]) -> None:
    encoded = ldap_wire.entry(number, dn, held)
    decoded, operation, at = wire.envelope(encoded)
    assert (decoded, operation) == (number, wire.ENTRY)
    name, attributes = wire.entry(encoded, at)
    theirs = decode_message_fast(encoded)["payload"]
    assert name == theirs[0][3] == dn.encode()
    assert attributes == {one[3][0][3].decode(): [value[3] for value in one[3][1][3]] for one in theirs[1][3]}


@given(st.binary(max_size=60), st.integers(0, 200), st.integers(0, 255))
def test_damaged_entries_are_called_garbled_or_decoded_and_never_crash(tail: bytes, place: int, value: int) -> None:
    damaged = bytearray(message(7, 40) + tail)
    damaged[place % len(damaged)] = value
    try:
        _, _, at = wire.envelope(bytes(damaged))
        wire.entry(bytes(damaged), at)
    except wire.Garbled:
        pass


def test_messages_are_cut_out_however_they_arrive(pair: tuple[wire.Stream, socket.socket]) -> None:
    stream, peer = pair
    sent = [message(1), message(2, 200), message(3, 70_000)]
    data = b"".join(sent)

    def write() -> None:
        for at in range(0, len(data), 997):
            peer.sendall(data[at : at + 997])

    writer = threading.Thread(target=write)
    writer.start()
    assert [stream.next() for _ in sent] == sent
    writer.join()


def test_lengths_in_the_long_form_of_active_directory_are_read(pair: tuple[wire.Stream, socket.socket]) -> None:
    stream, peer = pair
    short = message(5)
    long = b"\x30\x84" + len(short[2:]).to_bytes(4, "big") + short[2:]
    peer.sendall(long)
    assert wire.envelope(stream.next())[:2] == (5, wire.ENTRY)


def test_a_message_that_trickles_in_is_given_up_in_time(pair: tuple[wire.Stream, socket.socket]) -> None:
    stream, peer = pair
    stop = threading.Event()

    def trickle() -> None:
        for byte in message(1, 100):
            if stop.wait(0.1):
                return
            peer.sendall(bytes([byte]))

    writer = threading.Thread(target=trickle)
    writer.start()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        stream.next()
    assert time.monotonic() - started < 1.5
    stop.set()
    writer.join()


def test_an_end_in_the_middle_of_a_message_is_told(pair: tuple[wire.Stream, socket.socket]) -> None:
    stream, peer = pair
    peer.sendall(message(1) + message(2)[:-3])
    peer.shutdown(socket.SHUT_WR)
    stream.next()
    with pytest.raises(wire.Closed):
        stream.next()


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", wire.Garbled),
        (b"\x15\x03\x01\x00\x02\x02\x0a", wire.TlsAlert),
        (b"\x30\x80\x00\x00", wire.Garbled),
        (b"\x30\x89" + b"\x01" * 9, wire.Garbled),
        (b"\x30\x84\x7f\xff\xff\xff", wire.Garbled),
    ],
)
def test_what_is_not_ldap_is_noticed_at_its_head(
    pair: tuple[wire.Stream, socket.socket], data: bytes, error: type[Exception]
) -> None:
    stream, peer = pair
    peer.sendall(data)
    with pytest.raises(error):
        stream.next()
