"""What the two protocols of the perimeter have in common: questions come in, each gets one answer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from console.core.recipient import Asked, Decision, read


class ProtocolError(ValueError):
    """Bytes that are no question: the connection is closed, since where the next one begins is not known."""


class TroubleError(Exception):
    """The decision cannot be made now. No mail is rejected because of it."""


@dataclass(frozen=True)
class Question:
    """Whether mail for a recipient is accepted. `sender` and `client` are for the report and may be empty.

    Without a recipient it is about something else, and everything is fine.
    """

    recipient: str
    sender: str = ""
    client: str = ""

    @cached_property
    def asked(self) -> Asked:
        """The recipient as the rules see it."""
        return read(self.recipient)


class Dialect(Protocol):
    """One connection's protocol: it keeps what was read of a question that is not complete."""

    @property
    def trouble(self) -> bytes | None:
        """What is answered in trouble of our own; None to disconnect without an answer."""

    @property
    def idle(self) -> float:
        """Seconds that a client may keep a connection open without asking."""

    @property
    def halfway(self) -> bool:
        """Whether the beginning of a question was read."""

    def feed(self, data: bytes) -> Iterator[Question]:
        """The questions that are complete now. Raises ProtocolError after those before the fault."""

    def answer(self, question: Question, decision: Decision | None) -> bytes:
        """The answer; `decision` is None where the question names no recipient."""
