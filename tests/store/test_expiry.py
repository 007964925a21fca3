"""Secrets that are about to end are told by mail: 30, 14, 7 and 1 days ahead and when they have, each once."""

import datetime as dt
import threading

import pytest
from flask import Flask
from sqlalchemy import select

from console.models import Domain, Notice, Source, db, now
from console.store import expiry, notices, sources
from tests import factories
from tests.store.lists import together

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def source(domain: Domain) -> Source:
    notices.set_addresses(domain, ["it@brightfield.example"])
    return ending(factories.source(domain, kind="office365", name="Cloud"), TODAY + dt.timedelta(days=45))


def ending(source: Source, day: dt.date | None) -> Source:
    expiry.renew(source, day)
    return sources.save(source)


def told() -> list[str]:
    return list(db.session.scalars(select(Notice.detail).order_by(Notice.id)))


def test_each_step_is_told_once_however_often_it_is_looked_at(source: Source) -> None:
    for day in range(60):
        for _ in range(2):
            expiry.note(TODAY + dt.timedelta(days=day))
    starts = [detail.partition(",")[0].removeprefix("The client secret of the app ") for detail in told()]
    assert starts == [
        "expires in 30 days",
        "expires in 14 days",
        "expires in 7 days",
        "expires tomorrow",
        "expired on 16 April 2026",
    ]
    assert {notice.kind for notice in db.session.scalars(select(Notice))} == {"expiring"}


def test_steps_that_were_missed_are_not_made_up_for(source: Source) -> None:
    expiry.note(TODAY + dt.timedelta(days=40))
    assert [detail[:48] for detail in told()] == ["The client secret of the app expires in 5 days, "]


def test_another_date_is_told_anew_and_the_same_is_not(source: Source) -> None:
    expiry.note(TODAY + dt.timedelta(days=40))
    ending(source, source.secret_expires_on)
    expiry.note(TODAY + dt.timedelta(days=40))
    assert len(told()) == 1
    ending(source, TODAY + dt.timedelta(days=42))
    expiry.note(TODAY + dt.timedelta(days=40))
    assert len(told()) == 2


def test_a_date_that_was_put_off_is_told_on_its_own_days(source: Source) -> None:
    expiry.note(TODAY + dt.timedelta(days=40))
    ending(source, TODAY + dt.timedelta(days=400))
    expiry.note(TODAY + dt.timedelta(days=40))
    assert len(told()) == 1
    expiry.note(TODAY + dt.timedelta(days=370))
    assert told()[1].startswith("The client secret of the app expires in 30 days")


def test_a_source_without_a_date_is_silent_and_a_certificate_is_called_one(source: Source) -> None:
    ending(source, None)
    expiry.note(TODAY + dt.timedelta(days=4000))
    assert told() == []
    source.settings = {**source.settings, "credential": "certificate"}
    ending(source, TODAY)
    expiry.note(TODAY)
    assert told()[0].startswith("The certificate of the app expires today")


def test_where_nobody_is_told_nothing_counts_as_told(source: Source, domain: Domain) -> None:
    notices.set_addresses(domain, [])
    expiry.note(TODAY + dt.timedelta(days=40))
    notices.set_addresses(domain, ["it@brightfield.example"])
    assert told() == []
    expiry.note(TODAY + dt.timedelta(days=40))
    assert len(told()) == 1


def test_of_two_clocks_one_tells(app: Flask, source: Source) -> None:
    def note(barrier: threading.Barrier) -> int:
        barrier.wait()
        expiry.note(TODAY + dt.timedelta(days=40))
        return 0

    together(app, note, note)
    db.session.rollback()
    assert len(told()) == 1


def test_the_words_are_those_of_today(source: Source) -> None:
    ending(source, now().date() + dt.timedelta(days=7))
    assert "expires in 7 days" in expiry.told(source)
