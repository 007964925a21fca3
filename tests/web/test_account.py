"""One's own password."""

import datetime as dt

import pytest
from flask import Flask

from console.models import Admin, Role, db, now
from console.passwords import COMMON, OWN, TOO_LONG, TOO_SHORT
from console.store import admins, sessions
from tests.factories import PASSWORD
from tests.web.client import ELSEWHERE, Browser, page

NEW = "another sentence of words"
LIMITS = sessions.Limits(dt.timedelta(hours=12), dt.timedelta(hours=1))


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
        ({"new": "short", "again": "short"}, "new", TOO_SHORT),
        ({"again": "something else"}, "again", "This is not the same as the new password."),
        ({"new": "x" * 129, "again": "x" * 129}, "new", TOO_LONG),
        ({"new": "password1234", "again": "password1234"}, "new", COMMON),
        ({"new": "alice@rollcall.example", "again": "alice@rollcall.example"}, "new", OWN),
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


def test_guessing_the_present_password_has_to_wait(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admins, "check", lambda *_: None)  # What a hash costs is not the point.
    for _ in range(6):
        assert "not your present password" in change(client, current="wrong")[1]
    refused = page(client.submit("/account/password", current=PASSWORD, new=NEW, again=NEW), 422)
    assert refused.error("current") == "Too many tries. Try again in 2 seconds."


def test_the_sessions_of_ones_own_are_listed_and_end_all_at_once(app: Flask, client: Browser, alice: Admin) -> None:
    elsewhere = Browser.of(app).signed_in(alice)
    listed = client.page("/account").one("sessions-title").parent
    assert listed is not None
    assert client.page("/account").text.count("this one") == 1
    assert "Your other sessions are over." in client.act("/sessions/end-others").text
    assert elsewhere.get("/account").location.startswith("/login")
    assert "End all others" not in client.page("/account").text


def test_one_session_of_ones_own_is_ended(app: Flask, viewer: Browser, bob: Admin) -> None:
    elsewhere = Browser.of(app).signed_in(bob)
    other = max(session.id for session in sessions.of_admin(bob.id, LIMITS))
    assert f"/sessions/{other}/end" in viewer.page("/account").actions()
    assert "The session of Firefox on Linux is over." in viewer.act(f"/sessions/{other}/end").text
    assert elsewhere.get("/account").location.startswith("/login")
    assert viewer.get("/account").status_code == 200


def test_a_session_of_somebody_else_is_not_there(viewer: Browser, alice: Admin) -> None:
    sessions.begin(alice, ELSEWHERE)
    (theirs,) = sessions.of_admin(alice.id, LIMITS)
    assert viewer.submit(f"/sessions/{theirs.id}/end").status_code == 404
    assert sessions.of_admin(alice.id, LIMITS) == [theirs]
