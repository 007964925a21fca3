"""One's own password."""

import datetime as dt

import pytest
from flask import Flask

from console.models import Admin, Role, db, now
from console.store import admins
from tests.factories import PASSWORD
from tests.web.client import Browser, page

NEW = "another sentence of words"


def change(browser: Browser, **typed: str) -> tuple[int, str]:
    fields = {"current": PASSWORD, "new": NEW, "again": NEW, **typed}
    response = browser.submit("/account/password", **fields)
    return response.status_code, response.text


def test_everyone_changes_their_own_password(app: Flask, viewer: Browser, bob: Admin) -> None:
    elsewhere = Browser.of(app).signed_in(bob)
    assert change(viewer)[0] == 302
    assert "Your password is changed." in viewer.page("/account").text
    assert elsewhere.get("/account").location.startswith("/login")
    assert admins.check(bob.email, NEW) == bob
    assert admins.check(bob.email, PASSWORD) is None


@pytest.mark.parametrize(
    ("typed", "field", "said"),
    [
        ({"current": "wrong"}, "current", "This is not your present password."),
        ({"current": ""}, "current", "Enter your present password."),
        ({"new": "", "again": ""}, "new", "Enter a new password."),
        ({"new": "short", "again": "short"}, "new", "At least 12 characters; a sentence of four words is good."),
        ({"again": "something else"}, "again", "This is not the same as the new password."),
        ({"new": "x" * 1001, "again": "x" * 1001}, "new", "Field cannot be longer than 1000 characters."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Browser, alice: Admin, typed: dict[str, str], field: str, said: str
) -> None:
    before = alice.password_hash
    shown = page(client.submit("/account/password", **{"current": PASSWORD, "new": NEW, "again": NEW, **typed}), 422)
    assert shown.error(field) == said
    # A password that was typed is not sent back.
    assert NEW not in shown.html
    assert {shown.form("/account/password")[name] for name in ("current", "new", "again")} == {""}
    assert alice.password_hash == before


def test_the_one_time_password_asks_for_one_of_ones_own(app: Flask, anonymous: Browser) -> None:
    carol, shown = admins.create("carol@rollcall.example", Role.ADMIN)
    assert shown is not None
    browser = anonymous.signed_in(carol)
    assert browser.page("/account").one("password").text.startswith("Choose your own password")
    assert change(browser, current=shown)[0] == 302
    assert browser.page("/account").one("password").text.startswith("Change password")
    assert carol.password_expires_at is None


def test_a_one_time_password_whose_day_is_over_sets_no_new_one(app: Flask, anonymous: Browser) -> None:
    carol, shown = admins.create("carol@rollcall.example", Role.ADMIN)
    assert shown is not None
    browser = anonymous.signed_in(carol)
    carol.password_expires_at = now() - dt.timedelta(minutes=1)
    db.session.commit()
    assert change(browser, current=shown)[0] == 422
    assert carol.password_expires_at is not None
