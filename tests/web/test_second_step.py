"""The second step of signing in: codes of an app, recovery codes, and what is open before it."""

import datetime as dt
import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from console import codes
from console.models import Admin, Event, HalfSignIn, Notice, SecondStep, db, now
from console.store import admins, sessions, two_steps
from tests.web.client import Browser, page
from tests.web.second_steps import App, turned_on, unused
from tests.web.test_login import is_open, sign_in

STEP = "/login/second-step"


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock by which codes are good stands still, so that no half minute ends in the middle of a test."""
    moment = codes.clock()
    monkeypatch.setattr(codes, "clock", lambda: moment)


@pytest.fixture
def phone(alice: Admin) -> App:
    """The app of Alice's phone."""
    return turned_on(alice)


@pytest.fixture
def half(anonymous: Browser, phone: App) -> Browser:
    """A browser in which Alice's password was entered."""
    assert sign_in(anonymous, path="/login?next=/activity").location == STEP
    return anonymous


def told() -> list[str]:
    """What mails say of a second step that was refused."""
    refused = select(Notice.detail).where(Notice.kind == "second_step_refused")
    return list(db.session.scalars(refused.order_by(Notice.id)))


def enter(browser: Browser, code: str) -> tuple[int, str]:
    response = browser.submit(STEP, code=code)
    return response.status_code, response.location or page(response, response.status_code).error("code")


def recover(browser: Browser, code: str) -> tuple[int, str]:
    response = browser.submit(f"{STEP}/recovery", recovery=code)
    return response.status_code, response.location or page(response, response.status_code).error("recovery")


def test_the_code_of_the_app_leads_to_where_one_wanted(half: Browser, phone: App) -> None:
    shown = half.page(STEP)
    field = shown.one("code").attributes
    assert (field["autocomplete"], field["inputmode"]) == ("one-time-code", "numeric")
    assert enter(half, phone.code()) == (302, "/activity")
    assert is_open(half)


@pytest.mark.parametrize("between", ["{} {}", "{}\u00a0{}", " {}-{}\t"])
def test_a_code_is_read_with_spaces_in_it(half: Browser, phone: App, between: str) -> None:
    code = phone.code()
    assert enter(half, between.format(code[:3], code[3:]))[0] == 302


def test_the_password_alone_opens_nothing_but_the_second_step(half: Browser, alice: Admin) -> None:
    assert not is_open(half)
    assert half.get("/account/two-steps").location.startswith("/login")
    assert half.submit("/account/two-steps/off").location.startswith("/login")
    assert alice.signed_in_at is None
    assert sessions.of_admin(alice.id, sessions.Limits(dt.timedelta(1), dt.timedelta(1))) == []


def test_a_clock_may_be_half_a_minute_wrong_and_no_more(half: Browser, phone: App, alice: Admin) -> None:
    for step in (-3, 3):
        assert enter(half, phone.code(step))[0] == 422
    for step in (-1, 1):
        assert enter(half, phone.code(step))[0] == 302, step
        unused(alice)
        half.submit("/logout")
        sign_in(half)


def test_a_code_is_taken_once(app: Flask, half: Browser, phone: App) -> None:
    code = phone.code()
    assert enter(half, code)[0] == 302
    second = Browser.of(app)
    assert sign_in(second).location == STEP
    status, said = enter(second, code)
    assert (status, said.startswith("This code is wrong, or was used already.")) == (422, True)
    assert told() == ["a code that was used already"]
    assert not is_open(second)
    # Nor one that is older than that which was taken.
    assert enter(second, phone.code(-1))[0] == 422


def test_of_many_who_send_a_code_at_once_one_gets_in(app: Flask, phone: App, alice: Admin) -> None:
    code, admin_id, taken = phone.code(), alice.id, []
    start = threading.Barrier(6)

    def send() -> None:
        with app.app_context():
            start.wait()
            taken.append(two_steps.take(admin_id, code, app.extensions["sealer"]))
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [False] * 5 + [True]


@pytest.mark.parametrize("typed", ["", " ", "12345", "1234567", "abcdef", "٣٣٣٣٣٣", "a\x00b", "1" * 101])
def test_what_is_no_code_is_said_beside_the_field(half: Browser, typed: str) -> None:
    status, said = enter(half, typed)
    assert status == 422
    assert said
    assert not is_open(half)


def test_guessing_codes_has_to_wait_longer_and_longer(half: Browser, phone: App) -> None:
    for _ in range(6):
        assert enter(half, phone.wrong())[0] == 422
    assert told() == []
    refused = half.submit(STEP, code=phone.code())
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "2")
    assert page(refused, 429).error("code") == "Too many tries. Try again in 2 seconds."
    assert half.submit(f"{STEP}/recovery", recovery=phone.recovery[0]).status_code == 429
    assert told() == ["too many wrong codes"], "once a day, not each time"
    assert not is_open(half)


