"""Ask about each address of a list, and show the verdicts where the pages look as they come."""

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from redis import Redis

from console import live
from console.core.address import Address, display, key
from console.core.errors import RefusedError
from console.core.person import Person, Reject
from console.models import Run, db
from console.settings import Settings
from console.store import discovery, roster, smtp
from jobs.discovery import OF_US
from jobs.interrupt import Cancelled
from jobs.probing import EveryAddressError, Probing
from jobs.smtp.server import CalloutError
from jobs.smtp.verdict import Answer, Verdict

# Verdicts that the page shows, newest last.
SHOWN = 100
CHUNK = 5_000
NOTE_SECONDS, LOOK_SECONDS = 0.3, 0.5
# A server that is started anew is back after some seconds; one that is silent this often in a row is left alone.
TRIES, TRY_SECONDS = 3, 5.0
SILENT = 3
EVERY = (
    "{0}, accepts every address, also one that nobody has, so nobody can learn from it who exists. Nothing was added. "
    "The page Inbound SMTP says what to change on the server."
)
UNCLEAR = "{0}, was asked about an address that nobody has. {1} Until it refuses such an address, no answer counts."
LISTED = "{0} is on the list already."
NOT_ASKED = "It was not asked about. {0}"
DAY = "As many addresses as a day allows were asked about already: try again tomorrow."


class Asking:
    """The addresses of a list on their way to verdicts. Each ends in `yes`, with the server's words, or in `skips`."""

    def __init__(self, run: Run, name: str, wanted: Sequence[Address], redis: Redis, settings: Settings) -> None:
        self.yes: list[Person] = []
        self.skips: list[Reject] = []
        self.total = len(wanted)
        self._run_id, self._domain_id, self._domain, self._name = run.id, run.domain_id, run.domain.name, name
        self._redis, self._settings = redis, settings
        self._counts = dict.fromkeys(("asked", "yes", "no", "unknown", "listed"), 0)
        self._last: deque[dict[str, str]] = deque(maxlen=SHOWN)
        self._stage, self._noted = "", 0.0
        self._silent = 0
        self._left = deque(self._unlisted(wanted))

    def ask_all(self) -> None:
        """Raises RefusedError when no answer would count, and Cancelled."""
        for number in range(1, TRIES + 1):
            try:
                with Probing(self._domain_id, self._domain, self._settings) as probing:
                    self._ask(probing)
            except EveryAddressError as error:
                raise RefusedError(EVERY.format(error.peer)) from None
            except CalloutError as error:
                if not self._counts["asked"]:
                    raise RefusedError(error.sentence) from None
                if number == TRIES:
                    self._skip_rest(error.sentence)
                else:
                    self._pause(TRY_SECONDS)
            if not self._left:
                break
        self.note("asked")

    def note(self, stage: str) -> None:
        """Tell the pages how far it has come. Raises Cancelled when a person asked for it."""
        if stage == self._stage and time.monotonic() - self._noted < NOTE_SECONDS:
            return
        self._stage, self._noted = stage, time.monotonic()
        trial: dict[str, Any] = {**self._counts, "total": self.total, "last": list(self._last)}
        done = self.total - len(self._left)
        going_on = smtp.note(self._run_id, trial, stage, done=done, total=self.total)
        live.tick(self._redis, self._run_id, self._domain_id)
        if not going_on:
            raise Cancelled

    def _unlisted(self, wanted: Sequence[Address]) -> Sequence[Address]:
        left: list[Address] = []
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            listed = {key(held) for user in roster.holding(chunk) for held in user.addresses}
            left += [address for address in chunk if key(address) not in listed]
            known = [address for address in chunk if key(address) in listed]
            self.skips += [Reject(self._name, address, LISTED.format(display(address))) for address in known]
            self._counts["listed"] += len(known)
        db.session.commit()
        return left

    def _ask(self, probing: Probing) -> None:
        """Begins with an address that nobody has, since no answer counts from a server that accepts it."""
        if self._left and not self._counts["asked"] and self._waits_for_room(probing):
            found = probing.test()
            if found.answer is not Answer.NO:
                raise RefusedError(UNCLEAR.format(probing.peer, found.sentence))
        while self._left:
            if not self._waits_for_room(probing):
                self._skip_rest(DAY)
                return
            verdict = probing.ask(self._left[0])
            self._keep(self._left.popleft(), probing.peer, verdict)
            self._silent = self._silent + 1 if verdict.reason in OF_US else 0
            if self._silent == SILENT:
                self._skip_rest(verdict.sentence)

    def _waits_for_room(self, probing: Probing) -> bool:
        """Wait until one more address may be asked about in this minute. False when the day allows none."""
        while True:
            minute, day = self._bounds()
            if discovery.room(self._domain_id, minute, day) >= min(probing.costs, minute):
                self.note("asking")
                return True
            if discovery.room(self._domain_id, day, day) < min(probing.costs, day):
                return False
            self.note("waiting for the next minute")
            time.sleep(LOOK_SECONDS)

    def _bounds(self) -> tuple[int, int]:
        """How many addresses may be asked about in a minute and a day. Half of them are for mail while it may come."""
        minute, day = self._settings.discovery_per_minute, self._settings.discovery_per_day
        if not discovery.is_on(self._domain_id):
            return minute, day
        return max(1, minute // 2), max(1, day // 2)

    def _keep(self, address: Address, peer: str, verdict: Verdict) -> None:
        self._counts["asked"] += 1
        self._counts[verdict.answer.value] += 1
        said = verdict.said or verdict.sentence
        self._last.append({"address": address, "answer": verdict.answer.value, "said": said})
        if verdict.answer is Answer.YES:
            self.yes.append(Person(verdict.said, address))
        else:
            self.skips.append(Reject(self._name, address, f"{peer}, was asked. {verdict.sentence}"))

    def _skip_rest(self, why: str) -> None:
        self.skips += [Reject(self._name, address, NOT_ASKED.format(why)) for address in self._left]
        self._left.clear()

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.note("waiting for the mail server")
            time.sleep(LOOK_SECONDS)
