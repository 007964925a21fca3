"""What a person makes of addresses, worked out before any of it is done."""

from collections.abc import Callable

import pytest

from console.core.draft import Draft
from console.core.errors import RefusedError
from console.core.person import Kind, Origin, Status, User
from console.core.plan import Action
from tests.factories import address, manual_user, user


def found(local: str, user_id: int, **values: object) -> User:
    """A user whom discovery made."""
    return user(local, user_id, origin=Origin.DISCOVERY, source_id=None, source_key=None, **values)


JANE = manual_user("jane", 1, aliases=["j"])
ANN, BOB = found("ann", 2), found("bob", 3)


def done(draft: Draft) -> list[tuple[Action, str]]:
    return [(step.action, step.address.partition("@")[0]) for step in draft.plan().steps]


def test_an_address_that_nobody_has_becomes_a_user_of_discovery() -> None:
    draft = Draft([])
    draft.place(address("new"), Kind.RESOURCE, 7)
    (step,) = draft.plan().steps
    assert step.after == User(address("new"), 7, Origin.DISCOVERY, kind=Kind.RESOURCE)
    assert draft.plan().billable == 0


def test_a_discovered_user_gets_another_kind_and_nothing_else() -> None:
    draft = Draft([ANN])
    draft.place(address("ann"), Kind.SHARED, 7)
    (step,) = draft.plan().steps
    assert step.after is not None
    assert (step.action, step.after.kind, step.after.group_id, draft.plan().billable) == (
        Action.UPDATE,
        Kind.SHARED,
        ANN.group_id,
        -1,
    )


def test_what_is_so_already_is_no_step() -> None:
    draft = Draft([ANN, JANE])
    draft.place(address("ann"), Kind.MAILBOX, 7)
    draft.give(address("jane"), JANE)
    draft.drop(address("nobody"))
    assert draft.plan().steps == ()


def test_several_users_become_aliases_of_one_with_all_their_addresses() -> None:
    carl = found("carl", 4, aliases=["c"])
    draft = Draft([JANE, ANN, carl])
    for local in ("ann", "carl", "new"):
        draft.give(address(local), JANE)
    steps = {step.action: step for step in draft.plan().steps}
    assert done(draft) == [(Action.DELETE, "ann"), (Action.DELETE, "carl"), (Action.UPDATE, "jane")]
    after = steps[Action.UPDATE].after
    assert after is not None
    assert after.aliases == tuple(sorted(map(address, ("ann", "c", "carl", "j", "new"))))
    assert draft.plan().billable == -2


def test_addresses_go_to_one_of_the_users_that_are_selected() -> None:
    draft = Draft([ANN, BOB])
    for local in ("ann", "bob"):
        draft.give(address(local), ANN)
    assert done(draft) == [(Action.DELETE, "bob"), (Action.UPDATE, "ann")]


def test_an_alias_moves_from_one_user_to_another() -> None:
    draft = Draft([JANE, BOB])
    draft.give(address("j"), BOB)
    assert done(draft) == [(Action.UPDATE, "bob"), (Action.UPDATE, "jane")]


def test_what_is_given_to_a_synced_user_stays_through_the_next_sync() -> None:
    synced = user("grace", 5)
    draft = Draft([synced])
    draft.give(address("new"), synced)
    (step,) = draft.plan().steps
    assert step.after is not None
    assert step.after.by_hand == {address("new")}


def test_an_alias_is_dropped_and_its_user_stays() -> None:
    draft = Draft([JANE])
    draft.drop(address("j"))
    assert done(draft) == [(Action.UPDATE, "jane")]


def test_the_same_recipient_in_another_spelling_is_the_same() -> None:
    jane = manual_user("jane", 1, aliases=["weiß"])
    draft = Draft([jane])
    draft.drop(address("weiss"))
    (step,) = draft.plan().steps
    assert step.after is not None
    assert step.after.aliases == ()


def test_a_user_of_another_origin_is_not_discoverys_to_touch() -> None:
    acts: list[Callable[[Draft], None]] = [
        lambda draft: draft.place(address("jane"), Kind.LIST, 7),
        lambda draft: draft.drop(address("jane")),
        lambda draft: draft.give(address("jane"), BOB),
    ]
    for act in acts:
        draft = Draft([JANE, BOB])
        with pytest.raises(RefusedError, match="was not added by Address Discovery"):
            act(draft)


def test_an_alias_that_a_directory_gives_is_refused() -> None:
    grace = user("grace", 5, aliases=["g"])
    draft = Draft([grace, BOB])
    with pytest.raises(RefusedError, match="in its directory"):
        draft.drop(address("g"))
    with pytest.raises(RefusedError, match="in its directory"):
        draft.give(address("g"), BOB)
    with pytest.raises(RefusedError, match="is an alias of grace"):
        draft.place(address("g"), Kind.SHARED, 7)


def test_a_disabled_user_gets_no_alias() -> None:
    draft = Draft([ANN])
    with pytest.raises(RefusedError, match="is disabled"):
        draft.give(address("new"), found("bob", 3, status=Status.DISABLED))
