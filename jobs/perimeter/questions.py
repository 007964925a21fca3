"""Questions to the database: those that come while one is on its way are asked together, in one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from jobs.perimeter.dialect import TroubleError

Item = TypeVar("Item")
Found = TypeVar("Found")

# Few enough that, when their answers come all at once, who is in memory hardly waits for them to be told.
TOGETHER = 10
# Mail servers wait for a few hundred answers at most, since each asks one thing at a time on a connection. So many are
# answered within ANSWER_WITHIN, with the rest between statements.
WAITING = 3_000


class Questions(Generic[Item, Found]):
    """`ask` is asked about some items at a time. However many ask, one statement is on its way at a time.

    Between two of them it rests for some seconds, so that more questions come together in the next one.
    """

    def __init__(
        self,
        ask: Callable[[Sequence[Item]], Awaitable[Found]],
        *,
        waiting: int = WAITING,
        together: int = TOGETHER,
        rest: float = 0.0,
    ) -> None:
        self._ask = ask
        self._limit = waiting
        self._together = together
        self._rest = rest
        self._waiting: dict[asyncio.Future[Found], tuple[Item, ...]] = {}
        self._asking: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        """Whether so many questions wait that another one would be trouble."""
        return len(self._waiting) >= self._limit

    async def __call__(self, items: tuple[Item, ...]) -> Found:
        """What is found about the items, and maybe about others. Raises TroubleError when the database is away."""
        if self.full:
            raise TroubleError("too many questions wait for the database")
        answer: asyncio.Future[Found] = asyncio.get_running_loop().create_future()
        self._waiting[answer] = items
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        try:
            return await answer
        finally:
            self._waiting.pop(answer, None)

    def close(self) -> None:
        """Ask nothing more: whoever still waits has gone away."""
        if self._asking is not None:
            self._asking.cancel()

    async def _ask_all(self) -> None:
        try:
            while together := list(self._waiting.items())[: self._together]:
                for answer, _ in together:
                    del self._waiting[answer]
                await self._ask_together(together)
                if self._rest:
                    await asyncio.sleep(self._rest)
        finally:
            self._asking = None

    async def _ask_together(self, together: Sequence[tuple[asyncio.Future[Found], tuple[Item, ...]]]) -> None:
        items = [item for _, asked in together for item in asked]
        try:
            found = await self._ask(items)
        except TroubleError as error:
            for answer, _ in together:
                if not answer.done():
                    answer.set_exception(TroubleError(str(error)))
        else:
            for answer, _ in together:
                if not answer.done():
                    answer.set_result(found)
