"""Pages for what went wrong."""

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from console import create_app
from console.models import Admin, Domain, Group, db
from console.settings import Settings
from tests import factories
from tests.databases import close
from tests.servers.ports import free_port
from tests.web.client import Browser, page


def test_what_is_not_there_says_what_that_may_mean(client: Browser, anonymous: Browser, domain: Domain) -> None:
    for browser in (client, anonymous):
        for path in ("/nowhere", "/domains/", "/favicon.ico", "/%00"):
            shown = browser.page(path, 404)
            assert shown.all("h1")[0].text == "There is no such page"
            assert "or it belongs to a domain that you do not manage" in shown.text
            assert "/domains" in shown.links()


def test_a_viewer_is_told_that_they_may_look(viewer: Browser, domain: Domain) -> None:
    shown = viewer.page(f"/domains/{domain.name}/users/new", 403)
    assert shown.all("h1")[0].text == "You may look at this, but not change it"


def test_a_wrong_method_says_which_are_right(client: Browser, domain: Domain) -> None:
    response = client.get("/logout")
    assert page(response, 405).all("h1")[0].text == "This page cannot be opened this way"
    assert set(response.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


def test_a_form_that_is_too_old_says_so(client: Browser, domain: Domain) -> None:
    for token in ("", "not a token"):
        shown = page(client.post(f"/domains/{domain.name}/groups", data={"csrf_token": token, "name": "Sales"}), 400)
        assert shown.all("h1")[0].text == "This page was open for too long"
    assert db.session.scalars(select(Group.name)).all() == ["Default"]


def test_what_is_too_large_is_refused(client: Browser, domain: Domain) -> None:
    shown = page(client.submit(f"/domains/{domain.name}/groups", name="x" * 2_000_000), 413)
    assert shown.all("h1")[0].text == "That is too large"


@pytest.fixture
def broken(settings: Settings) -> Iterator[Flask]:
    """An application of its own, with a page that has a fault in it, in the middle of a change."""
    app = create_app(settings)

    def fault() -> str:
        db.session.execute(select(Domain))
        db.session.add(Group(domain_id=1, name="Half done"))
        db.session.flush()
        raise RuntimeError("the secret of the fault")

    app.add_url_rule("/fault", "fault", fault)
    yield app
    with app.app_context():
        close(app)


def test_a_fault_of_our_own_is_logged_and_not_shown(
    broken: Flask, alice: Admin, domain: Domain, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser.of(broken).signed_in(alice)
    with caplog.at_level(logging.ERROR):
        shown = browser.page("/fault", 500)
    assert shown.all("h1")[0].text == "Something went wrong in Rollcall"
    assert "alice@rollcall.example" in shown.text
    assert "secret" not in shown.html
    assert "Traceback" not in shown.html
    assert "the secret of the fault" in caplog.text
    assert db.session.scalars(select(Group.name)).all() == ["Default"]
    assert browser.page("/domains")


@pytest.fixture
def without_database(settings: Settings) -> Iterator[Flask]:
    """An application whose database is away."""
    url = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nothing?connect_timeout=2"
    app = create_app(replace(settings, database_url=url))
    yield app
    with app.app_context():
        close(app)


def test_without_the_database_every_page_says_so(
    without_database: Flask, alice: Admin, caplog: pytest.LogCaptureFixture
) -> None:
    browser = Browser.of(without_database).signed_in(alice)
    for path in ("/domains", "/domains/brightfield.example/users", "/runs/1/progress", "/login"):
        shown = browser.page(path, 503)
        assert shown.all("h1")[0].text == "The database does not answer"
        assert "nobody" not in shown.html
    assert "the database does not answer at /domains" in caplog.text


def test_without_the_database_nobody_signs_in_and_the_process_is_alive(without_database: Flask, alice: Admin) -> None:
    browser = Browser.of(without_database)
    assert page(browser.submit("/login", email=alice.email, password=factories.PASSWORD), 503)
    assert browser.get("/health").text == "ok\n"
    assert browser.get("/nowhere").status_code == 404
