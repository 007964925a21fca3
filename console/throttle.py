"""How often somebody may try: waits that grow with each try, counted in Redis for all web processes together.

A try is counted before it is looked at, in one step with the question whether it may be made, so that a thousand at
the same moment are no more than one after the other. It is taken back when it turns out to be right. What has to wait
is not counted: hammering prolongs nothing. Every wait is short, so that nobody can lock somebody else out for long.
"""

import hashlib
import hmac
import logging
import math
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from redis import Redis, RedisError

log = logging.getLogger(__name__)

# Tries are forgotten so long after the last one; longer than any wait.
FORGET_SECONDS = 15 * 60
# What a process remembers by itself while Redis is away.
REMEMBERED = 10_000

_ENTER = """
local t = redis.call('TIME')
local now, wait = t[1] * 1000 + math.floor(t[2] / 1000), 0
for _, key in ipairs(KEYS) do
  wait = math.max(wait, tonumber(redis.call('HGET', key, 'until') or '0') - now)
end
if wait > 0 then return wait end
for i, key in ipairs(KEYS) do
  local over = redis.call('HINCRBY', key, 'tries', 1) - tonumber(ARGV[2 * i])
  if over > 0 then
    local seconds = math.min(2 ^ math.min(over, 30), tonumber(ARGV[2 * i + 1]))
    redis.call('HSET', key, 'until', string.format('%.0f', now + seconds * 1000))
  end
  redis.call('EXPIRE', key, ARGV[1])
end
return 0
"""
_BACK = """
for _, key in ipairs(KEYS) do
  if redis.call('EXISTS', key) == 1 then redis.call('HINCRBY', key, 'tries', -1) end
end
"""


@dataclass(frozen=True, slots=True)
class Door:
    """What tries are counted for: an account, say, or a network address. `free` of them wait for nothing; after that
    the waits grow from two seconds to `longest`. A right try forgets the wrong ones, unless many people share the door:
    else one of them could try for ever by being right in between.
    """

    name: str
    free: int
    longest: int = 60
    shared: bool = False

    def wait(self, tries: int) -> int:
        """Seconds to wait after so many tries."""
        over = tries - self.free
        return min(2 ** min(over, 30), self.longest) if over > 0 else 0


class Throttle:
    """`redis` gives up soon, since a person waits. Names go into Redis as keyed hashes: they are people's addresses."""

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._key = key.encode()
        self._here = _Memory()
        self._enter = redis.register_script(_ENTER)
        self._back = redis.register_script(_BACK)

    def enter(self, *doors: Door) -> int:
        """Count a try and return 0, or the seconds after which it may be made."""
        limits = [number for door in doors for number in (door.free, door.longest)]
        try:
            wait = int(self._enter(keys=self._keys(doors), args=[FORGET_SECONDS, *limits]))
        except RedisError as error:
            log.warning("tries are counted in this process alone, Redis does not answer: %s", type(error).__name__)
            return self._here.enter(doors)
        return math.ceil(wait / 1000)

    def passed(self, *doors: Door) -> None:
        """A try was right."""
        self._here.passed(doors)
        own = self._keys([door for door in doors if not door.shared])
        shared = self._keys([door for door in doors if door.shared])
        try:
            if own:
                self._redis.delete(*own)
            if shared:
                self._back(keys=shared)
        except RedisError as error:
            log.warning("a right try is not taken back, Redis does not answer: %s", type(error).__name__)

    def _keys(self, doors: "tuple[Door, ...] | list[Door]") -> list[str]:
        return [f"tries:{hmac.new(self._key, door.name.encode(), hashlib.sha256).hexdigest()[:32]}" for door in doors]


class _Memory:
    """The same in this process alone, for as many doors as are remembered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, tuple[int, float, float]] = OrderedDict()
        """By the name of a door: tries, the moment until which to wait, and when they are forgotten."""

    def enter(self, doors: tuple[Door, ...]) -> int:
        now = time.monotonic()
        with self._lock:
            wait = max(self._get(door, now)[1] - now for door in doors)
            if wait > 0:
                return math.ceil(wait)
            for door in doors:
                tries = self._get(door, now)[0] + 1
                self._tries[door.name] = (tries, now + door.wait(tries), now + FORGET_SECONDS)
                self._tries.move_to_end(door.name)
            while len(self._tries) > REMEMBERED:
                self._tries.popitem(last=False)
        return 0

    def passed(self, doors: tuple[Door, ...]) -> None:
        with self._lock:
            for door in doors:
                if door.shared and door.name in self._tries:
                    tries, until, forgotten = self._tries[door.name]
                    self._tries[door.name] = (tries - 1, until, forgotten)
                elif not door.shared:
                    self._tries.pop(door.name, None)

    def _get(self, door: Door, now: float) -> tuple[int, float, float]:
        held = self._tries.get(door.name, (0, 0.0, 0.0))
        return held if held[2] > now else (0, 0.0, 0.0)
