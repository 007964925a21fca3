"""The sign that the clock process ticks, for whoever watches over the console. Redis forgets it by its own time."""

from redis import Redis

# The clock ticks every ten seconds.
LATE_SECONDS = 60
KEY = "clock:ticked"


def beat(redis: Redis) -> None:
    """The clock has ticked. Raises RedisError."""
    redis.set(KEY, 1, ex=LATE_SECONDS)


def seconds_since(redis: Redis) -> int | None:
    """How long ago it ticked; None for longer than LATE_SECONDS. Raises RedisError."""
    left: int = redis.ttl(KEY)
    return LATE_SECONDS - left if left >= 0 else None
