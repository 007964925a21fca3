"""Signing in and out, and when a session ends."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from console import create_app
from console.models import Admin, AdminSession, Domain, Role, db, now
from console.settings import Settings
from console.store import admins
from tests.databases import close
from tests.factories import PASSWORD
from tests.web.client import HTMX, Browser, page

REFUSED = "This e-mail address and password do not belong together. Check both and try again."


def sign_in(
    browser: Browser, email: str = "alice@rollcall.example", password: str = PASSWORD, path: str = "/login"
) -> TestResponse:
    return browser.submit(path, email=email, password=password)


def is_open(browser: Browser) -> bool:
    return browser.get("/domains").status_code == 200


def test_the_right_password_leads_to_the_domains(anonymous: Browser, alice: Admin) -> None:
    response = sign_in(anonymous)
    assert (response.status_code, response.location) == (302, "/domains")
    assert anonymous.page("/domains").one("main").attributes["class"] == "shell"
    assert alice.signed_in_at is not None


def test_an_address_is_read_whatever_its_case_and_white_space(anonymous: Browser, alice: Admin) -> None:
    assert sign_in(anonymous, " Alice@Rollcall.Example ").status_code == 302


def test_whether_an_account_exists_is_not_told(anonymous: Browser, alice: Admin) -> None:
    answers = [
        page(sign_in(anonymous, email, "wrong"), 422)
        for email in ("alice@rollcall.example", "nobody@rollcall.example", "no address", "a\x00b")
    ]
    for answer in answers:
        assert answer.text.count(REFUSED) == 1
        assert not is_open(anonymous)
    told = {answer.text for answer in answers}
    assert len(told) == 1


def test_what_was_typed_is_still_there_but_for_the_password(anonymous: Browser, alice: Admin) -> None:
    form = page(sign_in(anonymous, password="wrong"), 422).form()
    assert form["email"] == "alice@rollcall.example"
    assert form["password"] == ""


@pytest.mark.parametrize("field", ["email", "password"])
def test_an_empty_field_is_named(anonymous: Browser, alice: Admin, field: str) -> None:
    typed = {"email": "alice@rollcall.example", "password": PASSWORD, field: ""}
    assert page(anonymous.submit("/login", **typed), 422).error(field).startswith("Enter your")
    assert not is_open(anonymous)


def test_one_comes_back_to_the_page_one_wanted(anonymous: Browser, alice: Admin) -> None:
    wanted = "/domains/brightfield.example/users?q=a%20b&kind=list"
    path = f"/login?next={quote(wanted)}"
    assert sign_in(anonymous, path=path).location == wanted
    assert anonymous.get(path).location == wanted


def test_the_sign_in_never_leads_to_another_host(client: Browser) -> None:
    for wanted in (
        "//evil.example",
        "///evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "//[evil",
        "javascript:alert()",
        "evil.example",
        "",
    ):
        assert client.get(f"/login?next={quote(wanted)}").location == "/domains", wanted


def test_a_sign_in_just_now_never_leads_to_another_host(anonymous: Browser, alice: Admin) -> None:
    assert sign_in(anonymous, path="/login?next=//evil.example").location == "/domains"


def test_the_cookie_is_for_this_console_alone(anonymous: Browser, alice: Admin) -> None:
    cookies = sign_in(anonymous).headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["browser", "session"]
    for cookie in cookies:
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
        assert "Secure" not in cookie
        assert "Expires=" in cookie or "Max-Age=" in cookie
        assert "alice" not in cookie


@pytest.fixture
def behind_https(settings: Settings) -> Iterator[Flask]:
    """An application of its own, as it runs behind a proxy that speaks HTTPS."""
    app = create_app(replace(settings, base_url="https://rollcall.example", trusted_proxies=1))
    app.testing = True
    yield app
    with app.app_context():
        close(app)


def test_the_cookie_travels_over_https_alone(alice: Admin, behind_https: Flask) -> None:
    browser = Browser.of(behind_https)
    proxied = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "rollcall.example"}
    form = browser.get("/login", headers=proxied, base_url="https://rollcall.example")
    assert form.headers["Strict-Transport-Security"] == "max-age=31536000"
    data = {"csrf_token": page(form).form()["csrf_token"], "email": alice.email, "password": PASSWORD}
    # Over HTTPS the token is taken from the console's own pages alone.
    refused = browser.post("/login", data=data, headers=proxied, base_url="https://rollcall.example")
    assert refused.status_code == 400
    headers = {**proxied, "Referer": "https://rollcall.example/login"}
    response = browser.post("/login", data=data, headers=headers, base_url="https://rollcall.example")
    assert response.status_code == 302
    assert {"Secure", "HttpOnly", "SameSite=Lax"} <= set(response.headers["Set-Cookie"].split("; "))


def test_a_session_from_before_the_sign_in_is_not_carried_on(anonymous: Browser, alice: Admin) -> None:
    with anonymous.session_transaction() as session:
        session["planted"] = "by somebody else"
    sign_in(anonymous)
    with anonymous.session_transaction() as session:
        assert "planted" not in session
        assert session.permanent


def test_signing_out_ends_the_session(client: Browser) -> None:
    response = client.submit("/logout")
    assert (response.status_code, response.location) == (302, "/login")
    assert not is_open(client)
    with client.session_transaction() as session:
        assert "key" not in session


def test_a_new_password_ends_the_sessions(client: Browser, alice: Admin) -> None:
    assert is_open(client)
    admins.set_password(alice, "another sentence of words")
    assert not is_open(client)
    assert sign_in(client, password=PASSWORD).status_code == 422
    assert sign_in(client, password="another sentence of words").status_code == 302


def test_a_session_ends_with_its_account(client: Browser, alice: Admin) -> None:
    db.session.delete(alice)
    db.session.commit()
    assert not is_open(client)


@pytest.mark.parametrize(("column", "ago"), [("began_at", dt.timedelta(hours=12)), ("used_at", dt.timedelta(hours=1))])
def test_a_session_ends_at_its_time_and_when_nobody_uses_it(
    client: Browser, domain: Domain, column: str, ago: dt.timedelta
) -> None:
    for early, status in ((dt.timedelta(minutes=1), 200), (dt.timedelta(), 302)):
        db.session.execute(update(AdminSession).values({column: now() - ago + early}))
        db.session.commit()
        assert client.get("/domains").status_code == status
    assert client.submit(f"/domains/{domain.name}/plus-tags").location == "/login"
    assert domain.plus_tags


def test_a_page_that_is_left_open_does_not_prolong_its_session(app: Flask, client: Browser, domain: Domain) -> None:
    then = now() - dt.timedelta(minutes=30)

    def used(path: str) -> dt.datetime:
        db.session.execute(update(AdminSession).values(used_at=then))
        db.session.commit()
        assert client.get(path).status_code == 200
        return db.session.scalars(select(AdminSession.used_at)).one()

    app.config["STREAM_LIFE"], usual = 0.01, app.config["STREAM_LIFE"]
    try:
        assert used(f"/domains/{domain.name}/sync/list") == then
    finally:
        app.config["STREAM_LIFE"] = usual
    assert used("/domains") > then


def test_a_session_is_written_to_once_a_minute(client: Browser) -> None:
    recently = now() - dt.timedelta(seconds=50)
    db.session.execute(update(AdminSession).values(used_at=recently))
    db.session.commit()
    assert is_open(client)
    assert db.session.scalars(select(AdminSession.used_at)).one() == recently


@pytest.mark.parametrize("planted", ["", "1", "x", "no session has this"])
def test_a_session_of_nobody_opens_nothing(anonymous: Browser, alice: Admin, planted: str) -> None:
    with anonymous.session_transaction() as session:
        session.update({"key": planted, "_user_id": str(alice.id)})
    assert not is_open(anonymous)


def test_a_cookie_that_was_kept_opens_nothing_after_signing_out(app: Flask, client: Browser) -> None:
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.submit("/logout")
    thief = Browser.of(app)
    thief.set_cookie("session", cookie.value)
    assert not is_open(thief)


def test_a_cookie_that_was_changed_opens_nothing(client: Browser) -> None:
    cookie = client.get_cookie("session")
    assert cookie is not None
    client.set_cookie("session", cookie.value[:-3] + "abc")
    assert not is_open(client)


def test_a_one_time_password_opens_until_its_day_is_over(app: Flask, anonymous: Browser) -> None:
    admin, shown = admins.create("carol@rollcall.example", Role.OWNER)
    assert shown is not None
    assert sign_in(anonymous, "carol@rollcall.example", shown).status_code == 302
    admin.password_expires_at = now() - dt.timedelta(minutes=1)
    db.session.commit()
    late = Browser.of(app)
    assert page(sign_in(late, "carol@rollcall.example", shown), 422).text.count(REFUSED) == 1
    assert not is_open(late)


def test_a_form_whose_session_was_lost_leads_to_the_sign_in(client: Browser, domain: Domain) -> None:
    token = client.token()
    client.delete_cookie("session")
    path = f"/domains/{domain.name}/users/new"
    typed = {"csrf_token": token, "address": "ada"}
    assert client.post(path, data=typed).location == "/login"
    assert client.post(path, data=typed, headers=HTMX).headers["HX-Redirect"] == "/login"
