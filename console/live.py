"""Ticks: a word through Redis that a run has moved, so that open pages look at its row again.

The row is the truth; a tick that is lost costs a page a few seconds, until its next heartbeat.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import closing

from redis import Redis, RedisError

log = logging.getLogger(__name__)


def run_channel(run_id: int) -> str:
    return f"run:{run_id}"


def domain_channel(domain_id: int) -> str:
    return f"domain:{domain_id}"


def tick(redis: Redis, run_id: int, domain_id: int) -> None:
    """Tell whoever watches the run or its domain. Never fails: a run goes on without Redis."""
    try:
        with redis.pipeline(transaction=False) as pipe:
            pipe.publish(run_channel(run_id), "tick")
            pipe.publish(domain_channel(domain_id), "tick")
            pipe.execute()
    except RedisError as error:
        log.warning("run %s: no tick was sent: %s", run_id, type(error).__name__)


def tick_domain(redis: Redis, domain_id: int) -> None:
    """Tell whoever watches a domain of something that is no run. Never fails."""
    try:
        redis.publish(domain_channel(domain_id), "tick")
    except RedisError as error:
        log.warning("domain %s: no tick was sent: %s", domain_id, type(error).__name__)


def listen(redis: Redis, channel: str, heartbeat: float) -> Iterator[bool]:
    """True for every tick (several in a row may come as one), False when `heartbeat` seconds went by without one.

    Without Redis it goes on with heartbeats only.
    """
    while True:
        try:
            with closing(redis.pubsub(ignore_subscribe_messages=True)) as pubsub:
                pubsub.subscribe(channel)
                pubsub.get_message(timeout=heartbeat)
                yield True
                while True:
                    message = pubsub.get_message(timeout=heartbeat)
                    while message is not None and (more := pubsub.get_message(timeout=0)) is not None:
                        message = more
                    yield message is not None
        except RedisError as error:
            log.warning("ticks of %s cannot be read: %s", channel, type(error).__name__)
            yield False
            time.sleep(heartbeat)
