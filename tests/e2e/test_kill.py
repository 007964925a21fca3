"""Workers that are killed or told to stop: the list stays as it was, and the run says so."""

import os
import signal
import time
from collections.abc import Callable

import pytest
from sqlalchemy import select

from console.models import Domain, Run, Source, db
from console.store import users
from tests import factories
from tests.e2e import runs
from tests.processes import Deployment, Program, until
from tests.servers.ldap_script import Misbehaviour, Script, ScriptedLdap

Start = Callable[[Script], ScriptedLdap]
SENTENCE = "The worker stopped before this run had ended. Nothing was changed: run it again."
HEALTHY = Script(entries=runs.entries(30))
STUCK = Script(entries=runs.entries(40), on_page={2: Misbehaviour.HANG})
PLATFORM = 25
"""Seconds, less than the 30 after which a platform kills what it has told to stop."""


@pytest.fixture
def domain() -> Domain:
    return factories.domain(runs.DOMAIN)


@pytest.fixture
def directory(scripted: Start) -> ScriptedLdap:
    return scripted(HEALTHY)


@pytest.fixture
def source(deployment: Deployment, domain: Domain, directory: ScriptedLdap) -> Source:
    return runs.source_at(directory, domain)


def horse(worker: Program) -> int:
    """The process that the worker has forked for the run."""
    return until(worker.forked, "the worker has forked")[0]


def lock_keeper() -> int:
    """The process of PostgreSQL that keeps the lock of the only run."""
    query = """
        select pid from pg_locks where locktype = 'advisory' and granted
           and database = (select oid from pg_database where datname = current_database())
    """
    pid = db.session.connection().exec_driver_sql(query).scalar_one()
    db.session.rollback()
    return int(pid)


def stuck_in_reading(source: Source, directory: ScriptedLdap) -> int:
    """A run that has read the first page and waits for the second."""
    directory.script = STUCK
    before = len(directory.searches)
    run_id = runs.start(source)
    runs.reading(run_id)
    until(lambda: any(search.cookie for search in directory.searches[before:]), "the second page was asked for")
    return run_id


def test_a_run_whose_process_is_killed_while_it_reads_is_interrupted_at_once(
    deployment: Deployment, source: Source, directory: ScriptedLdap
) -> None:
    worker = deployment.worker()
    runs.synced(source)
    before = runs.rows()
    run_id = stuck_in_reading(source, directory)
    os.kill(horse(worker), signal.SIGKILL)
    run = runs.ended(run_id)
    assert (run.state, run.error) == ("interrupted", SENTENCE)
    assert runs.rows() == before
    directory.script = Script(entries=runs.entries(31))
    again = runs.ended(runs.start(source))
    assert (again.state, again.counts["created"], again.counts["unchanged"]) == ("succeeded", 1, 30)


def test_a_run_is_interrupted_at_once_although_postgresql_is_slow_to_notice_that_its_process_was_killed(
    deployment: Deployment, source: Source, directory: ScriptedLdap
) -> None:
    worker = deployment.worker()
    run_id = stuck_in_reading(source, directory)
    keeper = lock_keeper()
    os.kill(keeper, signal.SIGSTOP)
    try:
        os.kill(horse(worker), signal.SIGKILL)
        until(lambda: "ended with" in worker.said, "the worker has noticed")
    finally:
        os.kill(keeper, signal.SIGCONT)
    assert runs.ended(run_id).state == "interrupted"


def test_a_run_whose_process_is_killed_while_it_applies_has_changed_nothing(
    deployment: Deployment, source: Source, directory: ScriptedLdap
) -> None:
    worker = deployment.worker()
    runs.synced(source)
    before = runs.rows()
    directory.script = Script(entries=runs.entries(35)[3:])
    with runs.stuck_in_applying(source) as run_id:
        os.kill(horse(worker), signal.SIGKILL)
        assert runs.ended(run_id).state == "interrupted"
    until(lambda: runs.waiting() == 0, "the transaction is over")
    assert runs.rows() == before
    again = runs.ended(runs.start(source))
    assert (again.state, again.counts["created"], again.counts["missing"]) == ("succeeded", 5, 3)


