"""Keeps the memory in step with the database, and writes the report of rejected recipients."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from console.core.rejections import Tally
from console.store import perimeter, rejections
from console.store.perimeter import Kept
from jobs.perimeter.database import Database
from jobs.perimeter.dialect import TroubleError
from jobs.perimeter.memory import ROOM, Memory

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
LOAD_SECONDS = 0.5
REPORT_SECONDS = 2.0
# Users that are read at once, so that the answers in between wait for a few milliseconds at most.
STEP = 2_000
# A list that changes all the time is read anew for a small part of the time only; what is not known is asked for.
REST_AT_LEAST, REST_FACTOR = 5.0, 20.0


class Keeper:
    """Three things that go on beside the answers, each of which outlives a database that is away."""

    def __init__(self, database: Database, memory: Memory, tally: Tally) -> None:
        self._database = database
        self._memory = memory
        self._tally = tally
        self._away = False
        self._rests: dict[int, float] = {}

    async def run(self) -> None:
        """Go on until cancelled."""
        await asyncio.gather(
            _again_and_again(self.look, LOOK_SECONDS),
            _again_and_again(self.load, LOAD_SECONDS),
            _again_and_again(self.report, REPORT_SECONDS),
        )

    async def look(self) -> None:
        """Read the domains: their names, modes, and whether their lists have changed."""
        at = asyncio.get_running_loop().time()
        try:
            self._memory.renew(await self._database.call(perimeter.kept), at)
        except TroubleError as error:
            if not self._away:
                log.warning("the database does not answer (%s): who is not known is deferred", error)
            self._away = True
        else:
            if self._away:
                log.warning("the database answers again")
            self._away = False

    async def load(self) -> None:
        """Read the lists that have changed as a whole, as long as there is room for them."""
        now = asyncio.get_running_loop().time()
        due = [domain for domain in self._memory.outdated if self._rests.get(domain.id, now) <= now]
        if not due:
            return
        try:
            sizes = await self._database.call(perimeter.sizes)
            for domain in due:
                if sum(sizes.values()) <= ROOM or sizes.get(domain.id, 0) + self._memory.size <= ROOM:
                    await self._load(domain)
        except TroubleError as error:
            log.debug("no list was read: %s", error)

    async def _load(self, domain: Kept) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        accepted: dict[str, int] = {}
        after: str | None = ""
        while after is not None:
            step = partial(perimeter.accepted, domain.id, after, STEP)
            keys, after = await self._database.call(step)
            accepted.update(dict.fromkeys(keys, domain.version))
        self._memory.replace(domain, accepted)
        self._rests[domain.id] = loop.time() + max(REST_AT_LEAST, REST_FACTOR * (loop.time() - began))

    async def report(self) -> None:
        """Write what was rejected since the last time; what cannot be written waits for the next time."""
        if not self._tally:
            return
        taken = self._tally.take()
        try:
            await self._database.call(partial(rejections.record, taken))
        except TroubleError:
            self._tally.give_back(taken)


async def _again_and_again(act: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        await act()
        await asyncio.sleep(seconds)
