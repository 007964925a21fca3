"""What holds for every snapshot and every list."""

import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.address import Address, key
from console.core.person import Snapshot, Status, User
from console.core.plan import Action, Plan, user_from_json, user_to_json
from console.core.reconcile import reconcile
from console.core.user_json import encoded
from tests.core.undone import in_parts, inverse
from tests.core.worlds import World, accepted, applied, in_domain, legal, lists, numbered, users, worlds

MANY = settings(max_examples=150, deadline=None)


@MANY
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_entries_and_of_users_does_not_matter(world: World, chance: random.Random) -> None:
    people = chance.sample(world.snapshot.people, len(world.snapshot.people))
    listed = chance.sample(world.users, len(world.users))
    shuffled = Snapshot(tuple(people), world.snapshot.rejects, world.snapshot.complete)
    assert reconcile(shuffled, listed, world.rules) == reconcile(world.snapshot, world.users, world.rules)


@MANY
@given(worlds())
def test_every_plan_can_be_applied_and_leaves_no_address_with_two_users(world: World) -> None:
    plan = reconcile(world.snapshot, world.users, world.rules)
    assert legal(applied(plan, world.users))


@MANY
@given(worlds())
def test_applying_twice_changes_nothing(world: World) -> None:
    once = applied(reconcile(world.snapshot, world.users, world.rules), world.users)
    assert reconcile(world.snapshot, once, world.rules).writes == ()


@MANY
@given(worlds(complete=False))
def test_an_incomplete_snapshot_removes_nobody(world: World) -> None:
    plan = reconcile(world.snapshot, world.users, world.rules)
    assert not {step.action for step in plan.steps} & {Action.MISSING, Action.DISABLE, Action.DELETE}
    before, after = accepted(world.users), accepted(applied(plan, world.users))
    assert {user.id for user in before.values()} <= {user.id for user in after.values()}


@MANY
@given(worlds())
def test_every_entry_is_counted_once(world: World) -> None:
    counts = reconcile(world.snapshot, world.users, world.rules).counts
    parts = ("created", "updated", "restored", "unchanged", "skipped", "conflicts")
    assert counts["read"] == len(world.snapshot.people) + len(world.snapshot.rejects)
    assert counts["read"] == sum(counts[part] for part in parts)


@MANY
@given(worlds())
def test_a_source_changes_only_users_that_it_owns_and_that_are_not_exempt(world: World) -> None:
    plan = reconcile(world.snapshot, world.users, world.rules)
    for step in plan.writes:
        assert step.before is None or (world.rules.owns(step.before) and not step.before.exempt)
        assert step.after is not None
        assert world.rules.owns(step.after)


@MANY
@given(worlds(complete=True))
def test_mail_to_every_address_in_a_complete_snapshot_has_somebody_to_go_to(world: World) -> None:
    managed = tuple(replace(user, exempt=False) for user in world.users)
    after = applied(reconcile(world.snapshot, managed, world.rules), managed)
    holders = {key(held): user for user in after for held in user.addresses}
    for name in claimed(world.snapshot):
        holder = holders[name]
        others_say = "status" in holder.by_hand or not world.rules.owns(holder)
        assert holder.status is not Status.DISABLED or others_say


@MANY
@given(worlds())
def test_what_a_person_set_survives(world: World) -> None:
    before = {user.id: user for user in world.users}
    for user in applied(reconcile(world.snapshot, world.users, world.rules), world.users):
        old = before.get(user.id)
        if old is None:
            continue
        assert user.by_hand == old.by_hand
        assert user.group_id == old.group_id
        assert {key(Address(held)) for held in old.by_hand if "@" in held} <= set(map(key, user.addresses))
        for field in old.by_hand & {"kind", "status"}:
            assert getattr(user, field) == getattr(old, field)
        if "name" in old.by_hand:
            assert (user.first_name, user.last_name) == (old.first_name, old.last_name)


@MANY
@given(worlds())
def test_undo_after_apply_is_the_identity(world: World) -> None:
    plan = numbered(reconcile(world.snapshot, world.users, world.rules), world.users)
    after = applied(plan, world.users)
    undo = inverse(plan.steps, by_id(after))
    assert undo.skips == ()
    assert by_id(applied(undo, after)) == by_id(world.users)


@MANY
@given(worlds(), lists(), st.integers(1, 3))
def test_undo_in_parts_is_the_undo_and_no_address_has_two_users_in_between(
    world: World, later: tuple[User, ...], size: int
) -> None:
    plan = numbered(reconcile(world.snapshot, world.users, world.rules), world.users)
    now = gone_on(applied(plan, world.users), later)
    undo, then = inverse(plan.steps, by_id(now)), tuple(now)
    heard = in_parts(plan.steps, by_id(now), size)
    assert heard.skips == undo.skips
    for part in heard.parts:
        then = applied(Plan(steps=part), then)
    assert by_id(then) == by_id(applied(undo, now))


@MANY
@given(worlds(), lists())
def test_undo_leaves_alone_what_went_on_since(world: World, later: tuple[User, ...]) -> None:
    plan = numbered(reconcile(world.snapshot, world.users, world.rules), world.users)
    now = gone_on(applied(plan, world.users), later)
    undo = inverse(plan.steps, by_id(now))
    assert len(undo.steps) + len(undo.skips) == len(plan.writes)
    undone = by_id(applied(undo, now))
    assert all(undone[user.id] == user for user in now if user.id is not None and user.id >= 100)


@MANY
@given(users(7))
def test_a_user_survives_being_written_as_json(user: User) -> None:
    written = json.loads(encoded(user) or "")
    marked = written.pop("beyond_ascii", False)
    assert written == user_to_json(user)
    touched = written.keys() & {"status", "reason", "missing_since", "by_hand", "exempt"}
    assert marked or touched or json.dumps(written, ensure_ascii=False).isascii()
    again = user_from_json(user_to_json(user), 7)
    assert again == user
    assert again is not None
    assert again.id == 7


def gone_on(listed: Iterable[User], later: Iterable[User]) -> list[User]:
    """A list with as many of the later users as can come to it."""
    now = list(listed)
    for number, user in enumerate(later, start=100):
        newcomer = replace(user, id=number)
        now += [newcomer] if legal([*now, newcomer]) else []
    return now


def claimed(snapshot: Snapshot) -> set[str]:
    """The keys of all addresses of the domain that entries claim; entries that the source listed twice aside."""
    times = Counter(person.key for person in snapshot.people if person.key)
    return {
        name
        for person in snapshot.people
        if not person.left_out and (person.key is None or times[person.key] < 2)
        for name in map(in_domain, (person.primary, *person.aliases))
        if name
    }


def by_id(listed: Iterable[User]) -> dict[int, User]:
    return {user.id: user for user in listed if user.id is not None}
