"""Setting up two-step sign-in, its recovery codes, turning it off, and what owners do for others."""

import datetime as dt
import re

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from console import codes
from console.models import Admin, AdminSession, Base, Event, EventKind, Notice, SecondStep, db, now
from console.store import accounts, admins, organisation, two_steps
from tests import watch
from tests.factories import PASSWORD
from tests.web.client import HTMX, Browser, page
from tests.web.markup import Page
from tests.web.second_steps import App, turned_on, unused
from tests.web.test_login import is_open, sign_in

PAGE = "/account/two-steps"
SHOWN_ONCE = re.compile(r"<code>([a-z2-7]{4}(?:-[a-z2-7]{4}){3})</code>")


def secret_on(shown: Page) -> str:
    """The secret that one types into an app, which is that of the picture."""
    (found,) = [item.text.replace(" ", "") for item in shown.all("code")]
    (link,) = [link for link in shown.links() if link.startswith("otpauth://totp/Rollcall")]
    assert pyotp.parse_uri(link).secret == found
    return found


def set_up(browser: Browser) -> App:
    secret = secret_on(browser.page(PAGE))
    response = browser.submit(PAGE, code=App(secret, []).code())
    shown = SHOWN_ONCE.findall(page(response).html)
    watch.add(secret, *shown)
    return App(secret, shown)


def long_ago() -> None:
    """Everybody signed in a while ago."""
    db.session.execute(update(AdminSession).values(began_at=now() - dt.timedelta(minutes=11)))
    db.session.commit()


def tables() -> str:
    return "\n".join(str(row) for table in Base.metadata.sorted_tables for row in db.session.execute(table.select()))


def told(admin: Admin) -> list[str]:
    """What an account is told by mail."""
    return list(db.session.scalars(select(Notice.kind).where(Notice.admin_id == admin.id).order_by(Notice.id)))


def on_record() -> list[str]:
    kind = Event.kind == EventKind.SECOND_STEP_CHANGED.value
    return list(db.session.scalars(select(Event.text).where(kind).order_by(Event.id)))


def test_a_code_of_the_app_turns_it_on_and_shows_ten_recovery_codes(client: Browser, alice: Admin) -> None:
    assert PAGE in client.page("/account").links()
    before = client.page(PAGE)
    assert before.all("svg"), "the picture stands in the page"
    phone = set_up(client)
    assert secret_on(before) == phone.secret, "until it is proved the secret stays the same"
    assert len(set(phone.recovery)) == 10
    assert two_steps.is_on(alice.id)
    assert told(alice) == ["two_steps_on"]
    assert on_record() == ["Turned on two-step sign-in"]
    # From here on tests/watch.py finds them on any page and in any line of a log.
    for path in ("/account", PAGE, "/accounts", f"/accounts/{alice.id}"):
        client.page(path)


def test_what_is_stored_neither_shows_the_secret_nor_a_recovery_code(client: Browser, alice: Admin) -> None:
    phone = set_up(client)
    stored = tables()
    for secret in (phone.secret, *phone.recovery, *(code.replace("-", "") for code in phone.recovery)):
        assert secret not in stored
    cookie = client.get_cookie("session")
    assert cookie is not None
    assert phone.secret not in cookie.decoded_value


def test_a_wrong_code_turns_nothing_on_and_keeps_the_secret(client: Browser, alice: Admin) -> None:
    secret = secret_on(client.page(PAGE))
    refused = page(client.submit(PAGE, code=App(secret, []).wrong()), 422)
    assert refused.error("code") == two_steps.WRONG
    assert secret_on(refused) == secret
    assert not two_steps.is_on(alice.id)
    assert page(client.submit(PAGE, code=""), 422).error("code").startswith("Enter the six digits")


def test_the_code_that_proved_the_app_opens_nothing_afterwards(app: Flask, client: Browser, alice: Admin) -> None:
    secret = secret_on(client.page(PAGE))
    code = App(secret, []).code()
    client.submit(PAGE, code=code)
    elsewhere = Browser.of(app)
    sign_in(elsewhere)
    assert elsewhere.submit("/login/second-step", code=code).status_code == 422


def test_who_signed_in_a_while_ago_enters_the_password_too(client: Browser, alice: Admin) -> None:
    long_ago()
    secret = secret_on(client.page(PAGE))
    code = App(secret, []).code()
    assert page(client.submit(PAGE, code=code), 422).error("proof") == "Enter your password: you signed in a while ago."
    wrong = page(client.submit(PAGE, code=code, proof="wrong password"), 422)
    assert wrong.error("proof") == "This is not your present password."
    assert not two_steps.is_on(alice.id)
    assert client.submit(PAGE, code=code, proof=PASSWORD).status_code == 200
    assert two_steps.is_on(alice.id)


def test_it_is_not_turned_on_twice(client: Browser, alice: Admin) -> None:
    client.page(PAGE)
    phone = turned_on(alice)
    page(client.submit(PAGE, code="123456"), 422)
    unused(alice)
    assert two_steps.take(alice.id, phone.code(), client.application.extensions["sealer"])


@pytest.mark.parametrize("by_code", [True, False])
def test_new_recovery_codes_take_the_place_of_the_former(client: Browser, alice: Admin, by_code: bool) -> None:
    phone = turned_on(alice)
    response = client.submit(f"{PAGE}/codes", **{"codes-proof": phone.code() if by_code else PASSWORD})
    shown = SHOWN_ONCE.findall(page(response).html)
    assert len(shown) == 10
    assert not two_steps.take_recovery_code(alice, phone.recovery[0])
    assert two_steps.take_recovery_code(alice, shown[0])
    assert told(alice) == ["two_steps_on", "recovery_codes_made", "recovery_code_used"]


