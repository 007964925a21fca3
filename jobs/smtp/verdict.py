"""What a reply to RCPT TO says about the recipient: yes, no, or nothing.

A wrong no rejects mail to somebody who exists, and a wrong yes is a bill, so a doubt is neither: the sender's server
tries again and the address is asked for later. Codes are those of RFC 5321 and RFC 3463.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from jobs.smtp.wire import Reply


class Answer(StrEnum):
    """Whether the server accepts the recipient."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why the answer is what it is."""

    ACCEPTED = "accepted"
    NO_SUCH_ADDRESS = "no_such_address"
    BLOCKED = "blocked"
    LATER = "later"
    TOO_MANY = "too_many"
    ENCRYPTION = "encryption"
    SIGN_IN = "sign_in"
    UTF8 = "utf8"
    TIMEOUT = "timeout"
    CLOSED = "closed"
    NOT_BELIEVED = "not_believed"
    OTHER = "other"


SENTENCES = {
    Reason.ACCEPTED: "It accepts this address.",
    Reason.NO_SUCH_ADDRESS: "It refuses this address: nobody has it there.",
    Reason.BLOCKED: "It refuses to deal with this machine, which says nothing about the address.",
    Reason.LATER: "It puts off its answer, which says nothing about the address.",
    Reason.TOO_MANY: "It has been asked too much for now, which says nothing about the address.",
    Reason.ENCRYPTION: "It wants the connection to be encrypted before it answers.",
    Reason.SIGN_IN: "It wants somebody to sign in before it answers: this port is not for incoming mail.",
    Reason.UTF8: "It does not take addresses with letters beyond a to z before the @ (SMTPUTF8).",
    Reason.TIMEOUT: "It did not answer in time.",
    Reason.CLOSED: "It ended the connection before it answered.",
    Reason.NOT_BELIEVED: "It accepts this address, but does not say clearly whether it accepts every address.",
    Reason.OTHER: "Its answer says neither yes nor no.",
}

_YES = frozenset({250, 251})
_NO = frozenset({550, 551, 553})
# X.1.7 and X.1.8 are about the sender's address.
_SENDER = frozenset({7, 8})
_TOO_MANY = frozenset({(4, 5, 3), (5, 5, 3)})
# Exchange Online, where the domain is authoritative there and nobody has the address.
_EDGE_BLOCKING = re.compile(r"recipient address rejected", re.IGNORECASE)
# Without an enhanced code only the text tells a refusal of the recipient from one of whoever asks.
_OF_US = re.compile(
    r"block(?:ed|list)|black\s?list|\bdnsbl\b|\brbl\b|spam|reputation|polic(?:y|ies)|relay|denied|prohibited"
    r"|authenticat|reverse dns|\bptr\b|\bhelo\b|\bsender\b|try again|too many",
    re.IGNORECASE,
)
_OF_RECIPIENT = re.compile(
    r"unknown (?:user|recipient|address)|(?:user|recipient|mailbox|address) (?:is )?unknown|no such|not exist|n't exist"
    r"|invalid (?:recipient|mailbox|user)|no mailbox|unavailable",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with its reason, and the server's own words."""

    answer: Answer
    reason: Reason
    said: str = ""

    @property
    def sentence(self) -> str:
        return SENTENCES[self.reason]


def verdict(reply: Reply) -> Verdict:
    """What the reply to RCPT TO says."""
    answer, reason = _decide(reply)
    return Verdict(answer, reason, str(reply))


def unknown(reason: Reason, said: str = "") -> Verdict:
    """Nothing is known, and this is why."""
    return Verdict(Answer.UNKNOWN, reason, said)


def _decide(reply: Reply) -> tuple[Answer, Reason]:
    if reply.code in _YES:
        return Answer.YES, Reason.ACCEPTED
    if reply.code in _NO and _is_no(reply):
        return Answer.NO, Reason.NO_SUCH_ADDRESS
    return Answer.UNKNOWN, refusal(reply)


def _is_no(reply: Reply) -> bool:
    if reply.enhanced is None:
        return bool(_OF_RECIPIENT.search(reply.text)) or not _OF_US.search(reply.text)
    status, subject, detail = reply.enhanced
    if (status, subject, detail) == (5, 4, 1):
        return reply.code == 550 and bool(_EDGE_BLOCKING.search(reply.text))
    return (status, subject) == (5, 1) and detail not in _SENDER


def refusal(reply: Reply) -> Reason:
    """Why a server did not do what it was asked, where that is not about a recipient."""
    status, subject, detail = reply.enhanced or (0, 0, 0)
    if (status, subject, detail) in _TOO_MANY:
        return Reason.TOO_MANY
    if reply.code == 530 or (subject, detail) in {(7, 10), (7, 11)}:
        return Reason.ENCRYPTION if re.search("tls|encrypt", reply.text, re.IGNORECASE) else Reason.SIGN_IN
    if reply.code < 500:
        return Reason.LATER if reply.code >= 400 else Reason.OTHER
    if subject == 7 or (reply.enhanced is None and _OF_US.search(reply.text)):
        return Reason.BLOCKED
    return Reason.OTHER
