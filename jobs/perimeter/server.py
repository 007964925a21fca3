"""The doors of the perimeter on one event loop."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from jobs.perimeter.connection import Connection, Decider
from jobs.perimeter.dialect import Dialect

log = logging.getLogger(__name__)

# Of all doors together. A Postfix has as many as it has processes that receive mail, by default up to 100.
CONNECTIONS = 1_000
LOOK_SECONDS = 2.0
LET_IN_LATER = 128


@dataclass(frozen=True)
class Door:
    """Where one of the protocols is spoken. Port 0 is any that is free."""

    name: str
    listen: tuple[str, int]
    dialect: Callable[[], Dialect]


class Server:
    """Answers on all its doors from `open` until `close`."""

    def __init__(self, decider: Decider, *, limit: int = CONNECTIONS) -> None:
        self._decider = decider
        self._limit = limit
        self._connections: set[Connection] = set()
        self._listening: list[asyncio.Server] = []

    async def open(self, doors: list[Door]) -> list[int]:
        """Listen; the ports. Raises OSError, with nothing listening, where that is not possible."""
        loop = asyncio.get_running_loop()
        try:
            for door in doors:
                host, port = door.listen
                made = await loop.create_server(partial(self._connection, door), host, port, backlog=LET_IN_LATER)
                self._listening.append(made)
        except OSError:
            await self.close(0)
            raise
        return [server.sockets[0].getsockname()[1] for server in self._listening]

    async def look_around(self) -> None:
        """Disconnect who does not use a connection, until cancelled."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now = asyncio.get_running_loop().time()
            for connection in list(self._connections):
                connection.look(now)

    async def close(self, seconds: float) -> None:
        """Let nobody in any more, answer what was asked, and leave; after some seconds without the last answers."""
        for server in self._listening:
            server.close()
        for connection in list(self._connections):
            connection.end()
        deadline = asyncio.get_running_loop().time() + seconds
        while self._connections and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        for connection in list(self._connections):
            connection.abort()

    @property
    def connections(self) -> int:
        return len(self._connections)

    def _connection(self, door: Door) -> Connection:
        return Connection(self._decider, door.dialect(), self._connections, self._limit)
