"""A plan that waited is applied as it stands on record, by the database itself, and to the same end."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from console.core.errors import StaleError
from console.core.person import Kind, Origin, Status
from console.core.plan import Action, Plan, Step
from console.models import Domain, Run, RunKind, db
from console.store import records, roster, runs
from console.store.kept import apply_kept
from tests import factories
from tests.factories import address, manual_user, user
from tests.store.lists import act, listed
from tests.store.test_counts import COUNTED, LISTED

ROWS = """
    select address, group_id, first_name, last_name, kind, origin, source_id, source_key, status, reason, missing_since,
           by_hand, exempt, search, billable, created_at is not null, changed_at is not null
      from users order by address
"""
NAMES = "select key, address from addresses order by key"


def plan(domain: Domain) -> Plan:
    """Every make of a new user, and users that give up and get addresses."""
    source = factories.source(domain)
    factories.users(domain, manual_user("old", aliases=["info"]), manual_user("gone"))
    old, gone, group = listed(domain)["old"], listed(domain)["gone"], domain.groups[0].id
    new = [
        manual_user("ada", None, aliases=["b", "a"], first_name='A "B" \\', last_name="O'Neil\tX"),
        replace(manual_user("info", None, kind=Kind.SHARED), origin=Origin.CSV),
        manual_user('"a b"', None),
        manual_user("weiß", None, aliases=["strasse"]),
        manual_user("cyd", None, last_name="Łovelace"),
        user("dan", None, source_id=source.id, source_key="key\\1"),
        manual_user("eve", None, status=Status.MISSING, reason="No longer there.", missing_since=factories.NOW),
        manual_user("fay", None, status=Status.DISABLED, reason="Disabled by hand."),
        manual_user("gil", None, exempt=True, by_hand=frozenset({"name"})),
    ]
    steps = [Step(Action.CREATE, None, replace(item, group_id=group), "line 2") for item in new]
    clash = Step(
        Action.CONFLICT, None, replace(manual_user("hal", None), group_id=group), "line 9", "x", (address("old"),)
    )
    steps += [
        Step(Action.UPDATE, old, replace(old, aliases=(address("other"),))),
        Step(Action.DELETE, gone, None),
        clash,
        Step(Action.CONFLICT, None, None, "line 8", "Taken.", (address("old"),), old.id),
    ]
    return Plan(steps=tuple(steps), read=len(steps), usable=len(steps))


def waiting(domain: Domain, steps: Sequence[Step] | Plan) -> Run:
    made = steps if isinstance(steps, Plan) else Plan(steps=tuple(steps))
    run = factories.run(domain, RunKind.UNDO)
    assert runs.claim(run.id)
    assert runs.wait(run.id, made, ["a reason"])
    return run


def state() -> dict[str, list[tuple[Any, ...]]]:
    queries = {"users": ROWS, "addresses": NAMES, "counts": COUNTED, "listed": LISTED}
    return {name: [tuple(row) for row in db.session.execute(text(query))] for name, query in queries.items()}


def test_it_comes_to_the_same_as_a_plan_that_is_applied_at_once(domain: Domain) -> None:
    made = plan(domain)
    run = waiting(domain, made)
    apply_kept(run)
    kept = state()
    users = {item.address: item for item in roster.of_domain(domain.id)}
    assert kept["counts"] == kept["listed"]
    for change in records.changes(run.id):
        if change.after is not None and change.before is None:
            assert users[address(change.address)].id == change.user_id
    db.session.rollback()
    act(domain, *made.steps)
    assert kept == state()
    assert len(kept["users"]) == 11


def test_an_address_that_was_taken_meanwhile_is_stale(domain: Domain) -> None:
    group = domain.groups[0].id
    run = waiting(domain, [Step(Action.CREATE, None, replace(manual_user("ada", None), group_id=group))])
    factories.users(domain, manual_user("bob", aliases=["ada"]))
    with pytest.raises(StaleError, match="list changed"):
        apply_kept(run)


def test_a_group_that_is_gone_and_a_user_who_changed_are_stale(domain: Domain) -> None:
    run = waiting(domain, [Step(Action.CREATE, None, replace(manual_user("ada", None), group_id=99))])
    with pytest.raises(StaleError, match="group"):
        apply_kept(run)
    db.session.rollback()
    factories.users(domain, manual_user("bob"))
    bob = listed(domain)["bob"]
    run = waiting(domain, [Step(Action.DELETE, bob, None)])
    act(domain, Step(Action.UPDATE, bob, replace(bob, last_name="King")))
    with pytest.raises(StaleError, match="list changed"):
        apply_kept(run)


def test_new_users_have_their_ids_while_the_plan_waits(domain: Domain) -> None:
    group = domain.groups[0].id
    new = [replace(manual_user(name, None), group_id=group) for name in ("ada", "bob")]
    run = waiting(domain, [Step(Action.CREATE, None, item) for item in new])
    ids = [change.user_id for change in records.changes(run.id)]
    assert None not in ids
    assert len(set(ids)) == 2
    apply_kept(run)
    assert {item.id for item in roster.of_domain(domain.id)} == set(ids)
