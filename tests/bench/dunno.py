"""A policy server in asyncio that reads requests and always answers DUNNO: what the perimeter is measured against.

Its one argument is the port on loopback.
"""

import asyncio
import sys
from typing import cast

from tests.servers.ports import LOOPBACK


class Dunno(asyncio.Protocol):
    """Answers each request as it comes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._rest = b""

    def data_received(self, data: bytes) -> None:
        *requests, self._rest = (self._rest + data).split(b"\n\n")
        for request in requests:
            dict(line.split(b"=", 1) for line in request.split(b"\n"))
            self._transport.write(b"action=DUNNO\n\n")


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Dunno, LOOPBACK, port)
    await server.serve_forever()


def main() -> None:
    asyncio.run(serve(int(sys.argv[1])))


if __name__ == "__main__":
    main()
