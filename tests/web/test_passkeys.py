"""Passkeys: what is accepted, once, and of whom. Their way through a browser is in tests/browser/test_two_steps.py."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import select, update

from console.models import Admin, AdminSession, Notice, Passkey, db, now
from console.passkeys import Site, site
from console.store import organisation, passkeys
from tests import factories
from tests.factories import PASSWORD
from tests.servers.ports import free_port
from tests.web.authenticator import Authenticator
from tests.web.client import Browser, page
from tests.web.second_steps import turned_on
from tests.web.test_login import is_open, sign_in

REFUSED = "This passkey was not accepted."
LATE = "That took more than five minutes"


def options(browser: Browser, path: str) -> Any:
    response = browser.submit(f"{path}/challenge")
    assert (response.status_code, response.mimetype) == (200, "application/json")
    return response.json


def add(browser: Browser, key: Authenticator, **typed: str) -> tuple[int, str]:
    """Make a passkey; the status, and what is wrong."""
    made = key.make(options(browser, "/account/passkeys"))
    response = browser.submit("/account/passkeys", **{"passkey-credential": made, "passkey-named": "Laptop", **typed})
    return response.status_code, "" if response.location else page(response, 422).error("passkey-named")


def use(browser: Browser, key: Authenticator, path: str = "/login/passkey", **changed: str) -> str:
    """Sign in with it; where that leads, and what is said there."""
    brought = changed.get("credential") or key.prove(options(browser, "/login/passkey"))
    location = browser.submit(path, credential=brought).location
    return str(location) if location.startswith(("/domains", "/activity")) else browser.page(location).text


@pytest.fixture
def key(client: Browser) -> Authenticator:
    """Alice's passkey."""
    made = Authenticator()
    assert add(client, made) == (302, "")
    return made


def test_a_passkey_is_made_listed_and_told_by_mail(client: Browser, key: Authenticator, alice: Admin) -> None:
    assert "Laptop just now never" in client.page("/account").text
    told = db.session.execute(select(Notice.kind, Notice.detail)).one()
    assert tuple(told) == ("passkey_added", "Laptop")
    (stored,) = passkeys.of_admin(alice.id)
    assert alice.email not in stored.handle


def test_it_signs_in_to_where_one_wanted_and_asks_for_no_second_step(
    anonymous: Browser, key: Authenticator, alice: Admin
) -> None:
    turned_on(alice)
    assert "Sign in with a passkey" in anonymous.page("/login").text
    assert use(anonymous, key, "/login/passkey?next=/activity") == "/activity"
    assert is_open(anonymous)
    (stored,) = passkeys.of_admin(alice.id)
    assert (stored.sign_count, stored.used_at is not None) == (1, True)


def test_the_sign_in_never_leads_to_another_host(anonymous: Browser, key: Authenticator) -> None:
    assert use(anonymous, key, "/login/passkey?next=//evil.example") == "/domains"


def test_what_was_brought_once_opens_nothing_again(app: Flask, anonymous: Browser, key: Authenticator) -> None:
    asked = options(anonymous, "/login/passkey")
    brought = key.prove(asked)
    cookie = anonymous.get_cookie("session")
    assert cookie is not None
    assert use(anonymous, key, credential=brought) == "/domains"
    again = Browser.of(app)
    assert LATE in use(again, key, credential=brought), "in a browser that was asked nothing"
    again.set_cookie("session", cookie.value)
    again.submit("/login/passkey", credential=brought)
    assert not is_open(again), "with the cookie of the time before"
    options(again, "/login/passkey")
    assert REFUSED in use(again, key, credential=brought), "for another challenge"


def test_there_are_five_minutes_and_a_challenge_is_good_for_what_it_was_made_for(
    anonymous: Browser, client: Browser, key: Authenticator, redis: Redis
) -> None:
    asked = options(anonymous, "/login/passkey")
    (name,) = redis.scan_iter("left:passkey:*")
    assert 0 < redis.ttl(name) <= 300
    redis.delete(name)
    assert LATE in use(anonymous, key, credential=key.prove(asked))
    # One for a new passkey opens nothing.
    asked = options(client, "/account/passkeys")
    client.submit("/login/passkey", credential=key.prove(asked))
    assert passkeys.by_credential(Authenticator().make(asked)) is None
    made = Authenticator()
    brought = made.make({**options(client, "/login/passkey"), "user": {"id": "x"}})
    said = page(client.submit("/account/passkeys", **{"passkey-credential": brought}), 422).error("passkey-named")
    assert LATE in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "http://rollcall.evil.example"},
        {"host": "evil.example"},
        {"verified": False},
        {"handle": "c29tZWJvZHkgZWxzZQ"},
        {"count": -1},
    ],
)
def test_what_is_not_as_it_should_be_lets_nobody_in(
    anonymous: Browser, key: Authenticator, alice: Admin, wrong: dict[str, Any]
) -> None:
    db.session.execute(update(Passkey).values(sign_count=1 if "count" in wrong else 0))
    db.session.commit()
    for name, value in wrong.items():
        setattr(key, name, value)
    assert REFUSED in use(anonymous, key)
    assert not is_open(anonymous)


def test_another_key_with_the_same_name_lets_nobody_in(anonymous: Browser, key: Authenticator) -> None:
    forged = Authenticator(credential_id=key.credential_id, handle=key.handle)
    assert REFUSED in use(anonymous, forged)
    assert REFUSED in use(anonymous, Authenticator(handle=key.handle))


