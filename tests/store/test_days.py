"""The numbers of each day, as the clock counts them from what is on record."""

import datetime as dt

from flask import Flask
from sqlalchemy import text

from console.core.days import ONE_DAY
from console.core.person import Kind, Status
from console.core.plan import Action, Plan, Step
from console.core.rejections import Tally
from console.models import Domain, DomainDay, RunKind, db, now
from console.store import acts, days, recipients, rejections, roster, runs
from jobs import clock
from tests import factories
from tests.factories import manual_user


def earlier(number: int) -> None:
    """Let all that has happened so far have happened so many days before."""
    for table, column in (("runs", "ended_at"), ("domains", "created_at")):
        db.session.execute(
            text(f"update {table} set {column} = {column} - make_interval(days => :days)"), {"days": number}
        )
    db.session.commit()


def stored(domain: Domain) -> dict[int, tuple[object, ...]]:
    """Each day on record by how many days ago it was."""
    rows = days.since(domain.id, dt.date.min)
    return {(now().date() - row.day).days: (row.origins, row.kinds, row.billable, row.accepted) for row in rows}


def lived(domain: Domain) -> None:
    """Three days: two come with four addresses, one of them is disabled, and today another comes."""
    factories.users(domain, manual_user("ada", aliases=["a", "b"]), manual_user("room", kind=Kind.RESOURCE))
    earlier(2)
    ada = next(user for user in roster.of_domain(domain.id) if user.kind is Kind.MAILBOX)
    recipients.disable(ada, None)
    earlier(1)
    factories.users(domain, manual_user("bea"))


def test_days_that_are_over_are_counted_back_to_the_first(domain: Domain) -> None:
    lived(domain)
    days.count_ended(now().date())
    assert stored(domain) == {
        3: ({"manual": 2}, {"mailbox": 1, "resource": 1}, 1, 4),
        2: ({"manual": 2}, {"mailbox": 1, "resource": 1}, 1, 4),
        1: ({"manual": 2}, {"mailbox": 1, "resource": 1}, 0, 1),
    }


def test_what_was_counted_stays_and_what_the_clock_missed_is_made_up(app: Flask, domain: Domain) -> None:
    lived(domain)
    clock.tidy(app)
    before = stored(domain)
    earlier(2)
    # In two steps, since a day is moved to where another one still is.
    db.session.execute(text("update domain_days set day = day - 1000"))
    db.session.execute(text("update domain_days set day = day + 998"))
    db.session.commit()
    clock.tidy(app)
    after = stored(domain)
    assert {ago: after[ago + 2] for ago in before} == before
    assert after[2] == after[1] == ({"manual": 3}, {"mailbox": 2, "resource": 1}, 1, 2)
    clock.tidy(app)
    assert stored(domain) == after


def test_a_domain_of_today_has_no_day_yet(domain: Domain) -> None:
    days.count_ended(now().date())
    assert stored(domain) == {}


def test_what_was_only_planned_is_not_counted(domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    steps = (Step(Action.CREATE, None, manual_user("bea", None)),)
    preview = acts.act(domain.id, None, "for a test", Plan())
    runs.keep(preview.id, Plan(steps=steps))
    db.session.execute(text("update runs set kind = :kind where id = :id"), {"kind": RunKind.PREVIEW, "id": preview.id})
    waits = factories.run(domain)
    assert runs.claim(waits.id)
    assert runs.wait(waits.id, Plan(steps=steps), ["a reason"])
    db.session.execute(text("update domains set created_at = created_at - interval '1 day'"))
    db.session.commit()
    days.count_ended(now().date())
    assert stored(domain) == {1: ({}, {}, 0, 0)}


def test_a_disabled_user_is_on_the_list_and_accepts_nothing(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", status=Status.DISABLED, aliases=["a"]))
    earlier(1)
    days.count_ended(now().date())
    assert stored(domain)[1] == ({"manual": 1}, {"mailbox": 1}, 0, 0)


def test_mail_for_addresses_that_are_not_on_the_list_adds_up_by_day(domain: Domain) -> None:
    for _ in range(2):
        tally = Tally()
        for address in ("nobody@y", "nobody@y", None):
            tally.note(domain.id, address, sender="", client="", would=True, at=now())
        rejections.record(tally.take())
    assert [(row.day, row.rejected) for row in days.since(domain.id, now().date())] == [(now().date(), 6)]
    # It is not counted for a list yet: the day is not over.
    assert stored(domain) == {0: (None, None, None, None)}
    db.session.execute(text("update domain_days set day = day - 1"))
    db.session.execute(text("update domains set created_at = created_at - interval '1 day'"))
    db.session.commit()
    days.count_ended(now().date())
    row = db.session.get_one(DomainDay, (domain.id, now().date() - ONE_DAY), populate_existing=True)
    assert (row.rejected, row.billable) == (6, 0)
