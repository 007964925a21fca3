"""The clock: what is due is started once, and what was lost is started again."""

import datetime as dt
import random
import sys
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select, update

from console import queue
from console.models import Run, RunKind, Source, db
from console.models import now as this_moment
from console.store import runs as store
from jobs import clock, tasks
from tests import factories
from tests.e2e import runs
from tests.processes import Deployment, Program, until
from tests.servers.ldap_script import Misbehaviour, Script, ScriptedLdap

SOURCES = 5
TURNS = 3


@pytest.fixture
def sources(deployment: Deployment, scripted: Callable[[Script], ScriptedLdap]) -> list[Source]:
    """Sources of as many domains, each with people of its own in one directory."""
    names = [f"d{n}.example" for n in range(SOURCES)]
    people = [(f"cn={name},dc=example,dc=test", {"mail": [f"ann@{name}".encode()]}) for name in names]
    server = scripted(Script(entries=people))
    return [runs.source_at(server, factories.domain(name)) for name in names]


def fast_clock(deployment: Deployment) -> Program:
    return deployment.start("clock", sys.executable, "-m", "tests.e2e.fast_clock")


def make_due(*sources: Source) -> None:
    """Now is the time of these sources, if it was not already."""
    at = this_moment()
    theirs = Source.id.in_([source.id for source in sources])
    db.session.execute(update(Source).where(theirs, Source.next_run_at > at).values(next_run_at=at))
    db.session.commit()


def syncs() -> Counter[int | None]:
    """How many runs each source has had by schedule, however they ended."""
    found = Counter(db.session.scalars(select(Run.source_id).where(Run.title == "by schedule")))
    db.session.rollback()
    return found


def ended() -> Counter[int | None]:
    """How many runs each source has had by schedule that have ended well."""
    done = select(Run.source_id).where(Run.title == "by schedule", Run.state == "succeeded")
    found = Counter(db.session.scalars(done))
    db.session.rollback()
    return found


def overlapping() -> list[tuple[int, int]]:
    """Each two runs of one source that were at work at the same time."""
    begun = select(Run.source_id, Run.id, Run.started_at, Run.ended_at).where(Run.started_at.is_not(None))
    ordered = db.session.execute(begun.order_by(Run.source_id, Run.started_at)).all()
    found = [
        (one.id, other.id)
        for one, other in pairwise(ordered)
        if one.source_id == other.source_id and (one.ended_at is None or other.started_at < one.ended_at)
    ]
    db.session.rollback()
    return found


def unfinished() -> int:
    found = db.session.scalars(select(Run.id).where(Run.ended_at.is_(None))).all()
    db.session.rollback()
    return len(found)


def test_a_due_source_is_synced_by_clock_and_worker_and_gets_its_next_time(
    deployment: Deployment, sources: list[Source]
) -> None:
    source = sources[0]
    deployment.worker()
    runs.synced(source)
    make_due(source)
    deployment.clock()
    until(lambda: syncs() == {source.id: 1} and not unfinished(), "the sync by schedule has ended")
    db.session.refresh(source)
    assert source.next_run_at is not None
    assert dt.timedelta(minutes=59) < source.next_run_at - this_moment() < dt.timedelta(minutes=67)


def test_two_clocks_and_four_workers_run_each_due_time_once_and_no_source_twice_at_once(
    deployment: Deployment, sources: list[Source]
) -> None:
    for source in sources:
        first = store.start(RunKind.SYNC, source.domain_id, source=source)
        tasks.provision(first.id)
        assert store.approve(first.id)
        tasks.provision(first.id)
    crew = deployment.start("crew", sys.executable, "-m", "tests.e2e.crew", "4", "2")
    turns = Counter({source.id: 0 for source in sources})

    def all_had() -> bool:
        """Give each source whose run has ended its next turn, without waiting for the others; whether all had all."""
        had = ended()
        rested = [source for source in sources if had[source.id] == turns[source.id] < TURNS]
        turns.update(source.id for source in rested)
        make_due(*rested)
        return min(had[source.id] for source in sources) == TURNS

    def more_had() -> bool:
        """Make now this and now that source due, busy or not; whether each has had more runs."""
        make_due(*(source for source in sources if random.random() < 0.1))
        had = ended()
        return min(had[source.id] for source in sources) > TURNS + 1

    until(all_had, "each source has had its turns", 60)
    assert syncs() == ended() == turns
    until(more_had, "each source has had more runs", 60)
    assert overlapping() == []
    assert crew.running


def test_a_source_whose_server_hangs_does_not_hold_up_the_others(
    deployment: Deployment, sources: list[Source], scripted: Callable[[Script], ScriptedLdap]
) -> None:
    silent = scripted(Script(entries=runs.entries(1), on_page={1: Misbehaviour.HANG}))
    hanging = runs.source_at(silent, factories.domain("hanging.example"))
    deployment.worker()
    deployment.worker()
    make_due(hanging)
    fast_clock(deployment)
    until(lambda: syncs()[hanging.id] == 1, "the source whose server hangs has its turn")
    make_due(*sources)

    def waiting() -> int:
        asked = select(func.count()).where(Run.title == "by schedule", Run.state == "needs_approval")
        found = db.session.scalar(asked) or 0
        db.session.rollback()
        return found

    until(lambda: waiting() == SOURCES, "all others were read")
    assert ended()[hanging.id] == 0
    [run] = db.session.scalars(select(Run).where(Run.source_id == hanging.id))
    assert run.state == "running"


def test_a_busy_source_is_not_started_a_second_time(app: Flask, sources: list[Source]) -> None:
    store.start(RunKind.SYNC, sources[0].domain_id, source=sources[0])
    make_due(sources[0])
    clock.tick(app)
    assert syncs() == {}
    db.session.refresh(sources[0])
    assert sources[0].next_run_at is not None
    assert sources[0].next_run_at > this_moment()


def test_a_run_whose_job_was_lost_with_redis_is_started_again(
    deployment: Deployment, sources: list[Source], redis: Redis
) -> None:
    run_id = runs.start(sources[0])
    redis.flushdb()
    deployment.worker()
    fast_clock(deployment)
    assert runs.state(run_id, "needs_approval").counts["created"] == 1


def test_a_run_that_waits_for_a_worker_for_a_moment_is_not_taken_for_lost(
    app: Flask, sources: list[Source], redis: Redis
) -> None:
    store.start(RunKind.SYNC, sources[0].domain_id, source=sources[0])
    clock.tick(app)
    assert queue.queue(redis).count == 0
    clock.tick(app, lost_after=dt.timedelta(0))
    assert queue.queue(redis).count == 1
