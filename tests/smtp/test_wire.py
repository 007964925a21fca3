"""Replies on a socket: read whole, within bounds, whatever bytes come."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.smtp.wire import LINE_LIMIT, LINES_LIMIT, Closed, Garbled, Reply, Wire


def read(data: bytes, timeout: float = 5) -> Reply:
    """The first reply of a server that sends these bytes and closes."""
    with ExitStack() as stack:
        mine, theirs = (stack.enter_context(end) for end in socket.socketpair())
        theirs.sendall(data)
        theirs.shutdown(socket.SHUT_WR)
        return Wire(mine, timeout).reply()


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    mine, theirs = socket.socketpair()
    with mine, theirs:
        yield mine, theirs


def test_a_reply_of_several_lines_is_one() -> None:
    found = read(b"250-mail.test\r\n250-SIZE 1\r\n250 STARTTLS\r\n")
    assert found == Reply(250, ("mail.test", "SIZE 1", "STARTTLS"))
    assert str(found) == "250 mail.test SIZE 1 STARTTLS"


@pytest.mark.parametrize("data", [b"220\r\n", b"220 \r\n", b"220 hello\n"])
def test_a_short_or_sloppy_line_is_a_reply_too(data: bytes) -> None:
    assert read(data).code == 220


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 no", (5, 1, 1)),
        ("sorry (#5.1.1)", (5, 1, 1)),
        ("sorry, #5.7.1", (5, 7, 1)),
        ("version 5.1.1 is out", None),
        ("10.5.1.1 refused", None),
        ("5.1.1.1 refused", None),
        ("(5.1.2.3) refused", None),
        ("", None),
    ],
)
def test_an_enhanced_code_is_told_from_other_numbers(text: str, code: tuple[int, int, int] | None) -> None:
    assert Reply(550, (text,)).enhanced == code


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\x15\x03\x01\x00\x02\x02\x50\n",
        b"250-one\r\n251 two\r\n",
        b"999 what\r\n",
        b"2500 what\r\n",
        b"250-" + b"x" * (LINE_LIMIT + 1) + b"\r\n",
        b"x" * 100_000,
        b"250-more\r\n" * (LINES_LIMIT + 1),
    ],
)
def test_what_is_no_reply_or_has_no_end_is_garbled(data: bytes) -> None:
    with pytest.raises(Garbled):
        read(data)


def test_a_connection_that_ends_in_the_middle_is_closed() -> None:
    with pytest.raises(Closed):
        read(b"250-half")


def test_nothing_that_cannot_be_printed_gets_through() -> None:
    assert read(b"250 a\x00b\x1b[31m\xff\r\n").text.isprintable()


def test_a_reply_that_trickles_is_given_up_in_time(pair: tuple[socket.socket, socket.socket]) -> None:
    mine, theirs = pair
    theirs.sendall(b"250-one\r\n250-tw")
    with pytest.raises(TimeoutError):
        Wire(mine, 0.05).reply()


def test_a_command_of_two_lines_is_never_sent(pair: tuple[socket.socket, socket.socket]) -> None:
    mine, theirs = pair
    with pytest.raises(ValueError, match="one line"):
        Wire(mine, 1).exchange("RCPT TO:<a@b>\r\nDATA")
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)


@given(st.binary(max_size=3000))
def test_any_bytes_are_a_reply_or_garbled_or_closed(data: bytes) -> None:
    try:
        found = read(data)
    except (Garbled, Closed):
        return
    assert 200 <= found.code < 600
    assert all(line.isprintable() for line in found.lines)
