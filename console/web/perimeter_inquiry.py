"""What the HTTP door does about an address that nobody has, where discovery is on: noted, and waited for."""

import threading
import time

from flask import Flask, current_app

from console.core.address import Address, key
from console.core.discovery import to_ask
from console.core.recipient import Mode, Verdict
from console.doorbell import Doorbell
from console.models import Domain
from console.settings import Settings
from console.store import arrivals, discovery
from console.store.sightings import Seen

# Requests of a process that wait at the same time: each has a thread of the 32 that answer the pages too.
WAITING = 8
LOOK_SECONDS = 0.1


class Inquiry:
    """For all threads of a process. The answers of the domain's server are found in the database."""

    def __init__(self, app: Flask) -> None:
        self._doorbell = Doorbell(app.extensions["redis"])
        self._room = threading.BoundedSemaphore(WAITING)

    def __call__(self, domain: Domain, address: Address, client: str) -> Verdict | None:
        """What the mail server is told; None where nothing is to be found out.

        Where the domain only monitors nothing is waited for, and what is not known is accepted. Raises DatabaseError.
        """
        mode = Mode(domain.perimeter_mode)
        if mode is Mode.OFF or not discovery.is_on(domain.id):
            return None
        settings: Settings = current_app.extensions["settings"]
        until = time.monotonic() + (settings.perimeter_wait if mode is Mode.ENFORCE else 0)
        domain_id, verdict = domain.id, None
        for asked in to_ask(address, domain.name, plus_tags=domain.plus_tags):
            verdict = self._stands(domain_id, Seen(asked, client=client), settings, until)
            if verdict is not Verdict.REJECT:
                break
        return Verdict.ACCEPT if verdict is Verdict.DEFER and mode is Mode.MONITOR else verdict

    def _stands(self, domain_id: int, seen: Seen, settings: Settings, until: float) -> Verdict:
        a_minute, a_day = settings.discovery_per_minute, settings.discovery_per_day
        noted, has_work = arrivals.note(domain_id, [seen], a_minute=a_minute, a_day=a_day)
        if has_work:
            self._doorbell.ring(domain_id)
        arrival = noted.get(key(seen.address))
        if arrival is None:
            return Verdict.DEFER
        return self._answer(arrival.sighting_id, until) if arrival.soon else arrival.verdict

    def _answer(self, sighting_id: int, until: float) -> Verdict:
        """The answer, if it comes in time and if there is room to wait for it."""
        if not self._room.acquire(blocking=False):
            return Verdict.DEFER
        try:
            while time.monotonic() < until:
                time.sleep(LOOK_SECONDS)
                verdict = arrivals.answers([sighting_id])[sighting_id]
                if verdict is not None:
                    return verdict
            return Verdict.DEFER
        finally:
            self._room.release()
