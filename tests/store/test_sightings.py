"""Sightings: what mail for addresses that nobody has leaves behind."""

import datetime as dt

import pytest
from sqlalchemy import select, text

from console.core.discovery import ATTEMPTS, NO_HOLDS, Sighted, SightingState
from console.models import Discovery, Domain, Sighting, db, now
from console.store import discovery, sightings
from console.store.sightings import Seen
from tests import factories


@pytest.fixture
def on(domain: Domain) -> Domain:
    """A domain whose discovery is on."""
    return switched_on(domain)


def switched_on(domain: Domain, needed: int = 1) -> Domain:
    ends_at = now() + dt.timedelta(days=14)
    db.session.add(Discovery(domain_id=domain.id, state="on", needed=needed, ends_at=ends_at, tested_at=now()))
    db.session.commit()
    return domain


def seen(domain: Domain, local: str, sender: str = "", client: str = "") -> Seen:
    return Seen(factories.address(f"{local}@{domain.name}"), sender, client)


def note(domain: Domain, *items: Seen) -> list[Sighted]:
    return sorted(sightings.note(domain.id, items).values(), key=lambda sighted: sighted.id)


def row(sighted: Sighted) -> Sighting:
    found = db.session.get(Sighting, sighted.id, populate_existing=True)
    assert found is not None
    return found


def test_a_new_address_is_due_at_once(on: Domain) -> None:
    (ann,) = note(on, seen(on, "ann", "eve@elsewhere.example", "192.0.2.7"))
    assert (ann.address, ann.state, ann.due_at is not None) == (f"ann@{on.name}", SightingState.WAITING, True)
    kept = row(ann)
    assert (kept.times, kept.senders, kept.client) == (1, ["eve@elsewhere.example"], "192.0.2.7")
    assert [item.id for item in sightings.due(on.id, 10)] == [ann.id]


def test_mail_is_counted_with_the_last_senders(on: Domain) -> None:
    many = [seen(on, "ann", f"s{number % 7}@elsewhere.example") for number in range(9)]
    (ann,) = note(on, *many)
    note(on, seen(on, "ann", "s9@elsewhere.example", "192.0.2.8"))
    kept = row(ann)
    assert (kept.times, kept.client) == (10, "192.0.2.8")
    assert kept.senders == [f"s{number}@elsewhere.example" for number in (9, 1, 0, 6, 5)]


def test_it_takes_as_many_sightings_as_were_chosen(domain: Domain) -> None:
    switched_on(domain, needed=3)
    assert [note(domain, seen(domain, "ann"))[0].due_at is not None for _ in range(3)] == [False, False, True]


def test_nothing_is_noted_while_discovery_is_off_or_over(domain: Domain) -> None:
    assert note(domain, seen(domain, "ann")) == []
    switched_on(domain)
    db.session.get_one(Discovery, domain.id).ends_at = now()
    db.session.commit()
    assert note(domain, seen(domain, "ann")) == []


def test_a_no_is_believed_for_hours_and_then_asked_for_anew(on: Domain) -> None:
    (ann,) = note(on, seen(on, "ann"))
    sightings.answered(ann.id, SightingState.REFUSED, "550 5.1.1 no such user")
    db.session.commit()
    assert [(item.state, item.due_at) for item in note(on, seen(on, "ann"))] == [(SightingState.REFUSED, None)]
    row(ann).answered_at = now() - NO_HOLDS
    db.session.commit()
    (again,) = note(on, seen(on, "ann"))
    assert (again.state, again.due_at is not None) == (SightingState.WAITING, True)


def test_without_an_answer_it_is_asked_again_later_and_at_last_only_for_new_mail(on: Domain) -> None:
    (ann,) = note(on, seen(on, "ann"))
    sightings.unanswered(ann.id, "451 try later")
    db.session.commit()
    waits = row(ann).due_at
    assert waits is not None
    assert waits > now()
    assert sightings.due(on.id, 10) == []
    assert note(on, seen(on, "ann"))[0].due_at == waits
    for _ in range(ATTEMPTS):
        sightings.unanswered(ann.id, "451 try later")
    db.session.commit()
    assert row(ann).due_at is None
    (again,) = note(on, seen(on, "ann"))
    assert again.due_at is not None
    assert row(again).attempts == 0


def test_what_a_person_took_off_the_list_does_not_come_back(on: Domain) -> None:
    (ann, bob) = note(on, seen(on, "ann"), seen(on, "bob"))
    factories.users(on, factories.manual_user(f"ann@{on.name}"))
    for sighted in (ann, bob):
        sightings.answered(sighted.id, SightingState.ADDED, "250 ok")
    db.session.commit()
    found = note(on, seen(on, "ann"), seen(on, "bob"))
    assert [item.state for item in found] == [SightingState.ADDED, SightingState.NOT_OURS]
    sightings.answered(bob.id, SightingState.ADDED, "250 ok")
    db.session.commit()
    assert row(bob).state == SightingState.NOT_OURS


def test_there_is_a_bounded_number_of_them(on: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sightings, "LIMIT", 3)
    first = note(on, *(seen(on, f"u{number}") for number in range(5)))
    assert len(first) == 3
    assert note(on, seen(on, "late")) == []
    assert len(note(on, seen(on, "u0"))) == 1
    sightings.answered(first[0].id, SightingState.REFUSED, "550 5.1.1")
    row(first[0]).answered_at = now() - NO_HOLDS
    db.session.commit()
    assert len(note(on, seen(on, "late"))) == 1


def test_where_no_room_is_looked_for_what_is_known_is_counted_all_the_same(on: Domain) -> None:
    (ann,) = note(on, seen(on, "ann"))
    found = sightings.note(on.id, [seen(on, "ann"), seen(on, "bob")], full=True)
    assert [item.id for item in found.values()] == [ann.id]
    assert row(ann).times == 2


def test_where_no_room_is_looked_for_guesses_wait_for_nobody(on: Domain) -> None:
    with db.engine.connect() as other:
        other.execute(select(Discovery).where(Discovery.domain_id == on.id).with_for_update())
        db.session.execute(text("set local lock_timeout = '1s'"))
        assert sightings.note(on.id, [seen(on, "ann"), seen(on, "bob")], full=True) == {}


def test_what_comes_again_is_asked_for_before_guesses(on: Domain) -> None:
    note(on, *(seen(on, f"guess{number}") for number in range(3)), seen(on, "ann"), seen(on, "ann"))
    assert sightings.due(on.id, 1)[0].address == f"ann@{on.name}"


def test_probes_are_bounded_by_the_minute_and_the_day(on: Domain) -> None:
    discovery.spend(on.id, 4)
    assert discovery.room(on.id, 10, 100) == 6
    assert discovery.room(on.id, 10, 5) == 1
    switch = db.session.get_one(Discovery, on.id)
    switch.minute_at = now() - dt.timedelta(minutes=1)
    db.session.commit()
    assert discovery.room(on.id, 10, 5) == 1
    discovery.spend(on.id)
    assert (discovery.room(on.id, 10, 100), discovery.room(on.id, 10, 5)) == (9, 0)
    discovery.spend(factories.domain("other.example").id)
