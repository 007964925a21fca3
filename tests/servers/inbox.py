"""An SMTP server that takes messages and keeps them: the customer's own mail server, behind the perimeter."""

import socket
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.servers.ports import LOOPBACK


class Inbox:
    """Runs in a thread of its own. `recipients` are those of all messages, in the order of their coming.

    `known` are the local parts of its people, who may be more later, in whatever domain and with whatever tag; None is
    for a server that takes mail for everybody.
    """

    def __init__(self, known: set[str] | None = None) -> None:
        self.known = known
        self.recipients: list[str] = []
        with socket.socket() as free:
            free.bind((LOOPBACK, 0))
            self.port: int = free.getsockname()[1]
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port, enable_SMTPUTF8=True)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: ARG002
        local = address.rpartition("@")[0].partition("+")[0].lower()
        if self.known is not None and local not in self.known:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002 - aiosmtpd's signature
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
