"""Plans of one step, taking plans back, and users as JSON."""

from dataclasses import replace

import pytest

from console.core.person import Kind, Origin, Status, User
from console.core.plan import Action, Plan, Step, change, user_from_json, user_to_json
from tests.core.undone import inverse
from tests.factories import NOW, address, manual_user, user


@pytest.mark.parametrize(
    ("before", "after", "action"),
    [
        (None, user(), Action.CREATE),
        (user(), None, Action.DELETE),
        (user(), user(last_name="King"), Action.UPDATE),
        (user(), user(status=Status.MISSING), Action.MISSING),
        (user(), user(status=Status.DISABLED), Action.DISABLE),
        (user(status=Status.DISABLED), user(), Action.RESTORE),
    ],
)
def test_a_change_is_named_by_what_it_does(before: User | None, after: User | None, action: Action) -> None:
    (step,) = change(before, after, why="a reason").steps
    assert (step.action, step.before, step.after, step.why) == (action, before, after, "a reason")


def test_a_change_that_changes_nothing_has_no_step() -> None:
    made = change(user(), user())
    assert (made.steps, made.unchanged) == ((), 1)


def test_a_conflict_is_about_its_contested_address_when_it_has_no_user() -> None:
    step = Step(Action.CONFLICT, None, None, contested=(address("ada"),))
    assert (step.address, step.user, step.writes) == (address("ada"), None, False)


def test_a_deleted_user_s_step_is_about_that_user() -> None:
    step = Step(Action.DELETE, user("ada", 4), None)
    assert (step.user, step.address, step.writes) == (user("ada"), address("ada"), True)


def test_a_disabled_mailbox_and_anything_but_a_mailbox_are_not_billed() -> None:
    assert user().billable
    assert user(status=Status.MISSING).billable
    assert not user(status=Status.DISABLED).billable
    assert not user(kind=Kind.SHARED).billable


# Taking back


def taken_back(*steps: Step, now: tuple[User, ...] = ()) -> Plan:
    return inverse(steps, {one.id: one for one in now if one.id is not None})


def test_an_added_user_is_deleted() -> None:
    (step,) = taken_back(Step(Action.CREATE, None, user()), now=(user(),)).steps
    assert (step.action, step.before, step.after) == (Action.DELETE, user(), None)


def test_a_deleted_user_comes_back_with_its_id() -> None:
    (step,) = taken_back(Step(Action.DELETE, user(user_id=4), None)).steps
    assert (step.action, step.before, step.after) == (Action.CREATE, None, user())
    assert step.after is not None
    assert step.after.id == 4


def test_a_changed_user_is_as_it_was() -> None:
    before, after = user(last_name="Byron"), user("king", source_key="key-ada")
    (step,) = taken_back(Step(Action.UPDATE, before, after), now=(after,)).steps
    assert (step.action, step.before, step.after) == (Action.UPDATE, after, before)


def test_a_disabled_user_is_restored() -> None:
    before, after = user(), user(status=Status.DISABLED)
    (step,) = taken_back(Step(Action.DISABLE, before, after), now=(after,)).steps
    assert step.action is Action.RESTORE


def test_a_conflict_that_changed_nothing_has_nothing_to_take_back() -> None:
    assert taken_back(Step(Action.CONFLICT, user(), user(), contested=(address("x"),)), now=(user(),)).read == 0


@pytest.mark.parametrize("now", [(), (user(last_name="Later"),)])
def test_a_user_that_was_changed_again_stays_as_it_is(now: tuple[User, ...]) -> None:
    undo = taken_back(Step(Action.UPDATE, user(), user(last_name="King")), now=now)
    assert undo.steps == ()
    assert [(skip.what, skip.why) for skip in undo.skips] == [
        (address("ada"), "This user was changed again since, so it stays as it is.")
    ]


def test_an_address_that_somebody_else_has_now_is_not_taken_from_them() -> None:
    renamed = user("king", source_key="key-ada")
    undo = taken_back(Step(Action.UPDATE, user("ada"), renamed), now=(renamed, manual_user("ada", 9)))
    assert undo.steps == ()
    assert undo.skips[0].why.startswith("ada@brightfield.example has its address")


def test_what_hangs_on_a_user_that_stays_as_it_is_stays_too() -> None:
    """Bob got Ada's address and Ada a new one; since hers cannot be given back, Bob's cannot be taken."""
    ada, bob = user("ada", 1), user("bob", 2)
    later_ada, later_bob = replace(ada, address=address("king")), replace(bob, address=address("ada"))
    steps = (Step(Action.UPDATE, ada, later_ada), Step(Action.UPDATE, bob, later_bob))
    undo = taken_back(*steps, now=(later_ada, later_bob, manual_user("bob", 9)))
    assert (undo.steps, len(undo.skips)) == ((), 2)


def test_a_place_in_the_directory_that_another_user_has_now_is_not_taken() -> None:
    anew = user("ada", 1, source_key="new")
    undo = taken_back(Step(Action.UPDATE, user("ada"), anew), now=(anew, user("other", 2, source_key="key-ada")))
    assert (undo.steps, len(undo.skips)) == ((), 1)


def test_two_users_that_swapped_addresses_swap_them_back() -> None:
    ada, bob = user("ada", 1), user("bob", 2)
    swapped = replace(ada, address=bob.address), replace(bob, address=ada.address)
    undo = taken_back(Step(Action.UPDATE, ada, swapped[0]), Step(Action.UPDATE, bob, swapped[1]), now=swapped)
    assert [step.after for step in undo.steps] == [ada, bob]


# JSON


def test_a_user_as_json_leaves_out_what_is_ordinary() -> None:
    assert user_to_json(manual_user()) == {"address": address("ada"), "group_id": 1, "origin": "manual"}


def test_everything_about_a_user_survives_json() -> None:
    full = User(
        address=address("ada"),
        group_id=3,
        origin=Origin.SOURCE,
        aliases=(address("a"), address("weiß")),
        first_name="Ada",
        last_name="Byron",
        kind=Kind.RESOURCE,
        source_id=2,
        source_key="guid",
        status=Status.MISSING,
        reason="No longer there.",
        missing_since=NOW,
        by_hand=frozenset({"kind", address("a")}),
        exempt=True,
        id=8,
    )
    again = user_from_json(user_to_json(full), 8)
    assert again == full
    assert again is not None
    assert again.id == 8


def test_no_user_is_no_json() -> None:
    assert user_to_json(None) is None
    assert user_from_json(None, 3) is None
