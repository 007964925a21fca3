"""Who signs in to a Rollcall on one machine, and with what."""

from flask import Flask

from console.models import Admin, Role
from console.store import admins
from tests import factories
from tests.demo.owner import sign_in

DEFAULT = "owner@rollcall.example"


def test_the_first_start_makes_an_owner_with_a_one_time_password(app: Flask) -> None:
    start = sign_in("", DEFAULT, anew=False)
    assert (start.admin.email, start.admin.role) == (DEFAULT, Role.OWNER)
    assert admins.check(DEFAULT, start.password or "") is not None


def test_a_password_that_was_never_changed_is_replaced_at_the_next_start(app: Flask) -> None:
    first = sign_in("", DEFAULT, anew=False)
    second = sign_in("", DEFAULT, anew=False)
    assert second.password not in (None, first.password)
    assert admins.check(DEFAULT, first.password or "") is None


def test_a_chosen_password_stays_unless_a_new_one_is_wanted(app: Flask, alice: Admin) -> None:
    assert sign_in("", DEFAULT, anew=False).password is None
    assert admins.check(alice.email, factories.PASSWORD) is not None
    assert admins.check(alice.email, sign_in("", DEFAULT, anew=True).password or "") is not None


def test_an_owner_who_is_there_already_is_the_one_unless_another_is_named(app: Flask, bob: Admin, alice: Admin) -> None:
    assert sign_in("", DEFAULT, anew=False).admin.email == alice.email
    assert sign_in("jane@company.example", DEFAULT, anew=False).admin.email == "jane@company.example"
