"""How ldap3's answers are read: from a socket that is open already, against a clock, with entries kept raw.

ldap3 has strategies for this (synchronous, asynchronous, restartable ...); its own synchronous one starts the receive
timeout anew with each byte, keeps all entries of an answer, and decodes each value three times.
"""

import re
import socket
from collections.abc import Callable
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPExceptionError
from ldap3.strategy.base import RESPONSE_COMPLETE
from ldap3.strategy.sync import SyncStrategy
from ldap3.utils.asn1 import decode_message_fast

from jobs.sources.ldap import wire

Attributes = dict[str, list[bytes]]

# The parts of every Active Directory that a search from its root leaves out and refers to: settings and name service.
_NO_PEOPLE = re.compile(rb"/(CN=Configuration|DC=(Domain|Forest)DnsZones),", re.IGNORECASE)

_DISCONNECTION = "1.3.6.1.4.1.1466.20036"  # RFC 4511 section 4.4.1


def raw(dn: bytes, attributes: Attributes) -> tuple[bytes, Attributes]:
    return dn, attributes


class RawStrategy(SyncStrategy):
    """Entries go through `convert` as they arrive, while the server is still working on those that follow.

    Where ldap3 would raise its own errors of the socket, wire.Closed, wire.Garbled and plain OSErrors come through.
    """

    def __init__(self, connection: ldap3.Connection, plain: socket.socket, timeout: float) -> None:
        super().__init__(connection)
        self.convert: Callable[[bytes, Attributes], object] = raw
        self.entries: list[Any] = []
        self.references = 0
        self._outstanding: dict[int, Any] = {}
        self.use(plain, timeout)

    def use(self, opened: socket.socket, timeout: float) -> None:
        self.stream = wire.Stream(opened, timeout)
        self.connection.socket = opened

    def _get_response(self, message_id: int, timeout: float) -> list[Any]:  # noqa: ARG002  # ldap3's signature
        """The result of one answer, then the marker that ldap3 wants; the entries are kept aside."""
        self.entries, self.references = [], 0
        while True:
            message = self.stream.next()
            number, operation, at = wire.envelope(message)
            if number == message_id and operation == wire.ENTRY:
                self.entries.append(self.convert(*wire.entry(message, at)))
            elif number == message_id and operation == wire.REFERENCE:
                self.references += not _NO_PEOPLE.search(message)
            elif answer := self._answer(message, number, message_id):
                return [answer, RESPONSE_COMPLETE]

    def _answer(self, message: bytes, number: int, message_id: int) -> dict[str, Any] | None:
        """The result that ends the answer, or None for a message that does not. Raises Closed or Garbled."""
        try:
            decoded = decode_message_fast(message)
            answer: dict[str, Any] = self.decode_response_fast(decoded)  # type: ignore[no-untyped-call]  # of its stubs
        except (LDAPExceptionError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise wire.Garbled(f"{type(error).__name__}: {error}") from None
        if number == 0:  # Unsolicited: only the notice that the server is about to leave matters.
            if answer.get("responseName") == _DISCONNECTION:
                raise wire.Closed(f"the server is leaving: {answer['description']} {answer['message']}")
            return None
        if number != message_id:
            raise wire.Garbled(f"an answer to question {number}, where {message_id} was asked")
        return None if answer["type"] == "intermediateResponse" else answer
