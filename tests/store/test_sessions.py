"""Sessions: what they are found by, how long they last, and which browsers are known."""

import datetime as dt
import hashlib

import pytest
from sqlalchemy import select, update

from console.core.errors import RefusedError
from console.models import Admin, AdminSession, db, now
from console.store import admins, sessions
from console.store.sessions import Limits, Visitor
from tests.factories import PASSWORD

LIMITS = Limits(longest=dt.timedelta(hours=12), idle=dt.timedelta(hours=1))
HOME = Visitor("192.0.2.7", "Firefox on Linux", "one browser")
AWAY = Visitor("198.51.100.9", "Chrome on Android", "another")


def find(token: str, *, use: bool = False) -> AdminSession | None:
    return sessions.find(token, LIMITS, use=use)


def test_a_session_is_found_by_what_its_cookie_holds_which_is_not_stored(alice: Admin) -> None:
    token = sessions.begin(alice, HOME)
    row = find(token)
    assert row is not None
    assert (row.admin, row.browser, row.address) == (alice, "Firefox on Linux", "192.0.2.7")
    assert row.digest == hashlib.sha256(token.encode()).hexdigest()
    assert HOME.device not in (row.device, row.digest)
    assert find(token + ".") is None
    assert find(row.digest) is None
    assert alice.signed_in_at is not None


@pytest.mark.parametrize(("column", "limit"), [("began_at", LIMITS.longest), ("used_at", LIMITS.idle)])
def test_a_session_lasts_until_its_limit(alice: Admin, column: str, limit: dt.timedelta) -> None:
    token = sessions.begin(alice, HOME)
    for short, there in ((dt.timedelta(seconds=30), True), (dt.timedelta(), False)):
        db.session.execute(update(AdminSession).values({column: now() - limit + short}))
        db.session.commit()
        assert (find(token) is not None) is there
        assert bool(sessions.of_admin(alice.id, LIMITS)) is there


def test_use_prolongs_a_session_by_a_write_a_minute(alice: Admin) -> None:
    token = sessions.begin(alice, HOME)
    for seconds, use, written in ((61, False, False), (50, True, False), (61, True, True)):
        then = now() - dt.timedelta(seconds=seconds)
        db.session.execute(update(AdminSession).values(used_at=then))
        db.session.commit()
        find(token, use=use)
        db.session.rollback()
        assert (db.session.scalars(select(AdminSession.used_at)).one() > then) is written


def test_one_session_the_others_and_all_are_ended(alice: Admin, bob: Admin) -> None:
    tokens = [sessions.begin(alice, HOME) for _ in range(4)]
    theirs = sessions.begin(bob, HOME)
    ids = [row.id for row in map(find, tokens) if row is not None]
    sessions.end(ids[0])
    assert [find(token) is not None for token in tokens] == [False, True, True, True]
    sessions.end_others(alice.id, ids[1])
    assert [find(token) is not None for token in tokens] == [False, True, False, False]
    admins.set_password(alice, PASSWORD + "!")
    assert not any(find(token) for token in tokens)
    assert find(theirs) is not None


def test_a_password_that_was_changed_during_a_sign_in_lets_nobody_in(alice: Admin) -> None:
    found = admins.check(alice.email, PASSWORD)
    assert found is not None
    hashed = found.password_hash
    db.session.execute(update(Admin).values(password_hash="other"), execution_options={"synchronize_session": False})
    assert found.password_hash == hashed
    with pytest.raises(RefusedError, match="changed just now"):
        sessions.begin(found, HOME)
    assert sessions.of_admin(alice.id, LIMITS) == []


def test_a_browser_and_an_address_are_known_after_their_sessions(alice: Admin, bob: Admin) -> None:
    assert sessions.known(alice.email, HOME) == (False, False)
    sessions.begin(alice, HOME)
    admins.set_password(alice, PASSWORD + "!")
    assert sessions.known(" Alice@Rollcall.example", HOME) == (True, True)
    assert sessions.known(alice.email, Visitor(HOME.address, "", "")) == (False, True)
    assert sessions.known(alice.email, Visitor(AWAY.address, "", HOME.device)) == (True, False)
    assert sessions.known(alice.email, AWAY) == (False, False)
    assert sessions.known(bob.email, HOME) == (False, False)
    assert sessions.known("nobody@rollcall.example", HOME) == (False, False)


def test_a_browser_is_new_unless_it_or_one_like_it_at_its_address_was_there(alice: Admin) -> None:
    assert not sessions.is_new(alice, HOME), "the first session is nothing new"
    sessions.begin(alice, HOME)
    assert sessions.is_new(alice, AWAY)
    assert sessions.is_new(alice, Visitor(AWAY.address, HOME.browser, ""))
    assert not sessions.is_new(alice, Visitor(AWAY.address, AWAY.browser, HOME.device))
    assert not sessions.is_new(alice, Visitor(HOME.address, HOME.browser, ""))


def test_old_sessions_are_forgotten(alice: Admin) -> None:
    for _ in range(2):
        sessions.begin(alice, HOME)
    old = {"used_at": now() - dt.timedelta(days=91), "began_at": now() - dt.timedelta(days=91)}
    db.session.execute(update(AdminSession).where(AdminSession.id == 1).values(old))
    db.session.commit()
    sessions.forget()
    assert db.session.scalars(select(AdminSession.id)).all() == [2]