@pytest.mark.parametrize("by_code", [True, False])
def test_turning_it_off_needs_the_password_or_a_code(client: Browser, alice: Admin, by_code: bool) -> None:
    phone = turned_on(alice)
    for typed in ("", "wrong password", phone.wrong()):
        assert page(client.submit(f"{PAGE}/off", **{"off-proof": typed}), 422).error("off-proof")
    assert two_steps.is_on(alice.id)
    assert client.submit(f"{PAGE}/off", **{"off-proof": phone.code() if by_code else PASSWORD}).location == "/account"
    assert not two_steps.is_on(alice.id)
    assert two_steps.left(alice.id) == 0
    assert told(alice)[-1] == "two_steps_off"
    client.submit("/logout")
    assert sign_in(client).location == "/domains"


def test_guessing_on_the_account_page_has_to_wait(client: Browser, alice: Admin) -> None:
    phone = turned_on(alice)
    for _ in range(6):
        client.submit(f"{PAGE}/off", **{"off-proof": phone.wrong()})
    said = page(client.submit(f"{PAGE}/off", **{"off-proof": PASSWORD}), 422).error("off-proof")
    assert said == "Too many tries. Try again in 2 seconds."
    assert two_steps.is_on(alice.id)


def test_an_owner_resets_that_of_somebody_who_lost_it(client: Browser, bob: Admin, app: Flask) -> None:
    turned_on(bob)
    lost = Browser.of(app).signed_in(bob)
    assert lost.get("/account").status_code == 200
    assert f"/accounts/{bob.id}/two-steps" in client.page(f"/accounts/{bob.id}").links()
    assert "forgotten" in client.page(f"/accounts/{bob.id}/two-steps").text
    assert "is reset" in client.act(f"/accounts/{bob.id}/two-steps").text
    assert lost.get("/account").location.startswith("/login"), "the phone may be signed in"
    assert told(bob) == ["two_steps_on", "two_steps_off"]
    assert sign_in(Browser.of(app), bob.email).location == "/domains"
    assert "nothing to reset" in client.act(f"/accounts/{bob.id}/two-steps").text


def test_an_owner_does_not_get_around_the_proof_for_themselves(client: Browser, alice: Admin) -> None:
    turned_on(alice)
    assert "where you prove that it is you" in client.act(f"/accounts/{alice.id}/two-steps").text
    assert two_steps.is_on(alice.id)


def test_who_requires_it_has_it(client: Browser, alice: Admin) -> None:
    refused = page(client.submit("/accounts/two-steps", required="yes"), 422)
    assert "for your own account first" in refused.text
    assert not organisation.two_steps_required()
    turned_on(alice)
    assert "is required of everybody now" in client.act("/accounts/two-steps", required="yes").text
    assert organisation.two_steps_required()
    assert client.submit("/accounts/two-steps", required="no").location == "/accounts"
    assert not organisation.two_steps_required()


def test_the_accounts_say_who_has_it(client: Browser, alice: Admin, bob: Admin) -> None:
    turned_on(alice)
    shown = client.page("/accounts").text
    assert "alice@rollcall.example owner every domain on" in shown
    assert "bob@rollcall.example viewer every domain off" in shown
    assert "1 of 2 accounts" in shown


@pytest.fixture
def required(alice: Admin) -> None:
    """Alice has required it of everybody."""
    turned_on(alice)
    organisation.require_two_steps(alice, True)


@pytest.mark.usefixtures("required")
def test_who_has_none_reaches_nothing_but_setting_it_up(app: Flask, viewer: Browser, bob: Admin) -> None:
    for path in ("/domains", "/account", "/activity", "/"):
        assert viewer.get(path).location == PAGE
    assert viewer.get("/domains", headers=HTMX).headers["HX-Redirect"] == PAGE
    assert viewer.submit("/account/password", current=PASSWORD, new="x" * 20, again="x" * 20).location == PAGE
    assert admins.check(bob.email, PASSWORD) == bob
    stream = viewer.get("/runs/1/progress", headers=HTMX)
    assert (stream.status_code, stream.headers["HX-Redirect"]) == (401, PAGE)
    assert "required of everybody" in viewer.page(PAGE).text
    set_up(viewer)
    assert is_open(viewer)


@pytest.mark.usefixtures("required")
def test_the_password_leads_to_setting_it_up_and_one_may_sign_out(app: Flask, anonymous: Browser, bob: Admin) -> None:
    assert sign_in(anonymous, bob.email).location == "/domains"
    assert anonymous.get("/domains").location == PAGE
    assert anonymous.submit("/logout").location == "/login"
    assert anonymous.get("/domains").location.startswith("/login")


@pytest.mark.usefixtures("required")
def test_who_turns_it_off_is_led_to_set_it_up_anew(client: Browser, alice: Admin) -> None:
    client.submit(f"{PAGE}/off", **{"off-proof": PASSWORD})
    assert client.get("/accounts").location == PAGE


def test_the_secret_that_a_page_shows_survives_no_sign_out(client: Browser, alice: Admin) -> None:
    first = secret_on(client.page(PAGE))
    client.submit("/logout")
    sign_in(client)
    assert secret_on(client.page(PAGE)) != first


def test_an_account_that_goes_takes_its_app_and_codes_along(alice: Admin, bob: Admin) -> None:
    turned_on(bob)
    accounts.remove(bob)
    assert db.session.scalars(select(SecondStep)).all() == []
    assert two_steps.left(2) == 0


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B, whose secret is "12345678901234567890"; apps show the last six of its eight digits."""
    app = pyotp.TOTP("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    assert [app.at(moment) for moment in (59, 1111111109, 20000000000)] == ["287082", "081804", "353130"]
    assert len(codes.new_secret()) == 32
