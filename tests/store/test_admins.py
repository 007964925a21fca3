"""Accounts and their passwords."""

import threading
import unicodedata

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from sqlalchemy import text

from console.core.errors import RefusedError
from console.models import Admin, Role, db
from console.store import admins
from tests import factories
from tests.factories import PASSWORD
from tests.store.lists import together


def test_an_account_is_opened_by_its_password_alone(alice: Admin) -> None:
    assert admins.check("alice@rollcall.example", PASSWORD) == alice
    assert admins.check("alice@rollcall.example", PASSWORD + ".") is None
    assert admins.check("nobody@rollcall.example", PASSWORD) is None


def test_the_case_of_an_account_s_address_does_not_matter(app: Flask) -> None:
    account, _ = admins.create(" Carol@Rollcall.Example ", Role.ADMIN, PASSWORD)
    assert account.email == "carol@rollcall.example"
    assert admins.check("CAROL@rollcall.example ", PASSWORD) == account


def test_a_password_is_not_stored(alice: Admin) -> None:
    assert alice.password_hash.startswith("$argon2id$")
    assert PASSWORD not in alice.password_hash


def test_two_accounts_with_one_password_have_salts_of_their_own_and_as_much_work_as_is_asked_for(
    alice: Admin, bob: Admin
) -> None:
    """At least 15 MiB of memory and two rounds, by ASVS; a salt of 128 bits is 22 letters."""
    for admin in (alice, bob):
        admins.set_password(admin, "one sentence for the two of them")
    found = [extract_parameters(admin.password_hash) for admin in (alice, bob)]
    assert all(item.memory_cost >= 15 * 1024 and item.time_cost >= 2 for item in found)
    salts = {admin.password_hash.split("$")[4] for admin in (alice, bob)}
    assert [len(salt) for salt in salts] == [22, 22], "each of its own, so that the set has both"


def test_a_password_counts_to_its_last_character(alice: Admin) -> None:
    long = ("a sentence that goes on and on, as somebody may like it, " * 3)[:127]
    admins.set_password(alice, long + "x")
    assert admins.check(alice.email, long + "x") == alice
    assert admins.check(alice.email, long + "y") is None
    assert admins.check(alice.email, long) is None


def test_a_hash_by_older_parameters_is_made_anew_at_sign_in(alice: Admin) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    alice.password_hash = weak
    db.session.commit()
    assert admins.check(alice.email, PASSWORD) == alice
    assert alice.password_hash != weak
    assert admins.check(alice.email, PASSWORD) == alice


def test_a_one_time_password_opens_the_account_for_a_day(app: Flask) -> None:
    account, shown = admins.create("carol@rollcall.example", Role.OWNER)
    assert shown is not None
    assert admins.check(account.email, shown) == account
    db.session.execute(text("update admins set password_expires_at = now() - interval '1 second'"))
    db.session.commit()
    assert admins.check(account.email, shown) is None


def test_a_new_password_replaces_the_one_time_password(app: Flask) -> None:
    account, shown = admins.create("carol@rollcall.example", Role.OWNER)
    assert shown is not None
    assert admins.set_password(account, PASSWORD) is None
    assert account.password_expires_at is None
    assert admins.check(account.email, shown) is None
    assert admins.check(account.email, PASSWORD) == account


def test_a_short_password_is_refused(alice: Admin) -> None:
    with pytest.raises(RefusedError, match="at least 12 characters"):
        admins.create("carol@rollcall.example", Role.OWNER, "eleven char")
    with pytest.raises(RefusedError, match="at least 12 characters"):
        admins.set_password(alice, "eleven char")
    assert admins.by_email("carol@rollcall.example") is None
    assert admins.check(alice.email, PASSWORD) == alice


def test_a_second_account_for_one_address_is_refused(alice: Admin) -> None:
    with pytest.raises(RefusedError, match="There is an account"):
        admins.create("ALICE@rollcall.example", Role.VIEWER, PASSWORD)


def test_of_two_that_make_one_account_one_is_refused(app: Flask) -> None:
    def create(_: threading.Barrier) -> int:
        return admins.create("carol@rollcall.example", Role.OWNER, PASSWORD)[0].id

    (lost,) = [item for item in together(app, create, create) if isinstance(item, BaseException)]
    assert isinstance(lost, RefusedError)


def test_a_password_that_is_tried_first_is_refused(alice: Admin) -> None:
    with pytest.raises(RefusedError, match="others try first"):
        admins.set_password(alice, "password1234")
    assert admins.check(alice.email, PASSWORD) == alice


def test_a_password_may_be_typed_in_any_spelling_of_its_letters(alice: Admin) -> None:
    admins.set_password(alice, "Größe zählt nicht immer")
    assert admins.check(alice.email, unicodedata.normalize("NFD", "Größe zählt nicht immer")) == alice


def test_accounts_are_listed_by_address(app: Flask) -> None:
    assert not admins.any_exist()
    second, first = factories.admin("b@x.example"), factories.admin("a@x.example")
    assert admins.any_exist()
    assert admins.every() == [first, second]


def test_a_viewer_may_not_write(alice: Admin, bob: Admin, mallory: Admin) -> None:
    assert [person.may_write for person in (alice, bob, mallory)] == [True, False, True]
