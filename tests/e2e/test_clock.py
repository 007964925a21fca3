"""The clock: what is due is started once, and what was lost is started again."""

import datetime as dt
import sys
from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select, update

from console import queue
from console.models import Run, RunKind, Source, db
from console.models import now as this_moment
from console.store import runs as store
from jobs import clock
from tests import factories
from tests.e2e import runs
from tests.processes import Deployment, Program, until
from tests.servers.ldap_script import Script, ScriptedLdap

SOURCES = 5
ROUNDS = 4


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
    """Now is the time of these sources."""
    db.session.execute(
        update(Source).where(Source.id.in_([source.id for source in sources])).values(next_run_at=this_moment())
    )
    db.session.commit()


def syncs() -> Counter[int | None]:
    """How many runs each source has had by schedule, however they ended."""
    found = Counter(db.session.scalars(select(Run.source_id).where(Run.title == "by schedule")))
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


def test_each_due_time_gives_one_run_with_two_clocks_and_two_workers(
    deployment: Deployment, sources: list[Source]
) -> None:
    workers = [deployment.worker(), deployment.worker()]
    for source in sources:
        runs.synced(source)
    clocks = [fast_clock(deployment), fast_clock(deployment)]
    for number in range(1, ROUNDS + 1):
        make_due(*sources)
        until(lambda: len(syncs()) == SOURCES and min(syncs().values()) == number, f"round {number} has begun")  # noqa: B023
        until(lambda: not unfinished(), f"round {number} has ended")
    assert syncs() == {source.id: ROUNDS for source in sources}
    assert {run.state for run in db.session.scalars(select(Run).where(Run.title == "by schedule"))} == {"succeeded"}
    assert all(process.running for process in (*workers, *clocks))


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
