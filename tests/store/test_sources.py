"""User Sources: their schedule, their troubles, and what becomes of their users."""

import datetime as dt
import threading
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from console.core.errors import RefusedError, StaleError
from console.core.person import Kind, Origin, Status
from console.models import Admin, Domain, RunKind, Source, db, now
from console.store import acts, records, roster, runs, sources
from tests import factories
from tests.core.undone import inverse
from tests.factories import NOW, address, manual_user, user
from tests.store.lists import listed, together


def stored(source_id: int) -> Source | None:
    return db.session.get(Source, source_id, populate_existing=True)


# Schedule


def test_a_new_source_is_due_an_interval_from_now(domain: Domain) -> None:
    before = now()
    source = factories.source(domain, interval_minutes=60)
    assert source.next_run_at is not None
    assert dt.timedelta(minutes=60) <= source.next_run_at - before < dt.timedelta(minutes=67)
    assert sources.due() == []


def test_a_source_whose_schedule_is_off_is_never_due(domain: Domain) -> None:
    source = factories.source(domain, interval_minutes=None)
    assert (source.interval_minutes, source.next_run_at) == (None, None)


def test_a_schedule_that_is_switched_off_and_on_again(domain: Domain) -> None:
    source = factories.source(domain)
    source.interval_minutes = None
    sources.save(source)
    assert source.next_run_at is None
    source.interval_minutes = 15
    sources.save(source)
    assert source.next_run_at is not None


def test_a_shorter_interval_brings_the_next_run_forward(domain: Domain) -> None:
    source = factories.source(domain, interval_minutes=24 * 60)
    source.interval_minutes = 15
    sources.save(source)
    assert source.next_run_at is not None
    assert source.next_run_at < now() + dt.timedelta(minutes=17)


def test_a_longer_interval_leaves_a_run_that_is_near_where_it_is(domain: Domain) -> None:
    source = factories.source(domain, interval_minutes=15)
    near = source.next_run_at
    source.interval_minutes = 24 * 60
    sources.save(source)
    assert source.next_run_at == near


def overdue(source: Source) -> None:
    db.session.execute(text("update sources set next_run_at = now() - interval '1 minute'"))
    db.session.commit()


def test_of_two_clocks_one_gets_a_source_that_is_due(app: Flask, domain: Domain) -> None:
    source = factories.source(domain)
    source_id = source.id
    overdue(source)
    assert sources.due() == [source_id]
    db.session.commit()

    def take(_: threading.Barrier) -> bool:
        return sources.take_turn(source_id) is not None

    assert sorted(map(bool, together(app, take, take))) == [False, True]
    assert sources.due() == []
    assert sources.take_turn(source_id) is None


def test_the_source_that_a_clock_gets_has_its_next_time(domain: Domain) -> None:
    source = factories.source(domain, interval_minutes=30)
    overdue(source)
    taken = sources.take_turn(source.id)
    assert taken is not None
    assert taken.next_run_at is not None
    assert taken.next_run_at >= now() + dt.timedelta(minutes=29)


# Trouble


def test_a_failure_is_remembered_until_the_next_success(domain: Domain) -> None:
    source = factories.source(domain)
    sources.failed(source.id, "The host does not answer.")
    sources.failed(source.id, "The host does not answer.")
    again = stored(source.id)
    assert again is not None
    assert (again.failures, again.last_error) == (2, "The host does not answer.")
    assert sources.in_trouble([domain.id]) == {domain.id: [again]}
    sources.succeeded(source.id)
    db.session.commit()
    again = stored(source.id)
    assert again is not None
    assert (again.failures, again.last_error, again.last_success_at is not None) == (0, "", True)
    assert sources.in_trouble([domain.id]) == {}


def test_only_the_other_sources_of_the_domain_stand_in_the_way_of_removals(domain: Domain) -> None:
    first, second = factories.source(domain, name="HQ"), factories.source(domain, name="Branch")
    elsewhere = factories.source(factories.domain("other.example"))
    for failing in (first, elsewhere):
        sources.failed(failing.id, "The host does not answer.")
    assert sources.failing_beside(first) == []
    assert sources.failing_beside(second) == ["Active Dir. · HQ"]


def test_a_source_that_fails_again_and_again_is_tried_less_often_up_to_once_a_day(domain: Domain) -> None:
    source = factories.source(domain, interval_minutes=60)
    waits = []
    for _ in range(9):
        sources.failed(source.id, "The host does not answer.")
        again = stored(source.id)
        assert again is not None
        assert again.next_run_at is not None
        waits.append(round((again.next_run_at - now()).total_seconds() / 3600 / 1.05))
    assert waits[:2] == [1, 1]
    assert waits[2:5] == sorted(waits[2:5])
    assert waits[2] == 2
    assert max(waits) <= 26


# Users


def test_a_source_owns_the_users_that_receive_mail(domain: Domain) -> None:
    source, other = factories.source(domain), factories.source(domain, name="Branch")
    factories.users(
        domain,
        user("a", None, source_id=source.id),
        user("b", None, source_id=source.id, status=Status.MISSING, kind=Kind.LIST),
        user("c", None, source_id=source.id, status=Status.DISABLED),
        user("d", None, source_id=other.id),
        manual_user("e"),
    )
    assert (sources.owned(source.id), sources.owned(other.id)) == (2, 1)


