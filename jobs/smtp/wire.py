"""SMTP on a socket (RFC 5321 section 4.2): one command, one reply, both within bounds.

The standard library's smtplib bounds neither how many lines a reply may have nor how long it may take: a server that
trickles them would keep a worker for ever.
"""

import re
import socket
import time
import unicodedata
from dataclasses import dataclass

# A line may have 512 octets (RFC 5321 section 4.5.3.1.5); servers that write links into their refusals use more.
LINE_LIMIT = 2048
LINES_LIMIT = 100
_CHUNK = 4096

_LINE = re.compile(r"(?P<code>[2-5][0-9]{2})(?P<more>[ -]|$)(?P<text>.*)", re.DOTALL)
# At the beginning by RFC 2034, in brackets at the end as qmail has it: "sorry, no mailbox here by that name. (#5.1.1)".
_ENHANCED = re.compile(r"(?:^\s*|\(#?|#)([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![0-9.])")


class Garbled(Exception):
    """What came is not SMTP."""


class Closed(Exception):
    """The server ended the connection."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said: a code and lines of text without it, which hold nothing that cannot be printed."""

    code: int
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(line for line in self.lines if line)

    @property
    def enhanced(self) -> tuple[int, int, int] | None:
        """The enhanced status code (RFC 3463) of the first line that has one."""
        for line in self.lines:
            if match := _ENHANCED.search(line):
                return int(match[1]), int(match[2]), int(match[3])
        return None

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()


def parse_line(raw: bytes) -> tuple[int, bool, str]:
    """The code of a line, whether it is the last one of its reply, and its text. Raises Garbled."""
    text = raw.decode("utf-8", "replace").rstrip("\r")
    match = _LINE.fullmatch(text)
    if match is None:
        raise Garbled(f"a line of the reply is “{_printable(text[:80])}”")
    return int(match["code"]), match["more"] != "-", _printable(match["text"].strip())


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


class Wire:
    """The commands and replies on a connection. Each reply must be complete within `timeout` seconds.

    Raises Garbled, Closed, and the OSError of the socket, TimeoutError among them.
    """

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self.connection = connection
        self.timeout = timeout
        self._data = b""

    def exchange(self, command: str) -> Reply:
        """Send a command and wait for what comes back."""
        # Joiners are no printable characters, and belong to the spelling of some addresses.
        if any(unicodedata.category(character) == "Cc" for character in command):
            raise ValueError("a command has one line")
        self.connection.settimeout(self.timeout)
        self.connection.sendall(f"{command}\r\n".encode())
        return self.reply()

    def reply(self) -> Reply:
        """The next reply, whole."""
        deadline = time.monotonic() + self.timeout
        code, last, text = parse_line(self._line(deadline))
        lines = [text]
        while not last:
            if len(lines) == LINES_LIMIT:
                raise Garbled(f"a reply has more than {LINES_LIMIT} lines")
            found, last, text = parse_line(self._line(deadline))
            if found != code:
                raise Garbled(f"a reply begins with {code} and goes on with {found}")
            lines.append(text)
        return Reply(code, tuple(lines))

    @property
    def unread(self) -> bool:
        """Whether something has arrived that no command asked for."""
        return bool(self._data)

    def _line(self, deadline: float) -> bytes:
        while (end := self._data.find(b"\n")) < 0:
            if len(self._data) > LINE_LIMIT:
                raise Garbled(f"a line of the reply has more than {LINE_LIMIT} characters")
            self._data += self._receive(deadline)
        if end > LINE_LIMIT:
            raise Garbled(f"a line of the reply has more than {LINE_LIMIT} characters")
        line, self._data = self._data[:end], self._data[end + 1 :]
        return line

    def _receive(self, deadline: float) -> bytes:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("a reply did not come to its end in time")
        self.connection.settimeout(left)
        chunk = self.connection.recv(_CHUNK)
        if not chunk:
            raise Closed("the server closed the connection")
        return chunk
