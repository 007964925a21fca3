"""How often one mail server may ask: counted in Redis, for all web processes together."""

import logging
import threading
import time

from redis import Redis, RedisError

log = logging.getLogger(__name__)

# Mail comes in waves, so that what counts is the mean of some seconds.
WINDOW_SECONDS = 10
# Redis is no more than a guard here: while it is away nobody is limited, and it is not asked for a while.
REST_SECONDS = 10.0


class CheckLimit:
    """`per_second` is the mean of a window; 0 is no limit. `redis` gives up soon: a mail server waits meanwhile."""

    def __init__(self, redis: Redis, per_second: int) -> None:
        self._redis = redis
        self._most = per_second * WINDOW_SECONDS
        self._lock = threading.Lock()
        self._rests_until = float("-inf")

    def reached(self, credential_id: int) -> bool:
        """Count one question; whether it was one too many."""
        if not self._most or time.monotonic() < self._rests_until:
            return False
        name = f"checks:{credential_id}:{int(time.time()) // WINDOW_SECONDS}"
        try:
            with self._redis.pipeline(transaction=False) as pipeline:
                pipeline.incr(name)
                pipeline.expire(name, 2 * WINDOW_SECONDS)
                asked: int = pipeline.execute()[0]
        except RedisError as error:
            with self._lock:
                self._rests_until = time.monotonic() + REST_SECONDS
            log.warning("mail servers are not limited, Redis does not answer: %s", type(error).__name__)
            return False
        return asked > self._most
