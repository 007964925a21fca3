"""The record: written with what it tells of, changed by nobody, and dropped when its time is over."""

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from console.core.errors import RefusedError
from console.models import Domain, EventKind, Topic, db, now
from console.store import domains, events
from console.store.events import COMMAND_LINE, Actor
from tests import recorded


@pytest.mark.parametrize(
    "statement",
    ["update events set who = 'somebody else'", "delete from events", "truncate events", "update events set at = at"],
)
def test_the_database_refuses_to_change_or_delete_what_is_on_record(domain: Domain, statement: str) -> None:
    before = recorded.told()
    with pytest.raises(DatabaseError, match="events are not changed"):
        db.session.execute(text(statement))
    db.session.rollback()
    assert recorded.told() == before != []


def test_what_is_too_old_is_dropped_and_nothing_else(domain: Domain) -> None:
    events.note(EventKind.SIGNED_IN, "long ago")
    db.session.flush()
    later = now() + dt.timedelta(seconds=1)
    assert events.forget(now() - dt.timedelta(days=1)) == 0
    assert events.forget(later) == 2
    assert recorded.told() == []
    # The permission ends with the transaction.
    events.note(EventKind.SIGNED_IN, "now")
    db.session.commit()
    with pytest.raises(DatabaseError):
        db.session.execute(text("delete from events"))
    db.session.rollback()


def test_what_did_not_come_about_is_not_on_record(domain: Domain) -> None:
    with pytest.raises(RefusedError):
        domains.add_group(domain, "default")
    with pytest.raises(RefusedError):
        domains.add("second.example", [domain.name])
    assert recorded.told() == [("command line", "Added the domain")]


def test_a_domain_that_is_gone_has_its_name_on_record(domain: Domain) -> None:
    name = domain.name
    domains.delete(domain)
    event = recorded.last()
    assert (event.domain, event.text) == (name, "Deleted the domain, with its users and sources")


def test_who_does_something_is_the_command_line_unless_a_process_says_otherwise(domain: Domain) -> None:
    assert events.actor() == COMMAND_LINE
    events.note(EventKind.CHANGED, "Changed it", by=Actor("ada@rollcall.example", 7, "192.0.2.7"), domain=domain)
    db.session.commit()
    event = recorded.last()
    assert (event.who, event.admin_id, event.address, event.topic) == (
        "ada@rollcall.example",
        7,
        "192.0.2.7",
        Topic.SETTINGS,
    )
    assert event.search == "changed it ada@rollcall.example 192.0.2.7 brightfield.example"


def test_a_text_is_cut_where_nobody_reads_on(domain: Domain) -> None:
    events.note(EventKind.CHANGED, "x" * 500 + "\x00", domain=domain)
    db.session.commit()
    assert recorded.last().text == "x" * 199 + "…"


def test_every_kind_has_its_topic() -> None:
    assert {kind.topic for kind in EventKind} == set(Topic)
