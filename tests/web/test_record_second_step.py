"""What becomes of second steps and passkeys is on record, with whoever proves to be the account's owner."""

from flask import Flask

from console.models import Admin, Topic
from console.store import organisation, two_steps
from tests import recorded
from tests.factories import PASSWORD
from tests.web.authenticator import Authenticator
from tests.web.client import Browser
from tests.web.second_steps import turned_on, unused
from tests.web.test_passkeys import add, use


def told() -> list[tuple[str, str]]:
    return recorded.told(Topic.SIGN_INS)


def test_a_sign_in_is_on_record_with_both_steps_and_a_wrong_code_too(app: Flask, alice: Admin) -> None:
    code = turned_on(alice)
    browser = Browser.of(app)
    browser.submit("/login", email=alice.email, password=PASSWORD)
    before = len(told())
    browser.submit("/login/second-step", code=code.wrong())
    browser.submit("/login/second-step", code=code.code())
    first, second = told()[before:]
    assert first == (alice.email, "Was not let in, with a wrong second step")
    assert second[0] == alice.email
    assert second[1].startswith("Signed in with a password")
    assert code.secret not in str([event.search for event in recorded.events()])


def test_a_recovery_code_is_on_record_as_its_owner_s(app: Flask, alice: Admin) -> None:
    code = turned_on(alice)
    browser = Browser.of(app)
    browser.submit("/login", email=alice.email, password=PASSWORD)
    browser.submit("/login/second-step/recovery", recovery=code.recovery[0])
    assert (alice.email, "Used a recovery code, 9 left") in told()
    assert code.recovery[0] not in str([event.search for event in recorded.events()])


def test_passkeys_are_on_record_when_they_come_sign_in_and_go(
    client: Browser, anonymous: Browser, alice: Admin
) -> None:
    key = Authenticator()
    add(client, key)
    use(anonymous, key)
    client.submit("/account/passkeys/remove", passkey="1")
    said = [text for _, text in told()]
    assert said[0] == "Added the passkey “Laptop”"
    assert said[1].startswith("Signed in with a passkey")
    assert said[2] == "Removed the passkey “Laptop”"
    assert {who for who, _ in told()} == {alice.email}


def test_that_everybody_needs_two_steps_is_on_record_once(app: Flask, alice: Admin) -> None:
    turned_on(alice)
    for required in (True, True, False):
        organisation.require_two_steps(alice, required)
    assert [text for _, text in recorded.told(Topic.ACCOUNTS)] == [
        "Required two-step sign-in of everybody",
        "Required two-step sign-in of nobody any more",
    ]


def test_turning_it_on_anew_and_off_is_on_record(app: Flask, alice: Admin) -> None:
    turned_on(alice)
    unused(alice)
    two_steps.turn_off(alice)
    assert [text for _, text in told()] == ["Turned on two-step sign-in", "Turned off two-step sign-in"]
