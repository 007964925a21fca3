"""How often something has come in an hour, counted in Redis for all web processes, so that a flood fills no table."""

import hashlib
import hmac
import logging
import time
from collections import Counter

from redis import Redis, RedisError

log = logging.getLogger(__name__)

HOUR = 3600
# From one visitor so many of a kind are told one by one, and from all together so many; then the 32nd, the 64th, the
# 128th ... of the hour, each for all since the one before.
OF_ONE, OF_ALL = 20, 200
# What a process counts by itself while Redis is away.
REMEMBERED = 10_000


class Hourly:
    """`redis` gives up soon. What is counted goes into Redis as keyed hashes: there are people's addresses in it."""

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._key = key.encode()
        self._hour = 0
        self._here: Counter[str] = Counter()

    def worth(self, kind: str, visitor: str) -> int:
        """Count one of this kind, from this visitor; how many there were in this hour, 0 if it is not to be told."""
        own, every = self._count(kind, visitor)
        return own if _is_told(own, OF_ONE) and _is_told(every, OF_ALL) else 0

    def _count(self, kind: str, visitor: str) -> tuple[int, int]:
        hour = int(time.time()) // HOUR
        names = [f"noted:{self._digest(f'{hour} {kind} {of}')}" for of in (visitor, "")]
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for name in names:
                    pipe.incr(name)
                    pipe.expire(name, HOUR)
                own, _, every, _ = pipe.execute()
        except RedisError as error:
            log.warning("denials are counted in this process alone, Redis does not answer: %s", type(error).__name__)
            if hour != self._hour or len(self._here) > REMEMBERED:
                self._hour, self._here = hour, Counter()
            self._here.update(names)
            own, every = (self._here[name] for name in names)
        return int(own), int(every)

    def _digest(self, name: str) -> str:
        return hmac.new(self._key, name.encode(), hashlib.sha256).hexdigest()[:32]


def _is_told(number: int, all_until: int) -> bool:
    return number <= all_until or number & (number - 1) == 0
