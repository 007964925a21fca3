"""The password of a source stands in no run, no job, no log."""

import logging

import pytest
from flask import Flask
from redis import Redis
from rq import SimpleWorker
from rq.timeouts import TimerDeathPenalty

from console import queue
from console.models import Base, Domain, Run, RunKind, db
from console.store import runs
from jobs import tasks
from tests import factories
from tests.jobs.fake import LEAK, leaky, now


class Worker(SimpleWorker):
    """Works in this process and this application's context."""

    death_penalty_class = TimerDeathPenalty


@pytest.fixture
def run(domain: Domain) -> Run:
    """A queued sync of a source with a password that is easy to find."""
    return runs.start(RunKind.SYNC, domain.id, source=factories.source(domain, password=LEAK))


def stored(redis: Redis) -> bytes:
    """All that Redis holds, jobs and their results among it."""
    return b"".join(part or b"" for key in redis.scan_iter() for part in (key, redis.dump(key)))


def tables() -> str:
    found = [str(row) for table in Base.metadata.sorted_tables for row in db.session.execute(table.select())]
    db.session.commit()
    return "\n".join(found)


def test_a_fault_of_our_own_is_told_without_the_password(
    run: Run, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    job = queue.queue(redis).enqueue("tests.jobs.fake.provision_leaky", run.id)
    with caplog.at_level(logging.DEBUG):
        Worker([queue.queue(redis)], connection=redis).work(burst=True)
    failed = now(run)
    assert failed.state == "failed"
    assert failed.error.startswith("Something went wrong in Rollcall itself. Nothing was changed")
    assert f"run {run.id} failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    result = job.latest_result()
    assert result is not None
    assert "ZeroDivisionError" in (result.exc_string or "")
    for text in (caplog.text, tables(), result.exc_string, stored(redis).decode("latin-1"), repr(job.to_dict())):
        assert text
        assert LEAK not in text


def test_a_job_carries_the_number_of_its_run_and_nothing_else(run: Run, redis: Redis) -> None:
    assert queue.start(redis, run)
    [job] = queue.queue(redis).jobs
    assert (job.func_name, job.args, job.kwargs) == ("jobs.tasks.provision", (run.id,), {})


def test_a_fault_of_our_own_goes_on_to_whoever_watches_the_worker(app: Flask, run: Run) -> None:
    with pytest.raises(ZeroDivisionError):
        tasks.provision(run.id, leaky)
    assert runs.start(RunKind.SYNC, run.domain_id, source=run.source), "the source is free again"
