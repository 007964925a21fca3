"""Postfix access policy delegation: lines of name=value, an empty line ends a request, and `action=...` answers it.

Source: SMTPD_POLICY_README of Postfix. Attributes that are not needed are ignored, and a value may hold `=`.
"""

from collections.abc import Iterator

from console.core.recipient import INVALID, Decision, Verdict
from jobs.perimeter.dialect import ProtocolError, Question

# A request of Postfix has some thirty short attributes, of which TLS certificate names may be the longest.
LIMIT = 32 * 1024
END = b"\n\n"
REQUEST = b"\nrequest=smtpd_access_policy\n"

DUNNO = b"action=DUNNO\n\n"
# Postfix puts “<address>: Recipient address rejected:” before the text.
REJECT = f"action=550 5.1.1 {INVALID}\n\n".encode()
DEFER = b"action=450 4.1.1 This recipient is being verified, try again later\n\n"
ACTIONS = {
    Verdict.ACCEPT: DUNNO,
    Verdict.NOT_OURS: DUNNO,
    Verdict.REJECT: REJECT,
    Verdict.DEFER: DEFER,
}


class Policy:
    """The policy protocol on one connection. In trouble it says nothing: Postfix tries again, then defers the mail."""

    trouble = None
    # Postfix itself closes a connection after 300 seconds without a question.
    idle = 600.0

    def __init__(self) -> None:
        self._rest = b""

    @property
    def halfway(self) -> bool:
        return bool(self._rest)

    def feed(self, data: bytes) -> Iterator[Question]:
        rest, start = self._rest + data, 0
        # However the bytes come in, an empty line where a request should begin is a fault.
        while not rest.startswith(b"\n", start) and (end := rest.find(END, start)) >= 0:
            yield _question(rest[start:end])
            start = end + len(END)
        self._rest = rest[start:]
        if len(self._rest) > LIMIT or self._rest.startswith(b"\n"):
            raise ProtocolError("no policy request")

    def answer(self, question: Question, decision: Decision | None) -> bytes:  # noqa: ARG002 - other dialects need it
        return ACTIONS[decision.verdict] if decision is not None else DUNNO


def _question(request: bytes) -> Question:
    lines = b"\n%b\n" % request
    if REQUEST not in lines or len(lines) > LIMIT:
        raise ProtocolError("no policy request")
    return Question(_value(lines, b"\nrecipient="), _value(lines, b"\nsender="), _value(lines, b"\nclient_address="))


def _value(lines: bytes, name: bytes) -> str:
    """The value of the first attribute of this name; empty without one. What is not UTF-8 becomes U+FFFD."""
    begin = lines.find(name)
    if begin < 0:
        return ""
    begin += len(name)
    return lines[begin : lines.index(b"\n", begin)].decode("utf-8", "replace")
