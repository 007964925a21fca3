"""An SMTP server that takes every message and keeps it: the customer's own mail server, behind the perimeter."""

import socket
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller

from tests.servers.ports import LOOPBACK


class Inbox:
    """Runs in a thread of its own. `recipients` are those of all messages, in the order of their coming."""

    def __init__(self) -> None:
        self.recipients: list[str] = []
        with socket.socket() as free:
            free.bind((LOOPBACK, 0))
            self.port: int = free.getsockname()[1]
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port, enable_SMTPUTF8=True)

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