def test_guesses_in_another_browser_do_not_make_a_known_one_wait(app: Flask, half: Browser, phone: App) -> None:
    assert enter(half, phone.code())[0] == 302
    guesser = Browser.of(app)
    assert sign_in(guesser).location == STEP
    for _ in range(7):
        enter(guesser, phone.wrong())
    assert enter(guesser, phone.code(1))[0] == 429
    half.submit("/logout")
    assert sign_in(half).location == STEP
    assert enter(half, phone.code(1))[0] == 302


def test_there_are_ten_minutes_for_it(half: Browser, phone: App) -> None:
    db.session.execute(update(HalfSignIn).values(until=now()))
    db.session.commit()
    assert half.submit(STEP, code=phone.code()).location == "/login"
    assert "ten minutes for the second step, and they are over" in half.page("/login").text
    assert not is_open(half)


def test_it_is_bound_to_the_browser_and_good_for_one_sign_in(app: Flask, half: Browser, phone: App) -> None:
    elsewhere = Browser.of(app)
    assert elsewhere.submit(STEP, code=phone.code()).location == "/login"
    cookie = half.get_cookie("session")
    assert cookie is not None
    assert enter(half, phone.code())[0] == 302
    elsewhere.set_cookie("session", cookie.value)
    assert elsewhere.submit(STEP, code=phone.code(1)).location == "/login"


def test_a_new_password_ends_it(half: Browser, phone: App, alice: Admin) -> None:
    admins.set_password(alice, "another sentence of words")
    assert half.submit(STEP, code=phone.code()).location == "/login"
    assert not is_open(half)


def test_who_was_not_asked_for_it_is_led_to_the_sign_in(anonymous: Browser, client: Browser) -> None:
    assert anonymous.get(STEP).location == "/login"
    assert anonymous.submit(STEP, code="123456").location == "/login"
    assert client.get(STEP).location == "/login"


def test_a_recovery_code_stands_in_for_the_app_once(app: Flask, half: Browser, phone: App, alice: Admin) -> None:
    assert len(phone.recovery) == 10
    assert recover(half, phone.recovery[0].upper().replace("-", " ")) == (302, "/activity")
    assert "You used a recovery code, and 9 of them are left." in half.page("/activity").text
    second = Browser.of(app)
    sign_in(second)
    assert recover(second, phone.recovery[0]) == (422, "This is none of your recovery codes, or it was used already.")
    assert recover(second, phone.recovery[1])[0] == 302
    assert two_steps.left(alice.id) == 8


def test_the_last_recovery_codes_ask_for_new_ones(half: Browser, phone: App, alice: Admin) -> None:
    for code in phone.recovery[:6]:
        assert two_steps.take_recovery_code(alice, code)
    assert recover(half, phone.recovery[6])[0] == 302
    assert "3 of them are left. Make new ones" in half.page("/activity").text
    assert "You have only 3 of them left." in half.page("/account/two-steps").text


def test_a_recovery_code_of_somebody_else_opens_nothing(half: Browser, bob: Admin) -> None:
    assert recover(half, turned_on(bob).recovery[0])[0] == 422
    assert not is_open(half)


def test_an_app_that_no_key_opens_leaves_the_recovery_codes(app: Flask, half: Browser, phone: App) -> None:
    db.session.execute(update(SecondStep).values(secret="sealed with another key"))
    db.session.commit()
    status, said = enter(half, phone.code())
    assert (status, "Use a recovery code" in said) == (422, True)
    assert recover(half, phone.recovery[0])[0] == 302


def test_without_a_second_step_nothing_is_asked(anonymous: Browser, alice: Admin) -> None:
    assert sign_in(anonymous).location == "/domains"


def test_a_second_step_is_on_record_with_how_it_ended(half: Browser, phone: App, alice: Admin) -> None:
    enter(half, phone.wrong())
    recover(half, phone.recovery[0])
    found = db.session.execute(select(Event.kind, Event.admin_id, Event.text).order_by(Event.id)).all()
    assert [(kind, text.partition(", F")[0].partition(", An ")[0]) for kind, _, text in found] == [
        ("second_step_changed", "Turned on two-step sign-in"),
        ("sign_in_refused", "Was not let in, with a wrong second step"),
        ("second_step_changed", "Used a recovery code, 9 left"),
        ("signed_in", "Signed in with a password and a recovery code"),
    ]
    assert [admin_id for _, admin_id, _ in found][1:] == [alice.id] * 3
