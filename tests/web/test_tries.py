"""How often one may try to sign in: guessers wait, and whoever was here before does not wait for them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis
from werkzeug.test import TestResponse

from console import connect, create_app
from console.models import Admin
from console.settings import Settings
from console.store import sessions
from console.throttle import Throttle
from console.web import tries
from tests.databases import close
from tests.factories import PASSWORD
from tests.servers.ports import LOOPBACK, free_port
from tests.web.client import Browser, page

ALICE = "alice@rollcall.example"
LIMITS = sessions.Limits(dt.timedelta(hours=12), dt.timedelta(hours=1))
WAITS = "Too many tries. Try again in 2 seconds."


def at(address: str) -> dict[str, str]:
    """A request from this network address."""
    return {"REMOTE_ADDR": address}


def attempt(browser: Browser, email: str = ALICE, password: str = "wrong", address: str = "192.0.2.66") -> TestResponse:
    token = browser.token("/login")
    data = {"csrf_token": token, "email": email, "password": password}
    return browser.post("/login", data=data, environ_overrides=at(address))


@pytest.fixture
def guesser(app: Flask) -> Browser:
    found = Browser.of(app)
    found.checks = False
    return found


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords are not hashed where only their number matters."""
    monkeypatch.setattr("console.store.admins.check", lambda *_: None)


@pytest.mark.usefixtures("cheap")
@pytest.mark.parametrize("email", [ALICE, "nobody@rollcall.example"])
def test_guessers_wait_whether_there_is_such_an_account_or_not(guesser: Browser, alice: Admin, email: str) -> None:
    addresses = [f"192.0.2.{n}" for n in range(7)]
    answers = [attempt(guesser, email, address=address) for address in addresses]
    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert answers[-1].headers["Retry-After"] == "2"
    assert page(answers[-1], 429).text.count(WAITS) == 1


@pytest.mark.usefixtures("cheap")
def test_one_network_address_tries_many_accounts_so_often_and_no_more(guesser: Browser, alice: Admin) -> None:
    tried = [attempt(guesser, f"somebody{n}@rollcall.example").status_code for n in range(tries.AT_ADDRESS + 2)]
    assert tried == [422] * (tries.AT_ADDRESS + 1) + [429]
    assert attempt(guesser, "one.more@rollcall.example", address="198.51.100.1").status_code == 422


def test_the_owner_does_not_wait_for_guessers_in_a_browser_or_at_an_address_that_was_here_before(
    *, app: Flask, anonymous: Browser, guesser: Browser, alice: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attempt(anonymous, password=PASSWORD, address="203.0.113.5").status_code == 302
    anonymous.submit("/logout")
    with monkeypatch.context() as patch:
        patch.setattr("console.store.admins.check", lambda *_: None)
        for n in range(7):
            last = attempt(guesser, address=f"192.0.2.{n}")
    assert last.status_code == 429
    assert attempt(Browser.of(app), password=PASSWORD, address="198.51.100.21").status_code == 429
    assert attempt(anonymous, password=PASSWORD, address="198.51.100.20").status_code == 302
    other_browser = Browser.of(app)
    assert attempt(other_browser, password=PASSWORD, address="203.0.113.5").status_code == 302


def test_a_browser_that_was_here_before_does_not_guess_for_ever(
    anonymous: Browser, alice: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attempt(anonymous, password=PASSWORD).status_code == 302
    anonymous.submit("/logout")
    monkeypatch.setattr("console.store.admins.check", lambda *_: None)
    assert [attempt(anonymous, address=f"192.0.2.{n}").status_code for n in range(7)] == [422] * 6 + [429]


def test_signing_in_costs_an_office_nothing(app: Flask, alice: Admin, redis: Redis) -> None:
    throttle = Throttle(redis, "key")
    with app.test_request_context(environ_overrides=at("203.0.113.5")):
        door = tries.at_address("sign-in")
    for _ in range(3 * tries.AT_ADDRESS):
        assert throttle.enter(door) == 0
        throttle.passed(door)


def test_a_subscriber_s_whole_ipv6_network_is_one_address(app: Flask) -> None:
    names = []
    for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"):
        with app.test_request_context(environ_overrides=at(address)):
            names.append(tries.at_address("sign-in").name)
    assert names[0] == names[1] != names[2]


@pytest.mark.usefixtures("cheap")
def test_without_redis_each_process_counts_by_itself(app: Flask, guesser: Browser, alice: Admin) -> None:
    away = connect(f"redis://{LOOPBACK}:{free_port()}/0", patience=0.2)
    usual, app.extensions["throttle"] = app.extensions["throttle"], Throttle(away, "key")
    try:
        answers = [attempt(guesser, address=f"192.0.2.{n}").status_code for n in range(7)]
    finally:
        app.extensions["throttle"] = usual
        away.close()
    assert answers == [422] * 6 + [429]


@pytest.fixture(scope="module")
def proxied(migrated: Flask, settings: Settings) -> Iterator[Flask]:
    app = create_app(replace(settings, trusted_proxies=1))
    app.testing = True
    yield app
    with app.app_context():
        close(app)


def test_what_a_request_says_of_its_address_is_believed_of_trusted_proxies_alone(
    app: Flask, proxied: Flask, alice: Admin
) -> None:
    for served, expected in ((app, "127.0.0.1"), (proxied, "198.51.100.7")):
        browser = Browser.of(served)
        data = {"csrf_token": browser.token("/login"), "email": ALICE, "password": PASSWORD}
        headers = {"X-Forwarded-For": "6.6.6.6, 198.51.100.7"}
        assert browser.post("/login", data=data, headers=headers).status_code == 302
        assert sessions.of_admin(alice.id, LIMITS)[0].address == expected
