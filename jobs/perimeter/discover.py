"""What becomes of an address that nobody has, where discovery is on: it is noted, a worker asks the domain's own mail
server for it, and the mail waits for the answer for some seconds."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from console.core.address import Address, key
from console.core.discovery import to_ask
from console.core.recipient import Mode, Verdict
from console.store import arrivals
from console.store.arrivals import Arrival
from console.store.perimeter import Kept
from console.store.sightings import Seen
from jobs.perimeter.database import Database
from jobs.perimeter.dialect import Question, TroubleError
from jobs.perimeter.questions import Questions

# Whose mail waits at the same time. A mail server has a process for each, by default 100, and who is on the list needs
# one too.
WAITING = 200
# Addresses that wait to be written down, those that are written together, and seconds between two writings: who is on
# the list should hardly notice a flood, and who is not is in no hurry.
UNWRITTEN, TOGETHER, REST_SECONDS = 1_000, 20, 0.01
LOOK_SECONDS = 0.1
# For so long no room is looked for after there was none: in a flood it would be looked for all the time.
FULL_SECONDS = 1.0

Name = tuple[int, str]
"""A domain's id and the key of an address."""


@dataclass
class _Awaited:
    """A sighting whose answer some mail waits for."""

    sighting_id: int
    by: set[asyncio.Future[Verdict]] = field(default_factory=set)


class Inquiry:
    """`ring` calls a worker, and must not wait. `wait`: seconds that mail may wait for the answer of one.

    The answers are found in the database, where the worker writes them: all that is waited for in one statement, some
    ten times a second. A worker asks for `a_minute` and `a_day` addresses of a domain.
    """

    def __init__(
        self, database: Database, ring: Callable[[int], None], *, wait: float, a_minute: int, a_day: int
    ) -> None:
        self._database = database
        self._ring = ring
        self._wait = wait
        self._a_minute, self._a_day = a_minute, a_day
        self._notes = Questions[tuple[int, Seen], Mapping[Name, Arrival]](
            self._noted, waiting=UNWRITTEN, together=TOGETHER, rest=REST_SECONDS
        )
        self._full_until: dict[int, float] = {}
        self._awaited: dict[Name, _Awaited] = {}
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self, domain: Kept, address: Address, question: Question) -> Verdict:
        """What the mail server is told. Nothing is waited for where the domain only monitors.

        Raises TroubleError when the database does not answer.
        """
        until = asyncio.get_running_loop().time() + (self._wait if domain.mode is Mode.ENFORCE else 0)
        verdict = Verdict.REJECT
        for asked in to_ask(address, domain.name, plus_tags=domain.plus_tags):
            verdict = await self._stands(domain.id, Seen(asked, question.sender, question.client), until)
            if verdict is not Verdict.REJECT:
                break
        return verdict

    def close(self) -> None:
        """Write nothing more, and look for no further answers."""
        self._notes.close()
        if self._looking is not None:
            self._looking.cancel()

    async def _stands(self, domain_id: int, seen: Seen, until: float) -> Verdict:
        name = domain_id, key(seen.address)
        awaited = self._awaited.get(name)
        if awaited is not None:
            # The same mail, asked about again, or more mail for somebody whose name is being found out.
            return await self._answer(name, awaited.sighting_id, until)
        if self._notes.full:
            return Verdict.DEFER
        arrival = (await self._notes(((domain_id, seen),))).get(name)
        if arrival is None:
            return Verdict.DEFER
        return await self._answer(name, arrival.sighting_id, until) if arrival.soon else arrival.verdict

    async def _noted(self, items: Sequence[tuple[int, Seen]]) -> Mapping[Name, Arrival]:
        return await self._database.call(partial(self._note, items))

    def _note(self, items: Sequence[tuple[int, Seen]]) -> Mapping[Name, Arrival]:
        found: dict[Name, Arrival] = {}
        for domain_id in dict.fromkeys(domain_id for domain_id, _ in items):
            seen = [item for of, item in items if of == domain_id]
            full = time.monotonic() < self._full_until.get(domain_id, 0)
            noted, has_work = arrivals.note(domain_id, seen, a_minute=self._a_minute, a_day=self._a_day, full=full)
            if not full and any(key(item.address) not in noted for item in seen):
                self._full_until[domain_id] = time.monotonic() + FULL_SECONDS
            found.update({(domain_id, name): arrival for name, arrival in noted.items()})
            if has_work:
                self._ring(domain_id)
        return found

    async def _answer(self, name: Name, sighting_id: int, until: float) -> Verdict:
        left = until - asyncio.get_running_loop().time()
        if left <= 0 or sum(len(awaited.by) for awaited in self._awaited.values()) >= WAITING:
            return Verdict.DEFER
        awaited = self._awaited.setdefault(name, _Awaited(sighting_id))
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        awaited.by.add(answer)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(left):
                return await answer
        except TimeoutError:
            return Verdict.DEFER
        finally:
            awaited.by.discard(answer)
            if not awaited.by and self._awaited.get(name) is awaited:
                del self._awaited[name]

    async def _look(self) -> None:
        """Tell whoever waits, until nobody does. With the database away they wait in vain, and the mail comes again."""
        try:
            while self._awaited:
                await asyncio.sleep(LOOK_SECONDS)
                ids = [awaited.sighting_id for awaited in self._awaited.values()]
                try:
                    answers = await self._database.call(partial(arrivals.answers, ids))
                except TroubleError:
                    continue
                for name, awaited in list(self._awaited.items()):
                    verdict = answers.get(awaited.sighting_id)
                    if verdict is not None:
                        self._tell(name, awaited, verdict)
        finally:
            self._looking = None

    def _tell(self, name: Name, awaited: _Awaited, verdict: Verdict) -> None:
        del self._awaited[name]
        for answer in awaited.by:
            if not answer.done():
                answer.set_result(verdict)
