"""How strong a new password is, told while it is typed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from console.models import Admin, Role
from console.passwords import OWN, TOO_SHORT
from console.store import invitations, resets
from console.web import strength
from tests import watch
from tests.web.client import HTMX, Browser
from tests.web.markup import Page

PATH = "/password/strength"
TYPED = "a sentence that is only typed"

watch.add(TYPED)


@pytest.fixture
def token(app: Flask) -> Iterator[None]:
    """A console whose operator has set SETUP_TOKEN."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, setup_token="the-token-of-this-test-91c2")
    yield
    app.extensions["settings"] = before


def told(browser: Browser, new: str, **typed: str) -> Page:
    response = browser.submit_htmx(PATH, new=new, **typed)
    assert response.status_code == 200, response.status
    return Page(response.text)


def asks(shown: Page) -> dict[str, str | None]:
    """Where the meter of a page asks, and what of the page it sends."""
    return {name: shown.one("new-strength").attributes.get(name) for name in ("hx-post", "hx-include")}


def test_it_is_told_in_a_word_and_as_a_meter_and_why_it_is_refused(client: Browser) -> None:
    assert told(client, TYPED).text == "Strong"
    assert told(client, TYPED).all("meter")[0].attributes["value"] == "4"
    assert told(client, "short").text == f"Too weak. {TOO_SHORT}"
    assert told(client, "").html.strip() == "<span></span>"


def test_a_viewer_s_own_address_is_weak_and_somebody_else_s_is_not(viewer: Browser, bob: Admin) -> None:
    assert told(viewer, f"{bob.email}!").text == f"Too weak. {OWN}"
    assert told(viewer, "dora@elsewhere.example!").text != f"Too weak. {OWN}"


def test_whoever_has_a_link_is_told_it_for_the_link_s_account(anonymous: Browser, app: Flask, alice: Admin) -> None:
    link = resets.make(alice)
    anonymous.get(f"/reset/{link}")
    assert asks(anonymous.page("/reset/new")) == {"hx-post": PATH, "hx-include": "#new"}
    assert told(anonymous, f"{alice.email}!").text == f"Too weak. {OWN}"
    invited = Browser.of(app)
    invitation = invitations.make("dora@elsewhere.example", Role.VIEWER, None, alice)
    invited.get(f"/invitation/{invitations.renew(invitation)}")
    assert asks(invited.page("/invitation")) == {"hx-post": PATH, "hx-include": "#new"}
    assert told(invited, "dora@elsewhere.example!").text == f"Too weak. {OWN}"
    assert told(invited, f"{alice.email}!").text != f"Too weak. {OWN}"


def test_who_sets_the_console_up_is_told_it_for_the_address_that_is_typed(anonymous: Browser, token: None) -> None:
    assert asks(anonymous.page("/setup")) == {"hx-post": PATH, "hx-include": "#new, #email"}
    assert told(anonymous, "dora@company.example!", email="dora@company.example").text == f"Too weak. {OWN}"


def test_whoever_has_no_such_page_is_told_nothing(anonymous: Browser, alice: Admin) -> None:
    response = anonymous.submit_htmx(PATH, new=TYPED)
    assert (response.status_code, response.text) == (204, "")


def test_without_the_token_of_the_page_nothing_is_told(client: Browser) -> None:
    assert client.post(PATH, data={"new": TYPED}, headers=HTMX).status_code == 400


def test_what_is_typed_goes_without_the_other_fields_of_its_page(client: Browser) -> None:
    """HTMX sends the form that the meter belongs to, and that has no field."""
    shown = client.page("/account")
    assert asks(shown) == {"hx-post": PATH, "hx-include": "#new"}
    form = shown.one(shown.one("new-strength").attributes["form"] or "")
    assert [element.tag for element in form] == ["form"]


def test_who_asks_too_often_has_to_wait_and_is_told_no_former_answer(
    client: Browser, viewer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strength, "OFTEN", 2)
    for _ in range(3):
        assert told(client, TYPED).text == "Strong"
    assert told(client, TYPED).text.startswith("Too many tries. Try again in ")
    assert told(viewer, TYPED).text == "Strong", "each account has a count of its own"


def test_nothing_of_it_is_logged_or_kept(client: Browser, caplog: pytest.LogCaptureFixture, app: Flask) -> None:
    assert TYPED not in told(client, TYPED).html
    assert TYPED not in caplog.text
    redis = app.extensions["redis"]
    assert [key for key in redis.keys("*") if TYPED.encode() in key] == []
