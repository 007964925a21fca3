"""Mail servers that ask a policy server as fast as it answers, each one thing at a time on its own connection.

As a program it is a dictionary attack: a port, a domain, how many random addresses, and on how many connections.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import cast

from tests.servers.ports import LOOPBACK

CONNECTIONS = 50
# What a Postfix 3.7 sends.
REQUEST = """\
request=smtpd_access_policy
protocol_state=RCPT
protocol_name=ESMTP
client_address=192.0.2.7
client_name=mail.sender.example
client_port=53012
reverse_client_name=mail.sender.example
server_address=192.0.2.1
server_port=25
helo_name=mail.sender.example
sender=somebody@sender.example
recipient={}
recipient_count=0
queue_id=
instance=924.6b058b16.16f1.0
size=21304
etrn_domain=
stress=
sasl_method=
sasl_username=
sasl_sender=
ccert_subject=
ccert_issuer=
ccert_fingerprint=
ccert_pubkey_fingerprint=
encryption_protocol=TLSv1.3
encryption_cipher=TLS_AES_256_GCM_SHA384
encryption_keysize=256
policy_context=

"""


@dataclass
class Load:
    """What was measured: seconds for all of it, seconds for each answer, and how often each answer came."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    answers: dict[bytes, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def percentile(self, percent: float) -> float:
        """Seconds within which this part of the answers came."""
        return sorted(self.waits)[int(len(self.waits) * percent / 100)]


class _MailServer(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], load: Load, done: asyncio.Future[None], pause: float) -> None:
        self._requests, self._load, self._done, self._pause = requests, load, done, pause

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._load.waits.append(now - self._asked)
        self._load.answers[data] = self._load.answers.get(data, 0) + 1
        if self._pause:
            asyncio.get_running_loop().call_later(random.uniform(0, 2 * self._pause), self._ask)
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        if not self._done.done():
            self._done.set_result(None)

    def _ask(self) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
        else:
            self._asked = time.perf_counter()
            self._transport.write(request)


def measure(port: int, recipients: Iterable[str], connections: int = CONNECTIONS, pause: float = 0) -> Load:
    """Ask about all recipients, on each connection some `pause` seconds after the answer to the one before."""
    requests = [REQUEST.format(recipient).encode() for recipient in recipients]
    return asyncio.run(_measure(port, iter(requests), connections, pause))


async def _measure(port: int, requests: Iterator[bytes], connections: int, pause: float) -> Load:
    load, loop = Load(), asyncio.get_running_loop()
    begun = time.perf_counter()
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in range(connections)]
    for end in ends:
        await loop.create_connection(lambda end=end: _MailServer(requests, load, end, pause), LOOPBACK, port)  # type: ignore[misc]
    await asyncio.gather(*ends)
    load.seconds = time.perf_counter() - begun
    return load


def unknown(count: int, domain: str) -> list[str]:
    """Addresses that nobody has."""
    return [f"{random.randrange(36**12):x}@{domain}" for _ in range(count)]


def main() -> None:
    port, domain, count, connections = sys.argv[1:]
    load = measure(int(port), unknown(int(count), domain), int(connections))
    answers = {answer.decode(): times for answer, times in load.answers.items()}
    print(json.dumps({"answers": answers, "per_second": round(load.rate)}))


if __name__ == "__main__":
    main()
