"""User Sync: the list of sources, one source's page, and starting its runs."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select

from console import create_app, queue
from console.core.person import Origin
from console.core.plan import Plan
from console.models import Admin, Domain, Run, RunKind, RunState, Source, User, db
from console.settings import Settings
from console.store import records, runs, sources
from tests import factories
from tests.databases import close
from tests.servers.ports import free_port
from tests.web.client import Browser, same
from tests.web.markup import Page

PRESSED = {"test": RunKind.TEST, "preview": RunKind.PREVIEW, "sync": RunKind.SYNC}


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def newest() -> Run:
    run = db.session.scalars(select(Run).order_by(Run.id.desc())).first()
    assert run is not None
    return run


def row(shown: Page, source: Source) -> str:
    return shown.one(f"source-{source.id}").text


def test_without_a_source_the_list_says_what_to_do(client: Browser, viewer: Browser, domain: Domain) -> None:
    path = f"/domains/{domain.name}/sync"
    for browser, offered in ((client, True), (viewer, False)):
        shown = browser.page(path)
        assert "No user source yet" in shown.text
        assert (f"/domains/{domain.name}/sources/new" in shown.links()) == offered


def test_the_list_alone_is_the_list_of_the_page(client: Browser, domain: Domain, source: Source) -> None:
    factories.users(domain, factories.user("ada", source_id=source.id))
    factories.run(domain, RunKind.PREVIEW, source)
    shown = client.page(f"/domains/{domain.name}/sync")
    fragment = client.get(f"/domains/{domain.name}/sync/list")
    assert same(fragment.text) == same(shown.outer("sources-list"))
    (live,) = [element for element in shown.elements if "hx-sse:connect" in element.attributes]
    assert live.attributes["hx-sse:connect"] == f"/domains/{domain.name}/sync/list"


def test_the_list_tells_the_state_of_each_source(client: Browser, domain: Domain) -> None:
    fresh, ailing, busy, waiting, fine = (factories.source(domain, name=name) for name in ("A", "B", "C", "D", "E"))
    factories.users(domain, factories.user("ada", source_id=fine.id), factories.user("bea", source_id=fine.id))
    sources.failed(ailing.id, "The server refused the password.")
    factories.run(domain, RunKind.SYNC, busy)
    first = factories.run(domain, RunKind.SYNC, waiting)
    runs.claim(first.id)
    runs.wait(first.id, Plan(), ["It is the first run of this source."])
    sources.succeeded(fine.id)
    db.session.commit()
    shown = client.page(f"/domains/{domain.name}/sync")
    assert "never synced" in row(shown, fresh)
    assert "trouble The server refused the password." in row(shown, ailing)
    assert "queued" in row(shown, busy)
    assert "waits for you It is the first run of this source." in row(shown, waiting)
    assert "in step" in row(shown, fine)
    assert row(shown, fine).split("Preview")[0].strip().endswith("2")
    assert f"/runs/{first.id}" in shown.links()
    assert f"/sources/{fine.id}/sync" in shown.actions()
    assert f"/sources/{busy.id}/sync" not in shown.actions()


def test_the_list_tells_what_the_syncs_changed(client: Browser, domain: Domain, source: Source) -> None:
    ids = factories.users(domain, factories.user("ada", source_id=source.id))
    change = records.changes(newest().id)[0]
    newest().kind, newest().source_id = RunKind.SYNC.value, source.id
    db.session.commit()
    shown = client.page(f"/domains/{domain.name}/sync")
    feed = shown.one("changes-title").parent
    assert feed is not None
    assert feed.parent is not None
    assert "created ada@brightfield.example Active Dir. · HQ" in feed.parent.text
    assert change.user_id == ids[0]


def test_the_page_of_a_source_tells_its_settings(client: Browser, domain: Domain, source: Source) -> None:
    text = client.page(f"/sources/{source.id}").text
    for said in ("127.0.0.1", "cn=reader", "stored, sealed", "dc=example", "every 60 minutes", "What to do now"):
        assert said in text


def test_the_page_of_a_source_shows_its_last_test(client: Browser, domain: Domain, source: Source) -> None:
    run = factories.run(domain, RunKind.TEST, source)
    runs.claim(run.id)
    runs.succeed(run.id, trial={"facts": [["Host", "dc1"]], "found": 1234, "samples": [], "warnings": []})
    db.session.commit()
    assert "1,234 entries with a mail address found." in client.page(f"/sources/{source.id}").text
    run = factories.run(domain, RunKind.TEST, source)
    runs.claim(run.id)
    runs.fail(run.id, "The server refused the password.")
    assert "The server refused the password." in client.page(f"/sources/{source.id}").text


def test_a_source_that_cannot_be_read_keeps_others_from_removing(
    client: Browser, domain: Domain, source: Source
) -> None:
    other = factories.source(domain, name="Branch")
    sources.failed(other.id, "The server did not answer.")
    warned = client.page(f"/sources/{source.id}").text
    assert "Nobody is removed from the list while Active Dir. · Branch cannot be read." in warned
    assert "The last sync failed. The server did not answer." in client.page(f"/sources/{other.id}").text


@pytest.mark.parametrize("button", PRESSED)
def test_a_button_queues_its_run_and_hands_the_worker_its_number_alone(
    client: Browser, redis: Redis, alice: Admin, source: Source, button: str
) -> None:
    response = client.submit(f"/sources/{source.id}/{button}")
    run = newest()
    assert response.location == f"/runs/{run.id}"
    assert (run.kind, run.state, run.source_id, run.admin) == (PRESSED[button], RunState.QUEUED, source.id, alice)
    assert run.domain_id == source.domain_id
    (job,) = queue.queue(redis).jobs
    assert (job.func_name, job.args, job.kwargs) == ("jobs.tasks.provision", (run.id,), {})
    assert "Waiting for a worker." in client.page(response.location).text


@pytest.mark.parametrize("button", PRESSED)
def test_a_second_press_leads_to_the_run_that_is_open(
    client: Browser, redis: Redis, source: Source, button: str
) -> None:
    first = client.submit(f"/sources/{source.id}/{button}").location
    shown = client.act(f"/sources/{source.id}/{button}")
    assert "This run was under way already, so no second one was started." in shown.text
    assert shown.all("h1")[0].text.startswith(f"{PRESSED[button].capitalize()} {newest().id} of")
    assert first == f"/runs/{newest().id}"
    assert len(queue.queue(redis).jobs) == 1


def test_a_test_and_a_preview_need_not_wait_for_a_sync(client: Browser, source: Source) -> None:
    started = [client.submit(f"/sources/{source.id}/{button}").location for button in PRESSED]
    assert started == ["/runs/1", "/runs/2", "/runs/3"]


def test_a_source_is_deleted_and_its_users_stay(client: Browser, domain: Domain, source: Source) -> None:
    (user_id,) = factories.users(domain, factories.user("ada", source_id=source.id, by_hand=frozenset({"name"})))
    asked = client.page(f"/sources/{source.id}/delete").text
    assert "Its 1 user stays on the list, and mail to them is accepted as before." in asked
    shown = client.act(f"/sources/{source.id}/delete")
    assert "Active Dir. · HQ is deleted. Its users stay on the list and are kept by hand from now on." in shown.text
    assert not sources.of_domain(domain.id)
    user = db.session.get(User, user_id)
    assert user is not None
    assert (user.origin, user.source_id, user.by_hand, user.status) == (Origin.MANUAL, None, [], "active")
    assert "kept by hand from now on; Active Dir. · HQ was deleted" in client.page(f"/users/{user_id}").text


def test_a_source_with_an_open_run_is_not_deleted(client: Browser, domain: Domain, source: Source) -> None:
    client.submit(f"/sources/{source.id}/sync")
    shown = client.act(f"/sources/{source.id}/delete")
    assert "This source has an open run. Cancel or discard it first." in shown.text
    assert sources.of_domain(domain.id) == [source]


@pytest.fixture
def without_redis(settings: Settings) -> Iterator[Flask]:
    """An application whose Redis is away."""
    app = create_app(replace(settings, redis_url=f"redis://127.0.0.1:{free_port()}/0"))
    app.testing = True
    yield app
    with app.app_context():
        close(app)


def test_without_redis_the_run_waits_and_the_page_says_so(without_redis: Flask, alice: Admin, source: Source) -> None:
    browser = Browser.of(without_redis).signed_in(alice)
    shown = browser.act(f"/sources/{source.id}/sync")
    said = "Redis does not answer, so no worker was told. The run starts by itself when it is back."
    assert said in shown.text
    assert (newest().kind, newest().state) == (RunKind.SYNC, RunState.QUEUED)
    for path in (f"/sources/{source.id}", f"/domains/{source.domain.name}/sync", "/domains"):
        browser.page(path)
    assert "Cancelled" in browser.act(f"/runs/{newest().id}/cancel").text