def test_a_removed_source_s_users_are_kept_by_hand(domain: Domain, alice: Admin) -> None:
    source, other = factories.source(domain), factories.source(domain, name="Branch")
    gone: dict[str, Any] = {"status": Status.MISSING, "reason": "gone", "missing_since": NOW}
    factories.users(
        domain,
        user("active", None, source_id=source.id, aliases=["x"], by_hand=frozenset({"kind"}), exempt=True),
        user("missing", None, source_id=source.id, **gone),
        user("disabled", None, source_id=source.id, status=Status.DISABLED, reason="gone"),
        user("other", None, source_id=other.id),
    )
    before = listed(domain)
    run = sources.remove(source, alice)
    after = listed(domain)
    plain: dict[str, Any] = {"origin": Origin.MANUAL, "source_id": None, "source_key": None}
    assert after["active"] == replace(before["active"], by_hand=frozenset(), exempt=False, **plain)
    assert after["missing"] == replace(before["missing"], status=Status.ACTIVE, reason="", missing_since=None, **plain)
    assert after["disabled"] == replace(before["disabled"], **plain)
    assert after["other"] == before["other"]
    assert {user.id for user in after.values()} == {user.id for user in before.values()}
    assert (run.admin, run.title) == (alice, "Deleted the source Active Dir. · HQ")
    assert sources.of_domain(domain.id) == [other]


def test_a_source_without_users_is_removed(domain: Domain, alice: Admin) -> None:
    sources.remove(factories.source(domain), alice)
    assert sources.of_domain(domain.id) == []


def test_a_source_with_an_open_run_is_not_removed(domain: Domain, alice: Admin) -> None:
    source = factories.source(domain)
    factories.users(domain, user("ada", None, source_id=source.id))
    factories.run(domain, of_source=source)
    with pytest.raises(RefusedError, match="open run"):
        sources.remove(source, alice)
    assert sources.of_domain(domain.id) == [source]
    assert listed(domain)["ada"].source_id == source.id


def test_the_removal_of_a_source_cannot_be_taken_back_half(domain: Domain, alice: Admin) -> None:
    """Its users cannot have it again, so each is refused by the one sentence, with nothing written."""
    source = factories.source(domain)
    factories.users(domain, user("ada", None, source_id=source.id))
    run = sources.remove(source, alice)
    steps = records.planned(run).steps
    undo = inverse(steps, roster.around(steps))
    with pytest.raises(StaleError, match="was deleted"):
        acts.act(domain.id, alice, "undo", undo)
    assert listed(domain)["ada"].origin is Origin.MANUAL


def test_runs_of_a_removed_source_stay_on_record(domain: Domain, alice: Admin) -> None:
    source = factories.source(domain)
    run = factories.run(domain, RunKind.SYNC, source)
    runs.cancel(run.id)
    sources.remove(source, alice)
    kept = runs.get(run.id)
    assert kept is not None
    assert (kept.source_id, kept.source) == (None, None)


# Looking


def test_a_source_is_seen_by_those_who_may_see_its_domain(domain: Domain) -> None:
    source = factories.source(domain)
    own = factories.admin("own@x.example", only=[domain])
    other = factories.admin("other@x.example", only=[factories.domain("other.example")])
    assert sources.visible(own, source.id) == source
    assert sources.visible(other, source.id) is None
    assert sources.visible(own, source.id + 1) is None


def test_sources_are_listed_in_the_order_in_which_they_were_added(domain: Domain) -> None:
    first, second = factories.source(domain, name="Z"), factories.source(domain, name="A")
    elsewhere = factories.source(factories.domain("other.example"))
    assert sources.of_domain(domain.id) == [first, second]
    assert sources.every() == [first, second, elsewhere]
    assert sources.get(first.id) == first


def test_the_last_syncs_of_a_source_end_with_the_newest(domain: Domain) -> None:
    source = factories.source(domain)
    made = []
    for kind in (RunKind.SYNC, RunKind.TEST, RunKind.SYNC, RunKind.SYNC):
        run = factories.run(domain, kind, source)
        runs.cancel(run.id)
        made.append(run)
    assert sources.history(source.id) == [made[0], made[2], made[3]]
    assert sources.history(source.id, limit=2) == [made[2], made[3]]


def test_a_source_says_what_it_is_and_where_without_a_secret(domain: Domain) -> None:
    source = factories.source(domain, settings={"host": "dc1.example", "port": 636, "tls": "ldaps"})
    assert (source.label, source.endpoint) == ("Active Dir. · HQ", "ldaps://dc1.example:636")
    assert "secret of the source" not in f"{source.secret} {source.settings}"


def test_an_address_is_not_taken_from_a_removed_source_s_user(domain: Domain, alice: Admin) -> None:
    source = factories.source(domain)
    factories.users(domain, user("ada", None, source_id=source.id, aliases=["a"]))
    sources.remove(source, alice)
    assert [one.address for one in roster.holding([address("a")])] == [address("ada")]
