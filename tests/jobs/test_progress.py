"""How far a run has come: in its row, and as ticks to whoever watches."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from redis import Redis
from redis.client import PubSub

from console import connect, live
from console.models import Domain, RunKind, RunState, Source
from console.store import runs
from jobs.pipeline import Progress
from tests import factories
from tests.factories import person
from tests.jobs.fake import Fake, now, work
from tests.servers.ports import free_port


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


@pytest.fixture
def ticks(redis: Redis) -> Iterator[PubSub]:
    """Listens to every channel."""
    with closing(redis.pubsub(ignore_subscribe_messages=True)) as pubsub:
        pubsub.psubscribe("*")
        pubsub.get_message(timeout=1)
        yield pubsub


def heard(ticks: PubSub) -> list[str]:
    """The channels of the ticks since the last call."""
    found = []
    while (message := ticks.get_message(timeout=0.05)) is not None:
        found.append(message["channel"].decode())
    return found


def test_each_stage_is_told_to_the_pages_of_the_run_and_of_its_domain(source: Source, ticks: PubSub) -> None:
    run = runs.start(RunKind.SYNC, source.domain_id, source=source)
    heard(ticks)
    seen: list[str] = []
    work(run, Fake([person("ada")], meanwhile=lambda: seen.append(now(run).stage)))
    told = heard(ticks)
    mine, domain = live.run_channel(run.id), live.domain_channel(source.domain_id)
    assert set(told) == {mine, domain}
    assert told.count(mine) == told.count(domain) >= 5, "claimed, connecting, reading, comparing, ended"
    assert seen == ["reading"]


def test_a_stage_that_goes_on_is_noted_a_few_times_a_second(source: Source, redis: Redis, ticks: PubSub) -> None:
    run = runs.start(RunKind.SYNC, source.domain_id, source=source)
    assert runs.claim(run.id)
    progress = Progress(redis, run.id, source.domain_id, about=5000)
    heard(ticks)
    for done in range(1000):
        progress("reading", done)
    assert len(heard(ticks)) < 20
    assert now(run).stage == "reading"
    assert now(run).total == 5000


def test_a_run_needs_no_redis_while_it_works(source: Source) -> None:
    run = runs.start(RunKind.SYNC, source.domain_id, source=source)
    assert runs.claim(run.id)
    gone = connect(f"redis://127.0.0.1:{free_port()}/0")
    Progress(gone, run.id, source.domain_id)("reading", 3)
    assert (now(run).stage, now(run).done, now(run).state) == ("reading", 3, RunState.RUNNING)
    gone.close()
