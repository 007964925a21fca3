"""Live fragments over server-sent events: a run's progress, and the list of sources."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis

from console import create_app, live
from console.core.plan import Plan
from console.models import Admin, Domain, Role, Run, RunKind, Source, db
from console.settings import Settings
from console.store import admins, domains, runs
from console.web import stream
from console.web.wire import CSP
from tests import factories
from tests.databases import close
from tests.processes import until
from tests.servers.ports import free_port
from tests.web.client import Browser, same
from tests.web.listener import Listener

LONG = 30.0
SHORT = 0.05


@pytest.fixture
def run(domain: Domain) -> Run:
    return factories.run(domain, RunKind.SYNC, factories.source(domain))


@pytest.fixture(autouse=True)
def patient(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a tick makes a stream look again, unless a test says otherwise."""
    monkeypatch.setitem(app.config, "STREAM_HEARTBEAT", LONG)
    monkeypatch.setitem(app.config, "STREAM_LIFE", LONG)


@pytest.fixture
def hasty(app: Flask, patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream looks again all the time."""
    monkeypatch.setitem(app.config, "STREAM_HEARTBEAT", SHORT)


def move(redis: Redis, run: Run, done: int) -> None:
    """What a worker does while it reads."""
    runs.progress(run.id, "reading", done, None)
    live.tick(redis, run.id, run.domain_id)


def test_the_first_message_is_the_present_state(client: Browser, redis: Redis, run: Run) -> None:
    runs.claim(run.id)
    runs.progress(run.id, "reading", 500, None)
    fragment = client.get(f"/runs/{run.id}/progress").text
    began = time.monotonic()
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        assert same(listener.next() or "") == same(fragment)
        assert time.monotonic() - began < LONG / 10
        listener.leave()
        live.tick(redis, run.id, run.domain_id)


def test_a_tick_shows_what_has_changed(client: Browser, redis: Redis, run: Run) -> None:
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        assert "Waiting for a worker" in listener.html()
        runs.claim(run.id)
        for done in (1, 500, 1203):
            move(redis, run, done)
            assert f"{done:,} entries" in listener.html()
        runs.fail(run.id, "The server went away.")
        live.tick(redis, run.id, run.domain_id)
        assert "The server went away." in listener.html()
        assert listener.rest() == ["end"]


def test_a_tick_without_a_change_is_a_mere_sign_of_life(client: Browser, redis: Redis, run: Run) -> None:
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        listener.html()
        live.tick(redis, run.id, run.domain_id)
        assert listener.next() == ""
        runs.cancel(run.id)
        live.tick(redis, run.id, run.domain_id)
        assert "Cancelled." in listener.html()


@pytest.mark.usefixtures("hasty")
def test_without_a_tick_the_heartbeat_looks_again(client: Browser, run: Run) -> None:
    runs.claim(run.id)
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        listener.html()
        assert [listener.next(), listener.next()] == ["", ""]
        runs.progress(run.id, "reading", 77, None)
        assert "77 entries" in listener.html()


def test_the_stream_of_a_run_that_has_ended_tells_its_end_and_ends(client: Browser, run: Run) -> None:
    runs.cancel(run.id)
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        shown, ended = listener.rest()
    assert "Cancelled." in shown
    assert ended == "end"


def test_a_run_that_waits_for_a_person_ends_the_stream(client: Browser, redis: Redis, run: Run) -> None:
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        listener.html()
        runs.claim(run.id)
        runs.wait(run.id, Plan(), ["It is the first run of this source."])
        live.tick(redis, run.id, run.domain_id)
        assert "Approve" in listener.html()
        assert listener.rest() == ["end"]


@pytest.mark.usefixtures("hasty")
def test_a_stream_ends_by_itself_and_the_next_one_goes_on(
    app: Flask, client: Browser, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "STREAM_LIFE", 4 * SHORT)
    began = time.monotonic()
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        first, *signs = listener.rest()
    assert 4 * SHORT <= time.monotonic() - began < LONG / 2
    assert set(signs) == {""}
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        assert same(listener.html()) == same(first)


def test_a_stream_holds_no_connection_to_the_database_while_it_waits(app: Flask, client: Browser, run: Run) -> None:
    path = f"/runs/{run.id}/progress"
    db.session.rollback()
    pool = db.engine.pool
    listeners = [Listener(client, path) for _ in range(5)]
    for listener in listeners:
        listener.html()
    until(lambda: pool.checkedout() == 0, "every connection is back in the pool")  # type: ignore[attr-defined]
    runs.cancel(run.id)
    live.tick(app.extensions["redis"], run.id, 1)
    for listener in listeners:
        with listener:
            assert "Cancelled." in listener.html()


def test_a_browser_that_leaves_ends_its_subscription(client: Browser, redis: Redis, run: Run) -> None:
    channel = live.run_channel(run.id)
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        listener.html()
        assert redis.pubsub_numsub(channel) == [(channel.encode(), 1)]
        listener.leave()
        live.tick(redis, run.id, run.domain_id)
    until(lambda: redis.pubsub_numsub(channel) == [(channel.encode(), 0)], "nobody listens")


@pytest.fixture
def carol(domain: Domain) -> Admin:
    """An admin of this domain alone."""
    return factories.admin("carol@rollcall.example", Role.ADMIN, only=[domain])


@pytest.mark.parametrize("path", ["/runs/1/progress", "/domains/brightfield.example/sync/list"])
@pytest.mark.parametrize("lost", ["domain", "password", "account", "everything"])
def test_whoever_loses_access_is_shown_nothing_more(app: Flask, run: Run, carol: Admin, path: str, lost: str) -> None:
    with Listener(Browser.of(app).signed_in(carol), path) as listener:
        assert "queued" in listener.html()
        if lost == "domain":
            carol.domains = []
        elif lost == "password":
            admins.set_password(carol, "another sentence of words")
        elif lost == "account":
            db.session.delete(carol)
        else:
            domains.delete(run.domain)
        db.session.commit()
        live.tick(app.extensions["redis"], 1, 1)
        assert listener.rest() == ["end"]


def test_the_list_of_sources_follows_every_run_of_the_domain(
    client: Browser, redis: Redis, domain: Domain, run: Run
) -> None:
    path = f"/domains/{domain.name}/sync"
    with Listener(client, f"{path}/list") as listener:
        assert same(listener.html()) == same(client.page(path).outer("sources-list"))
        runs.claim(run.id)
        move(redis, run, 42)
        assert "42 entries" in listener.html()
        runs.fail(run.id, "The server went away.")
        live.tick(redis, run.id, run.domain_id)
        assert "The server went away." in listener.html()
        other = factories.run(domain, RunKind.TEST, db.session.get(Source, run.source_id))
        live.tick(redis, other.id, domain.id)
        assert f"/runs/{other.id}" in listener.html()
        listener.leave()
        live.tick(redis, other.id, domain.id)


def test_another_domains_runs_are_no_news(client: Browser, redis: Redis, domain: Domain, run: Run) -> None:
    other = factories.domain("other.example")
    with Listener(client, f"/domains/{domain.name}/sync/list") as listener:
        listener.html()
        live.tick(redis, 99, other.id)
        live.tick(redis, run.id, domain.id)
        assert listener.next() == ""
        listener.leave()
        live.tick(redis, run.id, domain.id)


def test_following_a_run_renews_no_session(client: Browser, run: Run) -> None:
    client.page("/domains")
    before = client.get_cookie("session")
    runs.cancel(run.id)
    for path in (f"/runs/{run.id}/progress", f"/domains/{run.domain.name}/sync/list", f"/runs/{run.id}/changes"):
        assert "Set-Cookie" not in client.get(path).headers
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        assert "Set-Cookie" not in listener.response.headers
    assert client.get_cookie("session") == before


def test_a_stream_is_named_as_one_and_kept_by_nobody(client: Browser, run: Run) -> None:
    runs.cancel(run.id)
    with Listener(client, f"/runs/{run.id}/progress") as listener:
        headers = listener.response.headers
    assert headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["Content-Security-Policy"] == CSP


def test_a_message_carries_any_html_as_one_event() -> None:
    assert stream.message("<p>\n\n  a\r\n</p>\n") == "data: <p>\ndata:   a\ndata: </p>\n\n"


@pytest.fixture
def without_redis(settings: Settings) -> Iterator[Flask]:
    app = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0"))
    app.config["STREAM_HEARTBEAT"] = SHORT
    app.testing = True
    yield app
    with app.app_context():
        close(app)


def test_without_redis_the_heartbeat_still_shows_what_changes(without_redis: Flask, alice: Admin, run: Run) -> None:
    browser = Browser.of(without_redis).signed_in(alice)
    runs.claim(run.id)
    with Listener(browser, f"/runs/{run.id}/progress") as listener:
        assert "Starting" in listener.html()
        runs.progress(run.id, "reading", 77, None)
        assert "77 entries" in listener.html()
        runs.fail(run.id, "The server went away.")
        assert "The server went away." in listener.html()
        assert listener.rest() == ["end"]
