"""A forgotten password: the same answer for everybody, and a link by mail that works once."""

from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from werkzeug.test import create_environ

from console import connect
from console.models import Admin, Notice, db
from console.store import admins, resets
from tests.servers.ports import LOOPBACK, free_port
from tests.servers.relay import Relay
from tests.web.client import Browser, page
from tests.web.mailing import link_in, mailing, worked_off
from tests.web.second_steps import turned_on

NEW = "another sentence of words"


@pytest.fixture(scope="module")
def started() -> Iterator[Relay]:
    with Relay() as server:
        yield server


@pytest.fixture
def relay(app: Flask, started: Relay) -> Iterator[Relay]:
    with mailing(app, started) as server:
        yield server


def test_the_link_comes_by_mail_and_sets_a_new_password(
    app: Flask, anonymous: Browser, relay: Relay, redis: Redis, alice: Admin
) -> None:
    elsewhere = Browser.of(app).signed_in(alice)
    assert "/reset" in anonymous.page("/login").links()
    asked = anonymous.submit("/reset", email=" Alice@rollcall.example")
    assert asked.location == "/login"
    worked_off(redis)
    (mail,) = relay.mail
    assert (mail["To"], mail["Subject"]) == (alice.email, "A new password for Rollcall")
    path = link_in(mail.get_content())
    for _ in range(2):  # A scanner of mail opens links, too.
        assert anonymous.get(path).location == "/reset/new"
    assert alice.email in anonymous.page("/reset/new").text
    assert anonymous.submit("/reset/new", new=NEW, again=NEW).location == "/domains"
    assert "Your new password is set" in anonymous.page("/domains").text
    assert elsewhere.get("/domains").status_code == 302
    assert admins.check(alice.email, NEW) == alice
    worked_off(redis)
    assert relay.mail[1]["Subject"] == "Your password for Rollcall was changed"
    again = Browser.of(app)
    again.get(path)
    assert "used already" in again.page("/reset/new", 410).text


def test_nobody_learns_whether_there_is_an_account(
    app: Flask, anonymous: Browser, relay: Relay, redis: Redis, alice: Admin
) -> None:
    told = []
    for email in (alice.email, "nobody@rollcall.example"):
        assert anonymous.submit("/reset", email=email).location == "/login"
        told.append(anonymous.page("/login").text.replace(email, "…"))
        jobs = worked_off(redis)
        assert len(jobs) == 1
        assert email not in jobs[0]
    assert told[0] == told[1]
    assert "If there is an account for …" in told[0]
    assert [mail["To"] for mail in relay.mail] == [alice.email]


def test_the_link_is_nowhere_but_in_the_mail(
    anonymous: Browser, relay: Relay, redis: Redis, alice: Admin, caplog: pytest.LogCaptureFixture
) -> None:
    relay.refuses = True
    anonymous.submit("/reset", email=alice.email)
    worked_off(redis)
    db.session.rollback()
    kept = db.session.get_one(Notice, 1)
    assert (kept.error, kept.sent_at, kept.detail) == ("SMTPDataError", None, "")
    assert "/reset/" not in caplog.text
    assert alice.reset_digest is not None


def test_a_mailbox_is_not_filled_and_a_network_address_has_to_wait(
    anonymous: Browser, relay: Relay, redis: Redis, alice: Admin
) -> None:
    anonymous.checks = False
    answers = [anonymous.submit("/reset", email=alice.email).status_code for _ in range(32)]
    assert answers == [302] * 31 + [429]
    worked_off(redis)
    assert len(relay.mail) == 4


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"new": "short", "again": "short"}, "new", "at least 12 characters"),
        ({"new": "password1234", "again": "password1234"}, "new", "others try first"),
        ({"again": "something else"}, "again", "not the same"),
    ],
)
def test_a_password_that_will_not_do_is_said_beside_its_field(
    anonymous: Browser, alice: Admin, typed: dict[str, str], field: str, said: str
) -> None:
    anonymous.get(f"/reset/{resets.make(alice)}")
    shown = page(anonymous.submit("/reset/new", **{"new": NEW, "again": NEW, **typed}), 422)
    assert said in shown.error(field)
    assert anonymous.submit("/reset/new", new=NEW, again=NEW).location == "/domains"


def test_an_empty_address_is_named(anonymous: Browser, relay: Relay) -> None:
    assert page(anonymous.submit("/reset", email=""), 422).error("email") == "Enter your e-mail address."


def test_without_redis_one_is_asked_to_try_again(app: Flask, anonymous: Browser, relay: Relay, alice: Admin) -> None:
    usual = app.extensions["redis"]
    app.extensions["redis"] = connect(f"redis://{LOOPBACK}:{free_port()}/0", patience=0.2)
    try:
        shown = page(anonymous.submit("/reset", email=alice.email), 503)
    finally:
        app.extensions["redis"].close()
        app.extensions["redis"] = usual
    assert "Try again in a minute" in shown.error("email")


def test_without_a_relay_the_page_says_who_can_help(anonymous: Browser, alice: Admin) -> None:
    shown = anonymous.page("/reset")
    assert "Ask one of its owners" in shown.text
    assert "flask admins reset" in shown.text
    assert shown.actions() == []


def test_an_owner_makes_a_link_that_is_shown_once(
    app: Flask, client: Browser, anonymous: Browser, alice: Admin, bob: Admin
) -> None:
    shown = page(client.submit(f"/accounts/{bob.id}/reset"))
    path = shown.one("link").attributes["value"].removeprefix(app.extensions["settings"].base_url)
    assert path.startswith("/reset/")
    assert path not in client.page(f"/accounts/{bob.id}").html
    anonymous.get(path)
    assert anonymous.submit("/reset/new", new=NEW, again=NEW).location == "/domains"
    assert admins.check(bob.email, NEW) == bob


def test_the_text_of_a_link_is_kept_out_of_the_web_server_s_log(app: Flask) -> None:
    """Which logs the environment that it gave to the application, when the request has been answered."""
    for path, shown in (("/reset/a-secret-text", "/reset/new"), ("/invitation/a-secret-text", "/invitation")):
        environ = {**create_environ(path), "RAW_URI": path, "REQUEST_URI": path}
        list(app(environ, lambda *_: lambda _: None))
        assert {environ[name] for name in ("PATH_INFO", "RAW_URI", "REQUEST_URI")} == {shown}


def test_the_link_leads_to_the_second_step_of_an_account_that_has_one(
    anonymous: Browser, alice: Admin, relay: Relay
) -> None:
    phone = turned_on(alice)
    anonymous.get(f"/reset/{resets.make(alice)}")
    assert anonymous.submit("/reset/new", new=NEW, again=NEW).location == "/login/second-step"
    assert anonymous.get("/domains").status_code == 302
    assert "Your new password is set" in anonymous.page("/login/second-step").text
    assert anonymous.submit("/login/second-step", code=phone.code()).location == "/domains"
