"""Mail that arrives for addresses that nobody has: how they stand, and whether to wait is of any use."""

import pytest

from console.core.discovery import SightingState
from console.core.recipient import Verdict
from console.models import Domain, Sighting, db
from console.store import arrivals, discovery, sightings
from console.store.arrivals import Arrival
from console.store.sightings import Seen
from tests import factories
from tests.perimeter.behind import noted, turn_on


@pytest.fixture
def on(domain: Domain) -> Domain:
    turn_on(domain)
    return domain


def arrive(domain: Domain, *local: str, a_minute: int = 10, a_day: int = 100) -> tuple[dict[str, Arrival], bool]:
    """How each stands, by its local part, and whether there is work."""
    seen = [Seen(factories.address(item)) for item in local]
    found, has_work = arrivals.note(domain.id, seen, a_minute=a_minute, a_day=a_day)
    return {name.partition("@")[0]: arrival for name, arrival in found.items()}, has_work


def test_a_new_address_may_soon_be_another_thing(on: Domain) -> None:
    found, has_work = arrive(on, "ann", "bob")
    assert [(item.verdict, item.soon) for item in found.values()] == [(Verdict.DEFER, True)] * 2
    assert has_work


def test_what_was_answered_is_told_and_nothing_is_left_to_do(on: Domain) -> None:
    arrive(on, "ann", "bob", "cat")
    states = {"ann": SightingState.REFUSED, "bob": SightingState.REVIEW}
    for local, row in noted(on).items():
        if local in states:
            sightings.answered(row.id, states[local], "")
        else:
            sightings.unanswered(row.id, "")
    db.session.commit()
    found, has_work = arrive(on, "ann", "bob", "cat")
    told = {local: (item.verdict, item.soon) for local, item in found.items()}
    assert told == {"ann": (Verdict.REJECT, False), "bob": (Verdict.ACCEPT, False), "cat": (Verdict.DEFER, False)}
    assert not has_work


def test_what_is_not_seen_often_enough_is_not_waited_for(domain: Domain) -> None:
    turn_on(domain, needed=2)
    assert [arrive(domain, "ann")[0]["ann"].soon for _ in range(2)] == [False, True]


def test_nobody_waits_when_more_is_due_than_may_be_asked(on: Domain) -> None:
    found, _ = arrive(on, "a", "b", a_minute=2)
    assert all(item.soon for item in found.values())
    found, has_work = arrive(on, "c", a_minute=2)
    assert (found["c"].soon, has_work) == (False, True)
    discovery.spend(on.id, 2)
    found, has_work = arrive(on, "c", a_minute=2)
    assert (found["c"].soon, has_work) == (False, False)


def test_nothing_is_said_of_what_was_turned_off(domain: Domain) -> None:
    assert arrive(domain, "ann") == ({}, False)


def test_an_answer_is_none_until_it_is_there(on: Domain) -> None:
    found, _ = arrive(on, "ann", "bob", "gone")
    ids = {local: item.sighting_id for local, item in found.items()}
    sightings.answered(ids["ann"], SightingState.REFUSED, "")
    db.session.delete(db.session.get_one(Sighting, ids["gone"]))
    db.session.commit()
    assert arrivals.answers(list(ids.values())) == {
        ids["ann"]: Verdict.REJECT,
        ids["bob"]: None,
        ids["gone"]: Verdict.DEFER,
    }
