"""What goes on record of requests: sign-ins, what people are refused, and from which network address."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis

from console import create_app
from console.hourly import OF_ONE
from console.models import Admin, Domain, EventKind, Topic
from console.settings import Settings
from console.store import credentials
from tests import factories, recorded
from tests.databases import close
from tests.factories import PASSWORD
from tests.servers.ports import LOOPBACK, free_port
from tests.web.client import Browser

TOKEN = "a-token-of-the-tests-for-numbers"
PROXIED = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4", "X-Forwarded-Proto": "https"}


@pytest.fixture(scope="module")
def proxied(migrated: Flask, settings: Settings) -> Iterator[Flask]:
    """The console behind a proxy, with a token for its numbers."""
    app = create_app(replace(settings, trusted_proxies=1, metrics_token=TOKEN))
    app.testing = True
    yield app
    with app.app_context():
        close(app)


def denials() -> list[tuple[str, str, str]]:
    return [(event.who, event.text, event.domain) for event in recorded.events(Topic.DENIALS)]


def sign_ins() -> list[tuple[str, str]]:
    return recorded.told(Topic.SIGN_INS)


def test_a_sign_in_is_on_record_with_the_address_that_the_trusted_proxy_tells(
    app: Flask, proxied: Flask, alice: Admin
) -> None:
    browser = Browser.of(proxied)
    answer = browser.post(
        "/login",
        data={"csrf_token": browser.token("/login"), "email": alice.email, "password": PASSWORD},
        headers={**PROXIED, "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"},
    )
    assert answer.status_code == 302
    event = recorded.last()
    assert (event.who, event.admin_id, event.address) == (alice.email, alice.id, "198.51.100.4")
    assert event.text == "Signed in with a password, Firefox on Linux"


def test_who_is_not_let_in_is_named_only_where_there_is_such_an_account(anonymous: Browser, alice: Admin) -> None:
    for email in (" Alice@rollcall.example", "my password, in the wrong field"):
        assert anonymous.submit("/login", email=email, password="wrong").status_code == 422
    refused = "Was not let in, with a wrong password"
    assert sign_ins() == [(alice.email, refused), ("an unknown address", refused)]
    assert "wrong field" not in str([event.search for event in recorded.events()])


def test_who_has_to_wait_after_many_tries_is_on_record(anonymous: Browser, alice: Admin) -> None:
    for _ in range(8):
        anonymous.submit("/login", email=alice.email, password="wrong")
    kinds = [event.kind for event in recorded.events(Topic.SIGN_INS)]
    assert kinds == [EventKind.SIGN_IN_REFUSED] * 6 + [EventKind.SIGN_IN_DELAYED] * 2


def test_signing_out_and_ending_sessions_is_on_record(app: Flask, client: Browser, alice: Admin, bob: Admin) -> None:
    Browser.of(app).signed_in(bob)
    client.submit("/sessions/2/end")
    client.submit("/sessions/end-others")
    client.submit("/logout")
    assert sign_ins() == [
        (alice.email, f"Ended a session of {bob.email}, Firefox on Linux"),
        (alice.email, "Ended all other sessions of their own"),
        (alice.email, "Signed out"),
    ]


def test_a_changed_password_is_on_record_and_what_it_is_not(client: Browser, alice: Admin) -> None:
    wanted = "another four words here"
    client.submit("/account/password", current=PASSWORD, new=wanted, again=wanted)
    assert sign_ins() == [(alice.email, f"Changed the password of {alice.email}, which ended the account's sessions")]
    assert wanted not in str([event.search for event in recorded.events()])


def test_what_one_may_not_see_is_on_record_where_there_is_such_a_thing(
    stranger: Browser, mallory: Admin, domain: Domain
) -> None:
    source = factories.source(domain)
    before = [stranger.get(path).text for path in ("/sources/999", "/domains/nobody.example/users")]
    assert denials() == []
    after = [stranger.get(path).text for path in (f"/sources/{source.id}", f"/domains/{domain.name}/users")]
    assert [text.replace("domain", "") for text in before] == [text.replace("domain", "") for text in after]
    stranger.submit(f"/runs/{factories.run(domain).id}/approve")
    stranger.get("/accounts")
    hidden = "Asked for what they may not see"
    assert denials() == [
        (mallory.email, f"{hidden}: GET /sources/1", domain.name),
        (mallory.email, f"{hidden}: GET /domains/{domain.name}/users", domain.name),
        (mallory.email, f"{hidden}: POST /runs/1/approve", domain.name),
        (mallory.email, f"{hidden}: GET /accounts", ""),
    ]


def test_what_one_may_look_at_and_not_change_is_on_record(viewer: Browser, bob: Admin, domain: Domain) -> None:
    viewer.submit(f"/domains/{domain.name}/delete")
    viewer.get("/domains/new")
    said = "Tried to change what they may only look at"
    assert denials() == [
        (bob.email, f"{said}: POST /domains/{domain.name}/delete", domain.name),
        (bob.email, f"{said}: GET /domains/new", ""),
    ]


def test_a_form_without_its_token_is_on_record(client: Browser, anonymous: Browser, alice: Admin) -> None:
    client.post("/account/password", data={"new": "x" * 20})
    anonymous.post("/login", data={"email": alice.email})
    said = "Sent a form without its token, or with a former one"
    assert denials() == [(alice.email, f"{said}: POST /account/password", ""), ("", f"{said}: POST /login", "")]


def test_a_wrong_password_of_a_mail_server_is_on_record_and_not_what_was_shown(app: Flask) -> None:
    credentials.create("mx1")
    for name in ("mx1", "a password in the field of the name"):
        basic = b64encode(f"{name}:wrong".encode()).decode()
        answer = Browser.of(app).post("/api/recipients/check", headers={"Authorization": f"Basic {basic}"})
        assert answer.status_code == 401
    Browser.of(app).post("/api/recipients/check")
    nameless = "A mail server asked under a name that no mail server has, or none, without the right password"
    assert [text for _, text, _ in denials()] == [
        "A mail server asked in the name of mx1, without the right password",
        nameless,
        nameless,
    ]


def test_a_wrong_token_for_the_numbers_is_on_record(app: Flask, proxied: Flask) -> None:
    proxied.test_client().get("/metrics", headers={"Authorization": "Bearer guessed", **PROXIED}).close()
    event = recorded.last()
    assert (event.kind, event.address) == (EventKind.METRICS_REFUSED, "198.51.100.4")
    assert "guessed" not in event.search


def test_a_flood_fills_no_table(client: Browser) -> None:
    for _ in range(70):
        client.post("/account/password")
    times = [event.times for event in recorded.events(Topic.DENIALS)]
    assert times == [*range(1, OF_ONE + 1), 32, 64]
    assert "64 like this in that hour until then" in client.page("/activity?kind=denials").text


def test_a_flood_is_counted_without_redis_too(client: Browser, app: Flask) -> None:
    usual = app.extensions["hourly"]._redis
    app.extensions["hourly"]._redis = Redis(LOOPBACK, free_port())
    try:
        for _ in range(OF_ONE + 5):
            client.post("/account/password")
    finally:
        app.extensions["hourly"]._redis = usual
    assert len(recorded.events(Topic.DENIALS)) == OF_ONE


def test_no_page_changes_the_record(app: Flask) -> None:
    rules = {(rule.endpoint, *sorted(rule.methods or ())) for rule in app.url_map.iter_rules()}
    of_activity = {rule for rule in rules if rule[0].startswith("activity.")}
    assert {method for _, *methods in of_activity for method in methods} == {"GET", "HEAD", "OPTIONS"}
