"""Probes as jobs: one at a time, whoever asks for them; a killed one leaves nothing half done."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, current_app
from redis import Redis

from console import connect, queue
from console.core.discovery import SightingState
from console.models import Domain, db
from console.store import discovery as switches
from console.store import sightings
from jobs import discovery, tasks, worker
from tests.jobs.conftest import Serve
from tests.jobs.discovering import arrive, on_list, people, real, sight, standing, switched_on
from tests.jobs.test_notices import work_off
from tests.servers.ports import LOOPBACK, free_port

ADDED, REFUSED = SightingState.ADDED, SightingState.REFUSED
pytestmark = pytest.mark.usefixtures("soon")


@pytest.fixture(autouse=True)
def on(domain: Domain) -> None:
    switched_on(domain)


def test_a_worker_asks_when_it_is_told_to(app: Flask, redis: Redis, domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    sight(domain, "ann")
    assert queue.probe(redis, domain.id)
    work_off(app)
    assert standing(domain) == {"ann": ADDED}


def test_however_often_it_is_told_one_job_waits_and_comes_first(redis: Redis, domain: Domain) -> None:
    queue.start_id(redis, 1)
    for _ in range(1000):
        assert queue.probe(redis, domain.id)
    assert [job.func_name for job in queue.queue(redis).jobs] == [queue.PROBE, queue.TASK]
    queue.probe(redis, domain.id + 1)
    assert len(queue.queue(redis)) == 3
    queue.probe_begins(redis, domain.id)
    queue.probe(redis, domain.id)
    assert len(queue.queue(redis)) == 4, "one that works may have looked already"


def test_a_job_that_was_lost_with_redis_is_asked_for_again(redis: Redis, domain: Domain) -> None:
    queue.probe(redis, domain.id)
    assert 0 < redis.ttl(f"probe-waits:{domain.id}") <= 60


def test_without_redis_a_mail_server_is_not_kept_waiting_for_a_job(
    domain: Domain, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_seldom", queue._Seldom())
    away = connect(f"redis://{LOOPBACK}:{free_port()}/0")
    assert [queue.probe(away, domain.id) for _ in range(5)] == [False] * 5
    assert len(caplog.records) == 1, "it is told once, not for each mail"


def test_without_redis_a_worker_asks_all_the_same(
    app: Flask, domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions, "redis", connect(f"redis://{LOOPBACK}:{free_port()}/0"))
    serve(real("ann"))
    arrive(domain, "ann")
    assert standing(domain) == {"ann": ADDED}


def test_two_jobs_at_once_ask_on_one_connection(app: Flask, domain: Domain, serve: Serve) -> None:
    def meanwhile() -> None:
        with app.app_context():
            tasks.probe(domain.id)
            db.session.remove()

    server = serve(real("ann", meanwhile=meanwhile))
    arrive(domain, "ann", "guess")
    assert (server.connections, people(server)) == (1, ["ann", "guess"])
    assert standing(domain) == {"ann": ADDED, "guess": REFUSED}


def test_what_comes_while_it_lets_go_is_not_forgotten(
    domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own job finds the lock held, and does nothing."""
    held, late = switches.held, ["late"]

    @contextmanager
    def and_mail_comes(domain_id: int) -> Iterator[bool]:
        with held(domain_id) as mine:
            yield mine
            if late:
                sight(domain, late.pop())
                with held(domain_id) as by_its_job:
                    assert not by_its_job

    monkeypatch.setattr(switches, "held", and_mail_comes)
    serve(real("ann", "late"))
    arrive(domain, "ann")
    assert standing(domain) == {"ann": ADDED, "late": ADDED}


def test_it_waits_a_moment_for_more_mail_on_the_open_connection(
    app: Flask, domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "LINGER_SECONDS", 0.3)
    monkeypatch.setattr(discovery, "LOOK_SECONDS", 0.02)
    more = ["bob", "cyd"]

    def meanwhile() -> None:
        with app.app_context():
            if more:
                sight(domain, more.pop())
            db.session.remove()

    server = serve(real("ann", "bob", "cyd", meanwhile=meanwhile))
    arrive(domain, "ann")
    assert (server.connections, on_list(domain)) == (1, {"ann", "bob", "cyd"})


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGRTMIN], ids=["killed", "told to stop"])
def test_one_that_ends_in_the_middle_leaves_nothing_half_done_and_the_next_one_goes_on(
    redis: Redis, domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    monkeypatch.setattr(worker, "LOOKS", 1)
    monkeypatch.setattr(worker.Worker, "imminent_shutdown_delay", 0)
    working = worker.Worker([queue.queue(redis)], connection=redis)
    working.app = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy has it
    asked: list[int] = []

    def meanwhile() -> None:
        asked.append(1)
        if len(asked) == 4:
            os.kill(working.horse_pid, how)

    names = [f"u{number}" for number in range(6)]
    server = serve(real("u0", "u5", meanwhile=meanwhile))
    sight(domain, *names)
    queue.probe(redis, domain.id)
    working.work(burst=True, logging_level="WARNING")
    left = {item.address.partition("@")[0] for item in sightings.due(domain.id, 9)}
    db.session.rollback()
    assert left
    assert left | {name for name, state in standing(domain).items() if state in (ADDED, REFUSED)} == set(names)
    until = time.monotonic() + 30
    while sightings.due(domain.id, 1) and time.monotonic() < until:
        # PostgreSQL may notice a moment later that the process is gone.
        tasks.probe(domain.id)
    assert standing(domain) == {**dict.fromkeys(names, REFUSED), "u0": ADDED, "u5": ADDED}
    assert server.connections == 2