@pytest.mark.parametrize("sweeper", ["worker", "clock"])
def test_a_run_of_a_worker_that_was_killed_is_swept_by_the_next_process(
    deployment: Deployment, source: Source, directory: ScriptedLdap, sweeper: str
) -> None:
    worker = deployment.worker()
    run_id = stuck_in_reading(source, directory)
    worker.kill()
    assert runs.now(run_id).state == "running"
    deployment.worker() if sweeper == "worker" else deployment.clock()
    run = runs.ended(run_id)
    assert (run.state, run.error) == ("interrupted", SENTENCE)
    assert users.totals(source.domain_id).users == 0


def test_a_slow_run_of_a_living_worker_is_not_swept(
    deployment: Deployment, source: Source, directory: ScriptedLdap
) -> None:
    deployment.worker()
    run_id = stuck_in_reading(source, directory)
    other = deployment.worker()
    idle = runs.start(runs.source_at(directory, factories.domain("other.example"), port=1))
    runs.ended(idle)
    assert other.running
    assert runs.now(run_id).state == "running"


@pytest.mark.parametrize("everyone", [False, True])
def test_a_worker_that_is_told_to_stop_leaves_a_reading_run_interrupted(
    deployment: Deployment, source: Source, directory: ScriptedLdap, everyone: bool
) -> None:
    worker = deployment.worker()
    run_id = stuck_in_reading(source, directory)
    told = time.monotonic()
    (worker.send_all if everyone else worker.send)(signal.SIGTERM)
    assert worker.wait(PLATFORM) == 0
    assert time.monotonic() - told > 2, "a run gets a few seconds to end by itself"
    run = runs.now(run_id)
    assert (run.state, run.error) == ("interrupted", SENTENCE)
    assert "Traceback" not in worker.said


def test_a_run_that_is_stopped_in_the_middle_of_a_statement_is_interrupted_too(
    deployment: Deployment, source: Source, directory: ScriptedLdap
) -> None:
    """The statement waits for a row that somebody else holds, and its connection is then of no use any more."""
    worker = deployment.worker()
    directory.script = Script(entries=runs.entries(30), delay=0.4)
    run_id = runs.start(source)
    runs.reading(run_id)
    with db.engine.connect() as connection:
        connection.execute(select(Run.id).where(Run.id == run_id).with_for_update())
        until(lambda: runs.waiting() > 0, "the run waits for its row")
        worker.send_all(signal.SIGTERM)
        until(lambda: "stopping the run" in worker.said, "the seconds are over")
    assert worker.wait(PLATFORM) == 0
    assert runs.now(run_id).state == "interrupted"
    assert "Traceback" not in worker.said


def test_a_worker_that_is_told_to_stop_lets_a_run_end_that_can(
    deployment: Deployment, source: Source, directory: ScriptedLdap
) -> None:
    worker = deployment.worker()
    directory.script = Script(entries=runs.entries(30), delay=0.4)
    run_id = runs.start(source)
    runs.reading(run_id)
    worker.send_all(signal.SIGTERM)
    assert worker.wait(PLATFORM) == 0
    assert runs.now(run_id).state == "needs_approval"


def test_a_worker_that_is_told_to_stop_lets_a_plan_be_applied_to_its_end(
    deployment: Deployment, source: Source, directory: ScriptedLdap
) -> None:
    worker = deployment.worker()
    runs.synced(source)
    directory.script = Script(entries=runs.entries(35))
    with runs.stuck_in_applying(source) as run_id:
        worker.send_all(signal.SIGTERM)
        until(lambda: "stopping after the plan is applied" in worker.said, "the seconds are over")
    assert worker.wait(PLATFORM) == 0
    assert runs.now(run_id).state == "succeeded"
    assert users.totals(source.domain_id).users == 35


def test_an_idle_worker_and_a_clock_stop_when_told(deployment: Deployment, source: Source) -> None:
    worker, clock = deployment.worker(), deployment.clock()
    runs.synced(source)
    worker.send_all(signal.SIGTERM)
    clock.send_all(signal.SIGTERM)
    assert (worker.wait(PLATFORM), clock.wait(PLATFORM)) == (0, 0)
