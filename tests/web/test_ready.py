"""/ready: every part by its name, 503 with what does not work, and nothing else that a stranger could learn."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import text

from console import create_app, pulse, queue
from console.models import db
from console.settings import Settings
from jobs import clock
from jobs.worker import Worker
from tests.databases import close
from tests.servers.ports import LOOPBACK, free_port

ALL = {"database": True, "migrations": True, "redis": True, "worker": True, "clock": True}


@pytest.fixture
def worker(app: Flask, redis: Redis) -> Iterator[Worker]:
    """A worker that has said that it is alive."""
    found = Worker([queue.queue(redis)], connection=redis)
    found.register_birth()  # type: ignore[no-untyped-call]  # RQ leaves it untyped
    yield found
    found.register_death()  # type: ignore[no-untyped-call]


@pytest.fixture
def stranger_s(app: Flask) -> FlaskClient:
    return app.test_client()


def parts(browser: FlaskClient, status: int) -> dict[str, bool]:
    response = browser.get("/ready")
    assert response.status_code == status
    assert response.json is not None
    assert set(response.json) == {"ready", "parts"}
    assert response.json["ready"] is (status == 200)
    found: dict[str, bool] = response.json["parts"]
    return found


def test_with_every_part_at_work_it_is_ready(app: Flask, stranger_s: FlaskClient, worker: Worker) -> None:
    clock.tick(app)
    assert parts(stranger_s, 200) == ALL


def test_without_a_worker_it_is_not(app: Flask, stranger_s: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    clock.tick(app)
    assert parts(stranger_s, 503) == {**ALL, "worker": False}
    assert "not ready: worker" in caplog.text


def test_a_worker_that_was_killed_is_missed_when_its_sign_of_life_is_over(
    app: Flask, redis: Redis, stranger_s: FlaskClient, worker: Worker
) -> None:
    clock.tick(app)
    redis.delete(worker.key)  # As Redis does by itself a minute after the last sign of life.
    assert parts(stranger_s, 503)["worker"] is False


def test_an_idle_worker_gives_signs_of_life_more_often_than_they_last(redis: Redis) -> None:
    from jobs.worker import ALIVE_SECONDS

    found = Worker([queue.queue(redis)], connection=redis, worker_ttl=ALIVE_SECONDS)
    assert found.dequeue_timeout < ALIVE_SECONDS
    found.register_birth()  # type: ignore[no-untyped-call]
    found.heartbeat()
    assert found.dequeue_timeout < redis.ttl(found.key) <= ALIVE_SECONDS + 60
    found.register_death()  # type: ignore[no-untyped-call]


def test_a_clock_that_has_not_ticked_for_a_minute_is_missed(
    app: Flask, redis: Redis, stranger_s: FlaskClient, worker: Worker
) -> None:
    assert parts(stranger_s, 503) == {**ALL, "clock": False}
    clock.tick(app)
    assert 0 < redis.ttl(pulse.KEY) <= 60
    assert pulse.seconds_since(redis) in {0, 1}


def test_tables_of_another_version_are_not_ready(app: Flask, stranger_s: FlaskClient, worker: Worker) -> None:
    clock.tick(app)
    [version] = db.session.scalars(text("select version_num from alembic_version")).all()
    db.session.execute(text("update alembic_version set version_num = '0001'"))
    db.session.commit()
    try:
        assert parts(stranger_s, 503) == {**ALL, "migrations": False}
    finally:
        db.session.execute(text("update alembic_version set version_num = :version"), {"version": version})
        db.session.commit()


def test_without_database_and_redis_it_says_so_soon_and_tells_no_address(settings: Settings) -> None:
    database = f"postgresql+psycopg://owner:secret@{LOOPBACK}:{free_port()}/rollcall"
    redis = f"redis://:secret@{LOOPBACK}:{free_port()}/0"
    app = create_app(replace(settings, database_url=database, redis_url=redis))
    response = app.test_client().get("/ready")
    assert response.json == {"ready": False, "parts": dict.fromkeys(ALL, False)}
    assert LOOPBACK not in response.text
    assert app.test_client().get("/health").status_code == 200
    with app.app_context():
        close(app)
