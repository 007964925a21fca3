"""Questions to the database: those that come while one is on its way are asked together, in one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from console.store.perimeter import Held
from jobs.perimeter.dialect import TroubleError

Ask = Callable[[Sequence[str]], Awaitable[Mapping[str, Held]]]

# Few enough that, when their answers come all at once, who is in memory hardly waits for them to be told.
TOGETHER = 10
# Mail servers wait for a few hundred answers at most, since each asks one thing at a time on a connection.
WAITING = 5_000


class Questions:
    """Who has some addresses, by their keys. However many ask, one statement is on its way at a time."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._waiting: dict[asyncio.Future[Mapping[str, Held]], tuple[str, ...]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def __call__(self, keys: tuple[str, ...]) -> Mapping[str, Held]:
        """The holders of the keys, and maybe of others. Raises TroubleError when the database does not answer."""
        if len(self._waiting) >= WAITING:
            raise TroubleError("too many questions wait for the database")
        answer: asyncio.Future[Mapping[str, Held]] = asyncio.get_running_loop().create_future()
        self._waiting[answer] = keys
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        try:
            return await answer
        finally:
            self._waiting.pop(answer, None)

    async def _ask_all(self) -> None:
        try:
            while together := list(self._waiting.items())[:TOGETHER]:
                for answer, _ in together:
                    del self._waiting[answer]
                await self._ask_together(together)
        finally:
            self._asking = None

    async def _ask_together(
        self, together: Sequence[tuple[asyncio.Future[Mapping[str, Held]], tuple[str, ...]]]
    ) -> None:
        keys = list(dict.fromkeys(key for _, keys in together for key in keys))
        try:
            found = await self._ask(keys)
        except TroubleError as error:
            for answer, _ in together:
                if not answer.done():
                    answer.set_exception(TroubleError(str(error)))
        else:
            for answer, _ in together:
                if not answer.done():
                    answer.set_result(found)
