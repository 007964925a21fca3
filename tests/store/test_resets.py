"""Links for a new password: once, in time, and only the newest."""

import datetime as dt
import threading

import pytest
from flask import Flask
from sqlalchemy import select, update

from console.core.errors import RefusedError
from console.models import Admin, Notice, db, now
from console.store import admins, resets, sessions
from tests.factories import PASSWORD
from tests.store.lists import together
from tests.web.client import ELSEWHERE

NEW = "another sentence of words"


def test_a_link_sets_a_new_password_once_and_ends_the_sessions(alice: Admin) -> None:
    sessions.begin(alice, ELSEWHERE)
    token = resets.make(alice)
    assert resets.find(token) == alice
    assert token not in str(alice.reset_digest)
    assert resets.use(token, NEW) == alice
    assert admins.check(alice.email, NEW) == alice
    assert resets.find(token) is None
    with pytest.raises(RefusedError, match="used already"):
        resets.use(token, PASSWORD)
    assert sessions.of_admin(alice.id, sessions.Limits(dt.timedelta(1), dt.timedelta(1))) == []
    assert db.session.scalars(select(Notice.kind)).all() == ["password_reset"]


def test_a_link_works_for_half_an_hour(alice: Admin) -> None:
    token = resets.make(alice)
    assert alice.reset_until is not None
    assert alice.reset_until - now() <= dt.timedelta(minutes=30)
    db.session.execute(update(Admin).values(reset_until=now() - dt.timedelta(seconds=1)))
    db.session.commit()
    assert resets.find(token) is None
    with pytest.raises(RefusedError, match="half hour is over"):
        resets.use(token, NEW)
    resets.forget()
    assert alice.reset_digest is None


def test_a_newer_link_replaces_the_older_and_so_does_a_new_password(alice: Admin) -> None:
    older, newer = resets.make(alice), resets.make(alice)
    assert (resets.find(older), resets.find(newer)) == (None, alice)
    admins.set_password(alice, NEW)
    assert resets.find(newer) is None


def test_a_password_that_will_not_do_leaves_the_link(alice: Admin) -> None:
    token = resets.make(alice)
    with pytest.raises(RefusedError, match="others try first"):
        resets.use(token, "password1234")
    assert resets.find(token) == alice


def test_of_two_who_use_a_link_at_the_same_moment_one_does(app: Flask, alice: Admin) -> None:
    token = resets.make(alice)

    def use(_: threading.Barrier) -> int:
        return resets.use(token, NEW).id

    (lost,) = [found for found in together(app, use, use) if isinstance(found, BaseException)]
    assert isinstance(lost, RefusedError)


def test_nobody_gets_a_notice_for_an_account_that_is_not_there(alice: Admin) -> None:
    assert resets.ask("nobody@rollcall.example") is None
    assert resets.ask(" ALICE@rollcall.example ") == 1