@pytest.mark.parametrize(
    "brought",
    ["", "{", "[]", "7", '{"id": 7, "response": {}}', '{"id": "a", "response": []}', '{"id":"a\\u0000"}', "[" * 9000],
)
def test_nonsense_is_refused_with_a_sentence(anonymous: Browser, key: Authenticator, brought: str) -> None:
    options(anonymous, "/login/passkey")
    said = anonymous.page(anonymous.submit("/login/passkey", credential=brought).location).text
    assert REFUSED in said


@pytest.mark.parametrize("wrong", [{"origin": "http://evil.example"}, {"host": "evil.example"}, {"verified": False}])
def test_a_passkey_that_was_not_made_here_is_not_added(client: Browser, alice: Admin, wrong: dict[str, Any]) -> None:
    status, said = add(client, Authenticator(**wrong))
    assert (status, "was not made as it should be" in said) == (422, True)
    assert passkeys.of_admin(alice.id) == []


def test_one_passkey_belongs_to_one_account(viewer: Browser, key: Authenticator) -> None:
    assert add(viewer, key) == (422, "This passkey is registered already.")


def test_who_signed_in_a_while_ago_proves_it_again(client: Browser, alice: Admin) -> None:
    db.session.execute(update(AdminSession).values(began_at=now() - dt.timedelta(minutes=11)))
    db.session.commit()
    assert add(client, Authenticator())[0] == 422
    assert add(client, Authenticator(), **{"passkey-proof": "wrong password"})[0] == 422
    assert passkeys.of_admin(alice.id) == []
    assert add(client, Authenticator(), **{"passkey-proof": PASSWORD}) == (302, "")


def test_as_a_second_step_it_has_to_be_of_the_same_account(
    anonymous: Browser, viewer: Browser, key: Authenticator, alice: Admin, bob: Admin
) -> None:
    turned_on(alice)
    turned_on(bob)
    theirs = Authenticator()
    assert add(viewer, theirs) == (302, "")
    sign_in(anonymous)
    asked = options(anonymous, "/login/passkey")
    assert [item["id"] for item in asked["allowCredentials"]] == [passkeys.of_admin(alice.id)[0].credential_id]
    assert "belongs to another account" in use(anonymous, theirs, credential=theirs.prove(asked))
    assert use(anonymous, key) == "/domains"


def test_only_ones_own_are_removed(client: Browser, viewer: Browser, key: Authenticator, alice: Admin) -> None:
    (stored,) = passkeys.of_admin(alice.id)
    assert viewer.submit("/account/passkeys/remove", passkey=str(stored.id)).status_code == 404
    assert client.submit("/account/passkeys/remove", passkey="x").location == "/account"
    assert passkeys.of_admin(alice.id) == [stored]
    assert "is removed" in client.act("/account/passkeys/remove", passkey=str(stored.id)).text
    assert passkeys.of_admin(alice.id) == []
    assert "passkey_removed" in db.session.scalars(select(Notice.kind)).all()


def test_an_owner_who_resets_the_second_step_takes_the_passkeys_too(
    client: Browser, viewer: Browser, bob: Admin, anonymous: Browser
) -> None:
    theirs = Authenticator()
    add(viewer, theirs)
    shown = client.page(f"/accounts/{bob.id}")
    assert "1 passkey. Whoever has lost the device" in shown.text
    assert f"/accounts/{bob.id}/two-steps" in shown.links()
    client.submit(f"/accounts/{bob.id}/two-steps")
    assert REFUSED in use(anonymous, theirs)


def test_it_does_not_stand_in_for_two_steps_that_are_required(
    anonymous: Browser, viewer: Browser, alice: Admin
) -> None:
    theirs = Authenticator()
    add(viewer, theirs)
    turned_on(alice)
    organisation.require_two_steps(alice, True)
    assert use(anonymous, theirs) == "/domains"
    assert anonymous.get("/domains").location == "/account/two-steps"


def test_asking_over_and_over_has_to_wait(anonymous: Browser, key: Authenticator) -> None:
    for _ in range(31):
        assert anonymous.submit("/login/passkey/challenge").status_code == 200
    refused = anonymous.submit("/login/passkey/challenge")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert refused.json == {"error": "Too many tries. Try again in 2 seconds."}


def test_without_redis_the_password_is_the_way(
    app: Flask, anonymous: Browser, client: Browser, key: Authenticator
) -> None:
    usual = app.extensions["redis"]
    app.extensions["redis"] = Redis(port=free_port())
    try:
        for browser, path in ((anonymous, "/login/passkey"), (client, "/account/passkeys")):
            said = browser.submit(f"{path}/challenge")
            assert (said.status_code, "Use your password" in said.text) == (503, True)
    finally:
        app.extensions["redis"] = usual


def test_a_console_without_a_name_has_none(app: Flask, client: Browser, key: Authenticator, anonymous: Browser) -> None:
    usual = app.extensions["settings"]
    app.extensions["settings"] = factories.changed(usual, base_url="http://192.0.2.1", allowed_hosts=("localhost",))
    try:
        assert "set BASE_URL to one" in client.page("/account").text
        assert "passkey" not in anonymous.page("/login").text
        assert client.submit("/account/passkeys/challenge").status_code == 404
    finally:
        app.extensions["settings"] = usual


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("https://rollcall.example", Site("rollcall.example", "https://rollcall.example")),
        ("https://Rollcall.example:443", Site("rollcall.example", "https://rollcall.example")),
        ("https://rollcall.example:8443", Site("rollcall.example", "https://rollcall.example:8443")),
        ("http://localhost:8000", Site("localhost", "http://localhost:8000")),
        ("http://127.0.0.1:8000", None),
        ("http://[::1]:8000", None),
    ],
)
def test_the_site_is_that_of_base_url(base: str, expected: Site | None) -> None:
    assert site(base) == expected
