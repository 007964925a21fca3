"""/metrics: numbers behind a token, of all web processes together, and nobody's address in them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis

from console import create_app, pulse, queue
from console.core.person import Status
from console.core.recipient import Mode
from console.models import RunKind
from console.settings import Settings
from console.store import credentials, domains
from console.web.request_counts import REQUESTS, SUMS, TIMES, RequestCounts
from tests import factories
from tests.databases import close
from tests.factories import manual_user
from tests.servers.ports import LOOPBACK, free_port

TOKEN = "a token of the tests, not of anybody else".replace(" ", "-")
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def counting(migrated: Flask, settings: Settings) -> Iterator[Flask]:
    app = create_app(replace(settings, metrics_token=TOKEN))
    app.testing = True
    yield app
    with app.app_context():
        close(app)


@pytest.fixture
def watcher(app: Flask, counting: Flask) -> FlaskClient:
    return counting.test_client()


def numbers(watcher: FlaskClient) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels, in the order of the labels' names."""
    response = watcher.get("/metrics", headers=BEARER)
    assert response.status_code == 200
    assert response.mimetype == "text/plain"
    families = text_string_to_metric_families(response.text)
    return {(item.name, *item.labels.values()): item.value for family in families for item in family.samples}


def test_without_a_token_there_is_no_such_page_and_nothing_is_counted(app: Flask, redis: Redis) -> None:
    for headers in ({}, BEARER, {"Authorization": "Bearer "}):
        assert app.test_client().get("/metrics", headers=headers).status_code == 404
    assert app.extensions["request_counts"] is None


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \xe9"])
def test_without_the_token_nothing_is_told(watcher: FlaskClient, value: str) -> None:
    response = watcher.get("/metrics", headers={"Authorization": value})
    assert (response.status_code, response.text) == (401, "")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_requests_are_counted_by_route_and_status_with_their_time(watcher: FlaskClient) -> None:
    before = numbers(watcher)
    for path in (
        "/login",
        "/login",
        "/domains/secret.example/users?q=ada@secret.example",
        "/nowhere/ada@secret.example",
    ):
        watcher.get(path)
    after = numbers(watcher)

    def more(*of: str) -> float:
        return after.get(of, 0) - before.get(of, 0)

    assert more("rollcall_requests_total", "GET", "login.show", "200") == 2
    assert more("rollcall_requests_total", "GET", "users.index", "302") == 1
    assert more("rollcall_requests_total", "GET", "none", "404") == 1
    assert more("rollcall_request_seconds_count", "GET", "login.show") == 2
    assert more("rollcall_request_seconds_bucket", "+Inf", "GET", "login.show") == 2
    assert 0 < more("rollcall_request_seconds_sum", "GET", "login.show") < 10
    assert "secret" not in str(after)


def test_the_buckets_of_a_route_add_up(watcher: FlaskClient, redis: Redis) -> None:
    counts = RequestCounts(redis)
    for seconds in (0.001, 0.01, 0.2, 3, 3, 60):
        counts.note("runs.show", "GET", 200, seconds)
    counts.flush()
    found = numbers(watcher)
    bucket = "rollcall_request_seconds_bucket"
    bounds = {name[1]: times for name, times in found.items() if name[0] == bucket and name[-1] == "runs.show"}
    assert (bounds["0.01"], bounds["0.25"], bounds["2.5"], bounds["5.0"], bounds["+Inf"]) == (2, 3, 3, 5, 6)
    assert found["rollcall_request_seconds_sum", "GET", "runs.show"] == pytest.approx(66.211)


def test_processes_count_together(redis: Redis) -> None:
    one, other = RequestCounts(redis), RequestCounts(redis)
    for counts in (one, other, other):
        counts.note("users.index", "GET", 200, 0.5)
        counts.flush()
    assert one.read(REQUESTS) == {("users.index", "GET", "200"): 3}
    assert one.read(TIMES) == {("users.index", "GET", "0.5"): 3}
    assert one.read(SUMS) == {("users.index", "GET"): 1.5}


def test_what_could_not_be_counted_is_counted_later(app: Flask, redis: Redis) -> None:
    from console import connect

    away = connect(f"redis://{LOOPBACK}:{free_port()}/0", patience=0.2)
    counts = RequestCounts(away)
    counts.note("users.index", "GET", 200, 0.5)
    counts.flush()
    counts._redis = redis
    counts.flush()
    assert counts.read(REQUESTS) == {("users.index", "GET", "200"): 1}
    assert counts.read(SUMS) == {("users.index", "GET"): 0.5}


def test_what_waits_and_what_is_there_is_told(watcher: FlaskClient, redis: Redis) -> None:
    domain = factories.domain()
    factories.users(domain, manual_user("ada"), manual_user("grace", None, status=Status.DISABLED))
    run = factories.run(domain, RunKind.TEST, factories.source(domain))
    queue.start_id(redis, run.id)
    pulse.beat(redis)
    found = numbers(watcher)
    assert found["rollcall_runs", "test", "queued"] == 1
    assert found["rollcall_runs", "manual", "succeeded"] == 1
    assert 0 <= found["rollcall_oldest_queued_run_seconds",] < 60
    assert (found["rollcall_queue_jobs",], found["rollcall_workers",]) == (1, 0)
    assert found["rollcall_clock_ticked_seconds",] < 5
    assert found["rollcall_users", domain.name, "active"] == 1
    assert found["rollcall_users", domain.name, "disabled"] == 1
    assert found["rollcall_up", "database"] == found["rollcall_up", "redis"] == 1
    text = watcher.get("/metrics", headers=BEARER).text
    assert "@" not in text
    assert "ada" not in text


def test_answers_of_the_http_door_are_counted(watcher: FlaskClient) -> None:
    domain = factories.domain()
    factories.users(domain, manual_user("ada"))
    domains.set_perimeter(domain, Mode.MONITOR)
    auth = ("mx1", credentials.create("mx1"))
    for email in (f"ada@{domain.name}", f"ada@{domain.name}", "ada@elsewhere.example"):
        watcher.post("/api/recipients/check", json={"email": email}, auth=auth)
    found = numbers(watcher)
    assert found["rollcall_checks_total", "accept"] == 2
    assert found["rollcall_checks_total", "not_ours"] == 1


def test_without_database_and_redis_it_says_which_part_does_not_answer(settings: Settings) -> None:
    app = create_app(
        replace(
            settings,
            metrics_token=TOKEN,
            database_url=f"postgresql+psycopg://owner@{LOOPBACK}:{free_port()}/rollcall",
            redis_url=f"redis://{LOOPBACK}:{free_port()}/0",
        )
    )
    found = numbers(app.test_client())
    assert found["rollcall_up", "database"] == found["rollcall_up", "redis"] == 0
    assert not any("runs" in name[0] for name in found)
    with app.app_context():
        close(app)
