"""What holds for every file and every list."""

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.address import key
from console.core.imports import Mode, Verdict, expired, verify
from console.core.person import Kind, Origin, Person, Reject, Snapshot, Status, User
from console.core.plan import Action
from tests.core.files import verdict
from tests.core.test_properties import by_id
from tests.core.undone import inverse
from tests.core.worlds import accepted, addresses, applied, legal, lists, numbered
from tests.factories import NOW, rules

MANY = settings(max_examples=100, deadline=None)
FIELDS = ("first_name", "last_name", "kind", "aliases", "status")
OURS = (Origin.CSV, Origin.CSV, Origin.MANUAL, Origin.DISCOVERY)

rows = st.lists(
    st.builds(
        Person,
        where=st.just(""),
        primary=addresses,
        aliases=st.lists(addresses, max_size=3).map(tuple),
        first_name=st.sampled_from(("", "Ada", " Ada ")),
        last_name=st.sampled_from(("Byron", "King")),
        kind=st.sampled_from(tuple(Kind)),
        left_out=st.sampled_from(("", "", "", "It is suspended.")),
        group=st.sampled_from(("", "default", "Sales", "New", "new", "Other")),
        silent=st.frozensets(st.sampled_from(FIELDS)),
    ).map(lambda person: replace(person, aliases=()) if "aliases" in person.silent else person),
    max_size=6,
).map(lambda people: [replace(person, where=f"line {n}") for n, person in enumerate(people, start=8)])
modes = st.sampled_from(tuple(Mode))


@st.composite
def mixed(draw: st.DrawFn) -> tuple[User, ...]:
    """A list on which users of directories are few."""
    return tuple(draw(st.sampled_from((user, _ours(draw, user), _ours(draw, user)))) for user in draw(lists()))


def _ours(draw: st.DrawFn, user: User) -> User:
    by_hand = user.by_hand & {"status"}
    return replace(user, origin=draw(st.sampled_from(OURS)), source_id=None, source_key=None, by_hand=by_hand)


def after(made: Verdict, users: tuple[User, ...]) -> tuple[User, ...]:
    """The list after the import, with ids for the groups that it makes."""
    return tuple(
        replace(user, group_id=100 - user.group_id) if user.group_id < 0 else user for user in applied(made.plan, users)
    )


@MANY
@given(rows, mixed(), modes, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_users_does_not_matter(
    people: list[Person], users: tuple[User, ...], mode: Mode, chance: random.Random
) -> None:
    shuffled = verdict(chance.sample(people, len(people)), chance.sample(users, len(users)), mode)
    made = verdict(people, users, mode)
    assert (shuffled.plan.steps, shuffled.plan.counts) == (made.plan.steps, made.plan.counts)
    assert shuffled.new_groups == made.new_groups


@MANY
@given(rows, mixed(), modes)
def test_every_plan_can_be_applied_and_leaves_no_address_with_two_users(
    people: list[Person], users: tuple[User, ...], mode: Mode
) -> None:
    assert legal(after(verdict(people, users, mode), users))


@MANY
@given(rows, mixed(), modes)
def test_importing_twice_changes_nothing(people: list[Person], users: tuple[User, ...], mode: Mode) -> None:
    made = verdict(people, users, mode)
    groups = {"Default": 1, "Sales": 2, **{name: 100 + n for n, name in enumerate(made.new_groups, start=1)}}
    again = verdict(people, after(made, users), mode, groups)
    assert again.plan.writes == ()
    assert set(again.new_groups) <= set(made.new_groups)


@MANY
@given(rows, mixed(), st.sampled_from((Mode.ADD, Mode.UPDATE)))
def test_nobody_is_removed_unless_the_file_says_who_there_is(
    people: list[Person], users: tuple[User, ...], mode: Mode
) -> None:
    made = verdict(people, users, mode)
    assert not {step.action for step in made.plan.steps} & {Action.MISSING, Action.DISABLE, Action.DELETE}
    assert {u.id for u in accepted(users).values()} <= {u.id for u in accepted(after(made, users)).values()}


@MANY
@given(rows, mixed(), modes)
def test_every_row_is_counted_once(people: list[Person], users: tuple[User, ...], mode: Mode) -> None:
    counts = verdict(people, users, mode).plan.counts
    parts = ("created", "updated", "restored", "unchanged", "skipped", "conflicts")
    assert counts["read"] == len(people) == sum(counts[part] for part in parts)


@MANY
@given(rows, mixed(), modes)
def test_only_users_that_no_directory_keeps_change_and_they_stay_whose_they_were(
    people: list[Person], users: tuple[User, ...], mode: Mode
) -> None:
    for step in verdict(people, users, mode).plan.writes:
        assert step.after is not None
        if step.before is None:
            assert step.after.origin is Origin.CSV
        else:
            assert mode is not Mode.ADD
            assert step.before.source_id is None
            assert not step.before.exempt
            assert (step.after.origin, step.after.by_hand) == (step.before.origin, step.before.by_hand)
        if step.action in (Action.MISSING, Action.DISABLE):
            assert step.after.origin is Origin.CSV
            assert mode is Mode.REPLACE


@MANY
@given(rows, mixed(), modes)
def test_what_rows_do_not_speak_of_stays(people: list[Person], users: tuple[User, ...], mode: Mode) -> None:
    spoken = {field for person in people for field in FIELDS if field not in person.silent}
    silent = set(FIELDS) - spoken
    for step in verdict(people, users, mode).plan.writes:
        if step.before is None or step.after is None or step.action in (Action.MISSING, Action.DISABLE):
            continue
        for field in silent - {"aliases"}:
            assert getattr(step.after, field) == getattr(step.before, field)
        if "aliases" in silent:
            assert {key(held) for held in step.before.addresses} == {key(held) for held in step.after.addresses}


@MANY
@given(rows, mixed(), modes)
def test_undo_after_an_import_is_the_identity(people: list[Person], users: tuple[User, ...], mode: Mode) -> None:
    plan = numbered(verdict(people, users, mode).plan, users)
    there = applied(plan, users)
    undo = inverse(plan.steps, by_id(there))
    assert by_id(applied(undo, there)) == by_id(users)


@MANY
@given(mixed())
def test_the_end_of_a_grace_period_touches_only_who_was_missing_from_a_file(users: tuple[User, ...]) -> None:
    for step in expired(users, NOW).steps:
        assert step.before is not None
        assert (step.before.origin, step.before.status) == (Origin.CSV, Status.MISSING)
    assert legal(applied(expired(users, NOW), users))


def test_rejects_of_the_file_are_counted_with_its_rows() -> None:
    told = Snapshot((), (Reject("line 2", "x", "It is no address."),))
    plan = verify(told, [], rules(origin=Origin.CSV, source_id=None), {}, {}).plan
    assert (plan.read, len(plan.skips)) == (1, 1)
