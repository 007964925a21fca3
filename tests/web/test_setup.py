"""The first account of a console, made in the browser with the set-up token."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from console.core.errors import RefusedError
from console.models import Admin, Event, Role, db
from console.store import admins, first_run
from tests import watch
from tests.factories import PASSWORD
from tests.web.client import Browser, page

TOKEN = "a-token-of-the-deployment-5f0c"
WHO = {"token": TOKEN, "name": "Dora Diaz", "email": "Dora@Company.example", "new": PASSWORD, "again": PASSWORD}
COMMAND = "flask admins create you@company.example"

watch.add(TOKEN)


@pytest.fixture
def token(app: Flask) -> Iterator[None]:
    """A console whose operator has set SETUP_TOKEN."""
    before = app.extensions["settings"]
    app.extensions["settings"] = replace(before, setup_token=TOKEN)
    yield
    app.extensions["settings"] = before


def test_without_an_account_the_sign_in_page_says_what_to_do(anonymous: Browser) -> None:
    shown = anonymous.page("/login")
    assert COMMAND in shown.one("nobody").text
    assert "SETUP_TOKEN" in shown.one("nobody").text
    assert "/setup" not in shown.links()


def test_with_a_token_the_sign_in_page_leads_to_the_browser_s_way_too(anonymous: Browser, token: None) -> None:
    shown = anonymous.page("/login")
    assert "/setup" in shown.links()
    assert COMMAND in shown.text


def test_with_an_account_the_sign_in_page_says_nothing_of_it(anonymous: Browser, alice: Admin, token: None) -> None:
    shown = anonymous.page("/login")
    assert shown.find("nobody") is None
    assert "/setup" not in shown.links()


def test_whoever_has_the_token_becomes_the_owner_and_is_signed_in(anonymous: Browser, token: None) -> None:
    assert anonymous.submit("/setup", **WHO).location == "/domains"
    assert "Welcome. You sign in as dora@company.example" in anonymous.page("/domains").text
    dora = admins.check("dora@company.example", PASSWORD)
    assert dora is not None
    assert (dora.name, dora.role, dora.limited, dora.password_expires_at) == ("Dora Diaz", Role.OWNER, False, None)


def test_the_token_works_once(app: Flask, anonymous: Browser, token: None) -> None:
    anonymous.submit("/setup", **WHO)
    other = Browser.of(app)
    assert other.get("/setup").status_code == 404
    assert other.submit("/setup", **{**WHO, "email": "mallory@company.example"}).status_code == 404
    assert [admin.email for admin in admins.every()] == ["dora@company.example"]


def test_without_a_token_there_is_no_such_page(anonymous: Browser) -> None:
    assert anonymous.get("/setup").status_code == 404
    assert anonymous.submit("/setup", **{**WHO, "token": ""}).status_code == 404
    assert not admins.any_exist()


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("token", "another-token-of-30-characters", "This is not the set-up token."),
        ("token", "", "Enter the set-up token."),
        ("token", "tökén", "This is not the set-up token."),
        ("email", "dora", "dora"),
        ("email", "", "Enter your e-mail address."),
        ("name", "", "Enter your name."),
        ("new", "short", "at least 12 characters"),
        ("new", "password1234", "among those that others try first"),
        ("again", "something else", "not the same"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    *, anonymous: Browser, token: None, field: str, typed: str, said: str
) -> None:
    also = {"again": typed} if field == "new" else {}
    refused = page(anonymous.submit("/setup", **{**WHO, field: typed, **also}), 422)
    assert said in refused.error(field)
    assert refused.form()["token"] == ""
    assert not admins.any_exist()


def test_it_is_on_record_who_set_the_console_up_and_who_tried_to(anonymous: Browser, token: None) -> None:
    anonymous.submit("/setup", **{**WHO, "token": "another-token-of-30-characters"})
    anonymous.submit("/setup", **WHO)
    found = [event.text for event in db.session.scalars(select(Event).order_by(Event.id))]
    assert [text.partition(",")[0] for text in found] == [
        "Tried to set this console up with a wrong token",
        "Made the account of dora@company.example",
        "Signed in with the set-up token",
    ]
    assert TOKEN not in " ".join(found)


def test_guesses_have_to_wait(anonymous: Browser, token: None) -> None:
    guesses = [anonymous.submit("/setup", **{**WHO, "token": f"guess-{n}"}).status_code for n in range(22)]
    assert guesses == [422] * 21 + [429]
    assert "Too many tries." in page(anonymous.submit("/setup", **WHO), 429).text
    assert not admins.any_exist()


def test_of_two_who_come_at_the_same_moment_one_is_the_owner(app: Flask) -> None:
    refused: list[str] = []

    def come(name: str) -> None:
        with app.app_context():
            try:
                first_run.make_owner(f"{name}@company.example", name, PASSWORD)
            except RefusedError as error:
                refused.append(error.sentence)
            db.session.remove()

    both = [threading.Thread(target=come, args=(name,)) for name in ("dora", "mallory")]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(admins.every()) == 1
    assert refused == [first_run.LATE]
