"""Secrets that live for a while in Redis, sealed: the tokens of a source, and what one request leaves for another."""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis, RedisError

from console.core.errors import RefusedError
from console.secrets import Sealer

log = logging.getLogger(__name__)

# Tokens live for an hour, and Microsoft's addresses, which are kept with them, are asked anew after a day.
_TOKENS_SECONDS = 24 * 3600
_PUT = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
return 1
"""


@dataclass(frozen=True, slots=True)
class SealedTokens:
    """The tokens of one Office 365 source. Without Redis, or without the key that sealed them, there are none."""

    redis: Redis
    sealer: Sealer
    source_id: int

    def load(self) -> str:
        try:
            held = self.redis.get(_tokens(self.source_id))
            return self.sealer.unseal(held.decode()) if isinstance(held, bytes) else ""
        except (RedisError, RefusedError) as error:
            log.warning("source %s: no tokens of an earlier run: %s", self.source_id, type(error).__name__)
            return ""

    def save(self, text: str) -> None:
        try:
            self.redis.set(_tokens(self.source_id), self.sealer.seal(text), ex=_TOKENS_SECONDS)
        except RedisError as error:
            log.warning("source %s: its tokens are not kept: %s", self.source_id, type(error).__name__)


def forget(redis: Redis, source_id: int) -> None:
    """Drop the tokens of a source that is gone, or whose credentials are others now. Without Redis they expire."""
    try:
        redis.delete(_tokens(source_id))
    except RedisError as error:
        log.warning("source %s: its tokens are not dropped: %s", source_id, type(error).__name__)


def leave(redis: Redis, sealer: Sealer, what: str, content: Mapping[str, Any], *, seconds: int) -> str:
    """Leave something for a later request, or a worker, for so long; the name under which it is found. RedisError."""
    name = secrets.token_urlsafe(24)
    put(redis, sealer, what, name, content, seconds=seconds)
    return name


def put(redis: Redis, sealer: Sealer, what: str, name: str, content: Mapping[str, Any], *, seconds: int) -> None:
    """The same under a name that is known already."""
    redis.set(_left(what, name), sealer.seal(json.dumps(content)), ex=seconds)


def take(redis: Redis, sealer: Sealer, what: str, name: str) -> dict[str, Any] | None:
    """What was left under this name: for the first who asks, and in time. Raises RedisError."""
    held = redis.getdel(_left(what, name)) if name else None
    if not isinstance(held, bytes):
        return None
    try:
        found = json.loads(sealer.unseal(held.decode()))
    except (RefusedError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def reseal(redis: Redis, sealer: Sealer) -> int:
    """Seal all of it anew with the first key, each for the time that it has left; how many. Raises RedisError.

    What no key opens is dropped: it is of no use, and would have to go in a day at most. What somebody puts in the same
    place meanwhile stays.
    """
    put, anew = redis.register_script(_PUT), 0
    for pattern in (_tokens("*"), _left("*", "*")):
        for key in redis.scan_iter(pattern):
            held = redis.get(key)
            if not isinstance(held, bytes) or sealer.is_current(held.decode()):
                continue
            try:
                anew += int(put(keys=[key], args=[held, sealer.reseal(held.decode())]))
            except RefusedError:
                redis.delete(key)
    return anew


def _tokens(source_id: int | str) -> str:
    return f"office365:tokens:{source_id}"


def _left(what: str, name: str) -> str:
    return f"left:{what}:{name[:100]}"
