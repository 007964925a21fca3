"""Rings for a worker when mail has come for addresses that nobody has, so that it asks the domain's server for them.

Redis may be away or hang, and a mail server waits: so a thread of its own rings, once for all that came meanwhile. A
ring that is lost costs some seconds, until the clock looks.
"""

import logging
import threading
import time

from redis import Redis

from console import queue

log = logging.getLogger(__name__)

# Seconds between two rings. However much mail comes, Redis hears of it a few times a second.
REST = 0.1


class Doorbell:
    """May be rung by many threads, none of which waits."""

    def __init__(self, redis: Redis, rest: float = REST) -> None:
        self._redis = redis
        self._rest = rest
        self._lock = threading.Lock()
        self._wanted: set[int] = set()
        self._rings = False

    def ring(self, domain_id: int) -> None:
        """Have a worker look at what is noted of the domain by now."""
        with self._lock:
            self._wanted.add(domain_id)
            if self._rings:
                return
            self._rings = True
        # A process that ends does not wait for Redis.
        threading.Thread(target=self._ring, name="doorbell", daemon=True).start()

    def _ring(self) -> None:
        while wanted := self._taken():
            try:
                for domain_id in wanted:
                    queue.probe(self._redis, domain_id)
            except Exception:
                log.exception("no worker is told of mail for addresses that nobody has")
            time.sleep(self._rest)

    def _taken(self) -> set[int]:
        with self._lock:
            wanted, self._wanted = self._wanted, set()
            self._rings = bool(wanted)
        return wanted
