"""The console's own mail relay: an SMTP server that keeps whole messages, and can be told to refuse them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from tests.servers.inbox import Inbox
from tests.servers.ports import LOOPBACK


class Relay(Inbox):
    """Told to refuse, it answers as a filter does that repeats what it does not like."""

    def __init__(self) -> None:
        super().__init__()
        self.mail: list[EmailMessage] = []
        self.refuses = False

    @property
    def url(self) -> str:
        return f"smtp://{LOOPBACK}:{self.port}"

    def reset(self) -> None:
        self.mail.clear()
        self.recipients.clear()
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return f"451 4.7.1 {' '.join(envelope.content.decode().split())[-300:]}"
        self.mail.append(message_from_bytes(envelope.content, policy=default))
        return await super().handle_DATA(server, session, envelope)
