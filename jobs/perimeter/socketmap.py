"""Postfix socketmap: each question and each answer is a netstring, `14:users ada@x.org,` and `14:OK ada@x.org  ,`.

Source: socketmap_table(5) of Postfix. A question is the name of a map and a key. Postfix asks for the whole address
first, then for parts of it (`@domain`, a local part alone); those are in no list of recipients.
"""

import re
from collections.abc import Iterator

from console.core.recipient import TROUBLE, Decision, Verdict
from jobs.perimeter.dialect import ProtocolError, Question

# An address has at most 254 characters; Postfix does not ask for what is longer than a line of SMTP.
LIMIT = 4 * 1024
_LENGTH = re.compile(rb"(0|[1-9][0-9]{0,3}):")
_DIGITS = re.compile(rb"[0-9]{0,4}")


def netstring(data: bytes) -> bytes:
    return b"%d:%b," % (len(data), data)


NOT_FOUND = netstring(b"NOTFOUND ")
TEMP = netstring(f"TEMP {TROUBLE}".encode())


class Socketmap:
    """The socketmap protocol on one connection. In trouble it says so, and Postfix defers the mail."""

    trouble = TEMP
    # Postfix itself closes a connection after 10 seconds without a question.
    idle = 120.0

    def __init__(self) -> None:
        self._rest = b""

    @property
    def halfway(self) -> bool:
        return bool(self._rest)

    def feed(self, data: bytes) -> Iterator[Question]:
        rest, start = self._rest + data, 0
        while found := _LENGTH.match(rest, start):
            end = found.end() + int(found[1])
            if int(found[1]) > LIMIT:
                raise ProtocolError("a question that is too long")
            if len(rest) <= end:
                break
            if rest[end : end + 1] != b",":
                raise ProtocolError("no netstring")
            yield _question(rest[found.end() : end])
            start = end + 1
        self._rest = rest[start:]
        if not found and not _DIGITS.fullmatch(self._rest):
            raise ProtocolError("no netstring")

    def answer(self, question: Question, decision: Decision | None) -> bytes:
        if decision is None or decision.verdict in (Verdict.REJECT, Verdict.NOT_OURS):
            return NOT_FOUND
        if decision.verdict is Verdict.DEFER:
            return TEMP
        return netstring(f"OK {question.recipient}".encode())


def _question(data: bytes) -> Question:
    """The key is all after the first space: it may hold further ones."""
    name, space, key = data.partition(b" ")
    if not name or not space:
        raise ProtocolError("a question without the name of a map")
    recipient = key.decode("utf-8", "replace")
    return Question(recipient if recipient.rpartition("@")[0] else "")
