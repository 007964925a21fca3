"""Ask a domain's own mail servers about addresses: the first that can be asked answers, on one connection for many.

A yes counts only from a server that refused an address that nobody has, a short time ago: from one that accepts every
address it would make a user of every guess.
"""

import time
from dataclasses import replace
from types import TracebackType
from typing import Self

from console.core.address import Address
from console.core.discovery import TEST_HOLDS
from console.models import db, now
from console.settings import Settings
from console.store import discovery, smtp
from jobs.checks import server_for
from jobs.smtp.callout import Callout
from jobs.smtp.check import nobody
from jobs.smtp.server import CalloutError, Server, Step
from jobs.smtp.verdict import Answer, Reason, Verdict, unknown

# A mail server waits for the answer, so less patience than in a check; but Exchange lets each no wait 5 seconds.
CONNECT_SECONDS, RECEIVE_SECONDS = 5.0, 15.0


class EveryAddressError(Exception):
    """A server accepted an address that nobody has: nothing can be learnt from it. `peer` is its name and port."""

    def __init__(self, peer: str) -> None:
        super().__init__(peer)
        self.peer = peer


class Probing:
    """Asks the servers of one domain. Each question is counted, and committed, before it is asked."""

    def __init__(self, domain_id: int, domain: str, settings: Settings) -> None:
        self._domain_id, self._domain = domain_id, domain
        self._servers = [_patient(server_for(row, settings)) for row in smtp.of_domain(domain_id)]
        self._refuted = self._known()
        self._callout: Callout | None = None
        self._trouble: CalloutError | None = None
        db.session.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._callout is not None:
            self._callout.close()

    @property
    def peer(self) -> str:
        """The server that is being asked, by its name and port; empty before the first question."""
        return self._callout.server.peer if self._callout else ""

    @property
    def costs(self) -> int:
        """How many questions the next address may take: before a yes is believed there is one more."""
        return 1 if self._is_trusted(self.peer or (self._servers[0].peer if self._servers else "")) else 2

    def ask(self, address: Address) -> Verdict:
        """What the first server that can be asked says. Raises EveryAddressError, and CalloutError if none can be."""
        found = self._ask(address)
        if found.answer is not Answer.YES:
            return found
        peer = self.peer
        if not self._is_trusted(peer):
            self.test()
        return found if self._is_trusted(peer) else unknown(Reason.NOT_BELIEVED, found.said)

    def test(self) -> Verdict:
        """Ask for an address that nobody has. Raises EveryAddressError, CalloutError."""
        found = self._ask(nobody(self._domain))
        if found.answer is Answer.YES:
            raise EveryAddressError(self.peer)
        if found.answer is Answer.NO:
            self._refuted[self.peer] = time.monotonic()
            discovery.refuted_every_address(self._domain_id, self.peer)
        return found

    def _ask(self, address: Address) -> Verdict:
        discovery.spend(self._domain_id)
        while True:
            callout = self._callout or self._next()
            try:
                return callout.ask(address)
            except CalloutError as error:
                callout.close()
                self._callout, self._trouble = None, self._trouble or error

    def _next(self) -> Callout:
        """The next server in their order. It is not come back to one that could not be asked."""
        if not self._servers:
            raise self._trouble or CalloutError(Step.RESOLVE, "There is no mail server to ask. Add one first.")
        self._callout = Callout(self._servers.pop(0))
        return self._callout

    def _is_trusted(self, peer: str) -> bool:
        at = self._refuted.get(peer)
        return at is not None and time.monotonic() - at < TEST_HOLDS.total_seconds()

    def _known(self) -> dict[str, float]:
        """When which server refused an address that nobody has, as far as the database knows."""
        switch = discovery.of_domain(self._domain_id)
        if switch is None or switch.tested_at is None or not switch.tested_peer:
            return {}
        return {switch.tested_peer: time.monotonic() - (now() - switch.tested_at).total_seconds()}


def _patient(server: Server) -> Server:
    return replace(server, connect_timeout=CONNECT_SECONDS, receive_timeout=RECEIVE_SECONDS)
