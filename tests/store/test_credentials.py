"""The names and passwords of mail servers."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select, update

from console.core.errors import RefusedError
from console.models import Credential, db, now
from console.store import credentials


def test_credentials_open_by_their_password_alone_until_they_are_revoked(app: Flask) -> None:
    secret = credentials.create("mx1")
    other = credentials.create("mx2")
    assert credentials.admit("mx1", secret)
    for name, password in (("mx1", other), ("mx1", ""), ("nobody", secret), ("", ""), ("mx1\x00", "\ud800")):
        assert not credentials.admit(name, password)
    stored = db.session.scalars(select(Credential.digest)).all()
    assert not {secret, other} & set(stored)
    credentials.revoke("mx1")
    assert not credentials.admit("mx1", secret)
    assert [item.name for item in credentials.every()] == ["mx2"]


@pytest.mark.parametrize("name", ["", "a:b", "a\nb", "taken"])
def test_a_name_that_basic_authentication_cannot_carry_or_that_is_taken_is_refused(app: Flask, name: str) -> None:
    credentials.create("taken")
    with pytest.raises(RefusedError):
        credentials.create(name)


def test_what_is_not_there_cannot_be_revoked(app: Flask) -> None:
    with pytest.raises(RefusedError, match="no credentials named mx9"):
        credentials.revoke("mx9")
    with pytest.raises(RefusedError, match="no credentials named mx9"):
        credentials.rotate("mx9")


def test_a_rotated_password_stays_valid_for_an_hour_beside_the_new_one(app: Flask) -> None:
    old = credentials.create("mx1")
    new = credentials.rotate("mx1")
    assert credentials.admit("mx1", old) == credentials.admit("mx1", new) is not None
    db.session.execute(update(Credential).values(old_until=now() - dt.timedelta(seconds=1)))
    assert credentials.admit("mx1", old) is None
    assert credentials.admit("mx1", new)


def test_without_grace_a_rotated_password_is_invalid_at_once(app: Flask) -> None:
    old = credentials.create("mx1")
    credentials.rotate("mx1", dt.timedelta(0))
    assert credentials.admit("mx1", old) is None


def test_of_three_passwords_the_last_two_are_valid(app: Flask) -> None:
    passwords = [credentials.create("mx1"), credentials.rotate("mx1"), credentials.rotate("mx1")]
    assert [bool(credentials.admit("mx1", password)) for password in passwords] == [False, True, True]


def test_the_password_that_was_never_there_is_no_former_one(app: Flask) -> None:
    credentials.create("mx1")
    assert credentials.admit("mx1", "") is None


def test_when_a_password_was_used_last_is_kept_to_the_minute(app: Flask) -> None:
    secret = credentials.create("mx1")
    credentials.admit("mx1", "wrong")
    [row] = credentials.every()
    assert row.used_at is None
    credentials.admit("mx1", secret)
    [row] = credentials.every()
    first = row.used_at
    assert first is not None
    credentials.admit("mx1", secret)
    db.session.refresh(row)
    assert row.used_at == first
    row.used_at = now() - credentials.USED_TO_THE
    db.session.commit()
    credentials.admit("mx1", secret)
    db.session.refresh(row)
    assert row.used_at >= first
