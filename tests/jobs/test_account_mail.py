"""What the people with accounts are told by mail."""

from collections.abc import Iterator

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select

from console.models import Admin, Notice, NoticeKind, db
from console.store import notices
from jobs import account_mail, clock
from tests.factories import PASSWORD
from tests.servers.relay import Relay
from tests.web.client import Browser
from tests.web.mailing import BASE, mailing, worked_off

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
NEW = "another sentence of words"


@pytest.fixture(scope="module")
def started() -> Iterator[Relay]:
    with Relay() as server:
        yield server


@pytest.fixture
def relay(app: Flask, started: Relay) -> Iterator[Relay]:
    with mailing(app, started) as server:
        yield server


def sign_in(browser: Browser, address: str, user_agent: str) -> None:
    data = {"csrf_token": browser.token("/login"), "email": "alice@rollcall.example", "password": PASSWORD}
    response = browser.post(
        "/login", data=data, environ_overrides={"REMOTE_ADDR": address}, headers={"User-Agent": user_agent}
    )
    assert response.status_code == 302
    browser.delete_cookie("session")


def kinds() -> list[str]:
    return list(db.session.scalars(select(Notice.kind).order_by(Notice.id)))


def test_a_sign_in_from_a_new_browser_is_told_and_from_a_known_one_is_not(
    app: Flask, relay: Relay, redis: Redis, alice: Admin
) -> None:
    home, other = Browser.of(app), Browser.of(app)
    sign_in(home, "192.0.2.7", "Firefox/140.0")
    assert kinds() == [], "the first sign-in is nothing new"
    sign_in(home, "198.51.100.9", "Firefox/141.0")
    assert kinds() == [], "the same browser elsewhere"
    sign_in(Browser.of(app), "192.0.2.7", "Firefox/141.0")
    assert kinds() == [], "one of the same kind at the same address, which keeps no cookies"
    sign_in(other, "203.0.113.80", CHROME)
    assert kinds() == ["new_sign_in"]
    sign_in(other, "203.0.113.80", CHROME)
    assert kinds() == ["new_sign_in"]
    clock.tick(app)
    worked_off(redis)
    (mail,) = relay.mail
    assert (mail["To"], mail["Subject"]) == (alice.email, "A sign-in to Rollcall from a new browser")
    text = mail.get_content()
    assert "Chrome on Windows, network address 203.0.113.80" in text
    assert f"{BASE}/account" in text


def test_a_changed_password_is_told(client: Browser, relay: Relay, redis: Redis, alice: Admin) -> None:
    assert client.submit("/account/password", current=PASSWORD, new=NEW, again=NEW).status_code == 302
    worked_off(redis)
    (mail,) = relay.mail
    assert (mail["To"], mail["Subject"]) == (alice.email, "Your password for Rollcall was changed")
    assert "on the Account page" in " ".join(mail.get_content().split())


def test_a_notice_goes_with_its_account(alice: Admin, bob: Admin) -> None:
    notices.tell_person(NoticeKind.PASSWORD_CHANGED, bob)
    db.session.commit()
    db.session.delete(bob)
    db.session.commit()
    assert kinds() == []


def test_a_notice_about_a_domain_is_none_of_a_person_s(app: Flask) -> None:
    with pytest.raises(TypeError):
        account_mail.compose(Notice(kind="failing"), base_url=BASE, sender="x@console.example")


@pytest.mark.parametrize(
    ("kind", "detail", "subject", "said"),
    [
        (NoticeKind.TWO_STEPS_ON, "", "Two-step sign-in to Rollcall is on", "asked for a code of an app"),
        (
            NoticeKind.TWO_STEPS_OFF,
            "by the owner o@x.example",
            "Two-step sign-in to Rollcall is off",
            "off by the owner",
        ),
        (NoticeKind.RECOVERY_CODE_USED, "7", "A recovery code was used to sign in to Rollcall", "left: 7. If that"),
        (NoticeKind.RECOVERY_CODE_USED, "3", "A recovery code was used to sign in to Rollcall", "left: 3. Make new"),
        (NoticeKind.RECOVERY_CODES_MADE, "", "New recovery codes for Rollcall", "The former ones are of no use"),
        (
            NoticeKind.SECOND_STEP_REFUSED,
            "too many wrong codes",
            "Somebody was not let in to Rollcall as you",
            "no further",
        ),
        (NoticeKind.PASSKEY_ADDED, "Laptop", "A new passkey for Rollcall", "alice@rollcall.example: Laptop."),
        (NoticeKind.PASSKEY_REMOVED, "Laptop", "A passkey for Rollcall was removed", "was removed: Laptop."),
    ],
)
def test_what_becomes_of_the_second_step_is_told(
    *, relay: Relay, redis: Redis, alice: Admin, kind: NoticeKind, detail: str, subject: str, said: str
) -> None:
    notices.tell_person(kind, alice, detail)
    db.session.commit()
    worked_off(redis)
    (mail,) = relay.mail
    assert mail["Subject"] == subject
    text = " ".join(mail.get_content().split())
    assert said in text
    assert "If that was not you" in text
