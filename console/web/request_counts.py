"""How often each route was asked for and how long it took, of all web processes together.

Each process counts in memory and adds what it counted to Redis every few seconds, since a router in front would show
the numbers of one process at a time. If Redis is lost they begin anew, which Prometheus expects of counters.
"""

import logging
import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping

from redis import Redis, RedisError

log = logging.getLogger(__name__)

SECONDS = 2.0
# Upper bounds in seconds; what took longer than the last one is in none.
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONGER = "inf"
REQUESTS, TIMES, SUMS, DECISIONS = "metrics:requests", "metrics:times", "metrics:sums", "metrics:decisions"


class RequestCounts:
    """Counts for all threads of a process. `redis` is one that gives up soon."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._lock = threading.Lock()
        self._counted: Counter[tuple[str, str]] = Counter()
        self._sums: defaultdict[str, float] = defaultdict(float)
        self._timer: threading.Timer | None = None

    def note(self, route: str, method: str, status: int, seconds: float) -> None:
        """One request; `route` is the name of an endpoint, of which there are few, and never a path."""
        place = bisect_left(BUCKETS, seconds)
        bound = str(BUCKETS[place]) if place < len(BUCKETS) else LONGER
        with self._lock:
            self._counted[REQUESTS, f"{route} {method} {status}"] += 1
            self._counted[TIMES, f"{route} {method} {bound}"] += 1
            self._sums[f"{route} {method}"] += seconds
            self._soon()

    def decided(self, verdict: str) -> None:
        """One answer of the HTTP door."""
        with self._lock:
            self._counted[DECISIONS, verdict] += 1
            self._soon()

    def flush(self) -> None:
        """Add what was counted; without Redis it waits for the next time."""
        with self._lock:
            counted, sums = self._counted, self._sums
            self._counted, self._sums, self._timer = Counter(), defaultdict(float), None
        if not counted:
            return
        try:
            with self._redis.pipeline() as pipeline:
                for (name, field), times in counted.items():
                    pipeline.hincrby(name, field, times)
                for field, seconds in sums.items():
                    pipeline.hincrbyfloat(SUMS, field, seconds)
                pipeline.execute()
        except RedisError as error:
            log.warning("requests are not counted now, Redis does not answer: %s", type(error).__name__)
            with self._lock:
                self._counted.update(counted)
                for field, seconds in sums.items():
                    self._sums[field] += seconds

    def read(self, name: str) -> Mapping[tuple[str, ...], float]:
        """What all processes have counted under a name, by the words of its fields. Raises RedisError."""
        held: Mapping[bytes, bytes] = self._redis.hgetall(name)  # type: ignore[assignment]  # as in console.pulse
        return {tuple(field.decode().split(" ")): float(value) for field, value in held.items()}

    def _soon(self) -> None:
        """A daemon: the end of a process does not wait for it, and the last two seconds are not worth that."""
        if self._timer is None:
            self._timer = threading.Timer(SECONDS, self.flush)
            self._timer.daemon = True
            self._timer.start()
