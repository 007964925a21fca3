"""The end of the secret of the console's own app at Microsoft: its owners are told, each once for each step."""

import datetime as dt
import threading

from flask import Flask
from sqlalchemy import select, update

from console.microsoft import Microsoft
from console.models import Admin, Notice, Role, db, now
from console.store import expiry
from tests import factories
from tests.store.lists import together

APP = "00001111-aaaa-2222-bbbb-3333cccc4444"


def ending(days: int, **values: str) -> Microsoft:
    day = now().date() + dt.timedelta(days=days)
    return Microsoft(**{"client_id": APP, "credential": "hush", **values}, expires_on=day)


def told() -> list[tuple[str, str]]:
    """To whom, and how near it was."""
    rows = db.session.scalars(select(Notice).order_by(Notice.id)).all()
    return [(row.admin.email if row.admin else "", row.detail.partition(" expire")[2].split(",")[0]) for row in rows]


def pass_by(days: int) -> None:
    """Let the notices be older by so many days."""
    db.session.execute(update(Notice).values(created_at=Notice.created_at - dt.timedelta(days=days)))
    db.session.commit()


def test_each_owner_is_told_once_for_each_step_and_nobody_else(alice: Admin, bob: Admin) -> None:
    for days, passed in ((31, 0), (30, 0), (20, 10), (14, 6), (7, 7), (6, 1), (1, 5), (0, 1), (-1, 1), (-5, 4)):
        pass_by(passed)
        for _ in range(2):
            expiry.note_own(ending(days))
    assert told() == [
        (alice.email, "s in 30 days"),
        (alice.email, "s in 14 days"),
        (alice.email, "s in 7 days"),
        (alice.email, "s tomorrow"),
        (alice.email, f"d on {(now().date() - dt.timedelta(days=1)):%-d %B %Y}"),
    ]


def test_who_becomes_an_owner_later_is_told_what_others_know(alice: Admin) -> None:
    expiry.note_own(ending(9))
    carol = factories.admin("carol@rollcall.example", Role.OWNER)
    expiry.note_own(ending(8))
    assert told() == [(alice.email, "s in 9 days"), (carol.email, "s in 8 days")]


def test_without_a_date_or_an_app_nobody_is_told(alice: Admin) -> None:
    expiry.note_own(Microsoft(client_id=APP, credential="hush"))
    expiry.note_own(Microsoft())
    assert told() == []
    assert expiry.told_own(Microsoft()) == ""


def test_of_two_clocks_one_tells(app: Flask, alice: Admin) -> None:
    def note(barrier: threading.Barrier) -> int:
        barrier.wait()
        expiry.note_own(ending(5))
        return 0

    together(app, note, note)
    db.session.rollback()
    assert len(told()) == 1


def test_a_certificate_is_called_one(alice: Admin) -> None:
    assert expiry.told_own(ending(5, credential="-----BEGIN PRIVATE KEY-----")).startswith("The certificate of this")
