"""LDAP messages as bytes (RFC 4511 section 4.1.1, BER): framing them, and decoding search results fast.

ldap3 decodes each value of an entry three times (BER, raw, text) into dictionaries of its own; for a hundred thousand
entries that is most of the time of a sync. Only raw values are needed here.
"""

import socket
import time

ENTRY = 0x64  # [APPLICATION 4] SearchResultEntry
REFERENCE = 0x73  # [APPLICATION 19] SearchResultReference
_INTEGER, _SEQUENCE = 0x02, 0x30
_TLS_ALERT = 0x15

# No message that was asked for comes near this; what does is not LDAP.
_LIMIT = 64 * 1024 * 1024
_CHUNK = 256 * 1024

_NAMES: dict[bytes, str] = {}
_NAMES_LIMIT = 1024


class Garbled(Exception):
    """What came is not LDAP."""


class TlsAlert(Garbled):
    """What came is TLS, on a connection that is not encrypted."""


class Closed(Exception):
    """The server ended the connection."""


class Stream:
    """The messages that arrive on a socket.

    Each message must be complete within `timeout` seconds, however slowly its bytes trickle in. `begun` tells whether
    anything has arrived at all.
    """

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self._data = b""
        self._at = 0
        self.begun = False

    def next(self) -> bytes:
        """The next message, whole. Raises TimeoutError, Closed, Garbled, or the OSError of the socket."""
        stop = _end(self._data, self._at)
        if stop is None or stop > len(self._data):
            stop = self._fill(time.monotonic() + self._timeout)
            self._connection.settimeout(self._timeout)  # for what is sent next
        message, self._at = self._data[self._at : stop], stop
        return message

    def _fill(self, deadline: float) -> int:
        """Receive at least one whole message to the front of the buffer; where it ends."""
        self._data, self._at = self._data[self._at :], 0
        while (stop := _end(self._data, 0)) is None:
            self._data += self._receive(1, deadline)
        if stop > len(self._data):
            self._data += self._receive(stop - len(self._data), deadline)
        return stop

    def _receive(self, missing: int, deadline: float) -> bytes:
        """At least so many bytes more."""
        chunks = []
        while missing > 0:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("a message did not come to its end in time")
            self._connection.settimeout(left)
            chunk = self._connection.recv(_CHUNK)
            if not chunk:
                raise Closed("the server closed the connection")
            self.begun = True
            chunks.append(chunk)
            missing -= len(chunk)
        return b"".join(chunks)


def _end(data: bytes, at: int) -> int | None:
    """Where the message that begins at `at` ends, or None while its header is not all there."""
    if at >= len(data):
        return None
    if data[at] != _SEQUENCE:
        raise (TlsAlert if data[at] == _TLS_ALERT else Garbled)(f"a message begins with {data[at : at + 16].hex()}")
    if at + 1 >= len(data):
        return None
    length = data[at + 1]
    if length <= 0x7F:
        return at + 2 + length
    start = at + 2 + (length & 0x7F)
    if not at + 2 < start <= at + 6:
        raise Garbled("the length of a message is not in a form that LDAP allows")
    if start > len(data):
        return None
    length = int.from_bytes(data[at + 2 : start], "big")
    if length > _LIMIT:
        raise Garbled(f"a message says that it has {length} bytes")
    return start + length


def _element(data: bytes, at: int, limit: int) -> tuple[int, int]:
    """Start and stop of the content of the element at `at`; raises Garbled where it does not end by `limit`."""
    length = data[at + 1]
    start = at + 2
    if length > 0x7F:
        start += length & 0x7F
        length = int.from_bytes(data[at + 2 : start], "big")
    stop = start + length
    if stop > limit:
        raise Garbled("an element is longer than what holds it")
    return start, stop


def envelope(message: bytes) -> tuple[int, int, int]:
    """The number of a message, the tag of its operation, and where the operation begins."""
    try:
        start, stop = _element(message, 0, len(message))
        first, at = _element(message, start, stop)
        if message[start] != _INTEGER:
            raise Garbled("a message has no number")
        return int.from_bytes(message[first:at], "big"), message[at], at
    except IndexError:
        raise Garbled("a message ends before its operation") from None


def entry(message: bytes, at: int) -> tuple[bytes, dict[str, list[bytes]]]:
    """The name and the raw attribute values of the SearchResultEntry that begins at `at` of a message."""
    attributes: dict[str, list[bytes]] = {}
    try:
        at, stop = _element(message, at, len(message))
        first, at = _element(message, at, stop)
        dn = message[first:at]
        at, stop = _element(message, at, stop)
        while at < stop:
            at, end = _element(message, at, stop)
            first, at = _element(message, at, end)
            name = message[first:at]
            at, last = _element(message, at, end)
            values = []
            while at < last:
                # Millions of values have short lengths: this is _element without the call.
                first, length = at + 2, message[at + 1]
                if length > 0x7F:
                    first, at = _element(message, at, last)
                else:
                    at = first + length
                values.append(message[first:at])
            if at != last:
                raise Garbled("a value is longer than its attribute")
            attributes[_NAMES.get(name) or _name(name)] = values
            at = end
    except IndexError:
        raise Garbled("an entry ends in the middle") from None
    return dn, attributes


def _name(raw: bytes) -> str:
    """An attribute's name as text; the few that a directory uses are kept, since each entry repeats them."""
    name = raw.decode("utf-8", "replace")
    if len(_NAMES) < _NAMES_LIMIT:
        _NAMES[raw] = name
    return name
