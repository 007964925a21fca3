"""A plan made from what changed: the same list comes of it as of a plan made from everything."""

import datetime as dt
from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from console.core.address import key
from console.core.person import Person, Snapshot, Status, User
from console.core.plan import Action
from console.core.reconcile import Rules, concerned, reconcile
from tests.core.worlds import KEYS, applied, lists, people
from tests.factories import NOW, person, rules, user

GRACE = dt.timedelta(days=3)

directories = st.dictionaries(st.sampled_from(KEYS), people, max_size=4).map(
    lambda found: {name: replace(entry, key=name, where=f"CN={name}") for name, entry in found.items()}
)


def changes(before: dict[str, Person], after: dict[str, Person]) -> Snapshot:
    """What a directory tells of the way from one state to another: every change, and perhaps an entry too many."""
    touched = [entry for name, entry in after.items() if before.get(name) != entry]
    return Snapshot(tuple(touched), changes=True, gone=frozenset(before) - set(after))


def near(users: tuple[User, ...], snapshot: Snapshot, made: Rules) -> list[User]:
    """The users that the store looks up for a snapshot of changes."""
    keys, names = concerned(snapshot, made)
    return [
        held
        for held in users
        if (held.source_id == made.source_id and held.source_key in keys)
        or any(key(address) in names for address in held.addresses)
    ]


@settings(max_examples=300, deadline=None)
@given(lists(), directories, directories)
def test_the_list_becomes_what_a_full_read_would_make_it(
    users: tuple[User, ...], before: dict[str, Person], after: dict[str, Person]
) -> None:
    made = rules(grace=GRACE)
    first = reconcile(Snapshot(tuple(before.values()), complete=True), users, made)
    settled = applied(first, users)
    # What is assumed here is what jobs/watermark.py makes sure of; else it has the source read in full.
    assume(not any(step.action is Action.CONFLICT for step in first.steps))
    assume(not any(held.missing_since and made.now - held.missing_since >= GRACE for held in settled))
    told = changes(before, after)
    partly = reconcile(told, near(settled, told, made), made)
    assume(not any(step.action is Action.CONFLICT for step in partly.steps))
    assume(not (partly.read or partly.writes) or not any(held.exempt for held in settled))
    fully = reconcile(Snapshot(tuple(after.values()), complete=True), settled, made)
    assert timeless(applied(partly, settled)) == timeless(applied(fully, settled))


def timeless(users: tuple[User, ...]) -> set[User]:
    """The users without the numbers that the store gives to new ones, and in no order."""
    return {replace(held, id=None) for held in users}


def test_who_is_not_spoken_of_stays() -> None:
    ada, bob = user("ada", source_key="k1"), user("bob", 2, source_key="k2")
    plan = reconcile(Snapshot((), changes=True), [ada, bob], rules())
    assert plan.writes == ()


def test_an_entry_that_is_gone_makes_its_user_missing() -> None:
    ada, bob = user("ada", source_key="k1"), user("bob", 2, source_key="k2")
    [step] = reconcile(Snapshot((), changes=True, gone=frozenset({"k2", "elsewhere"})), [ada, bob], rules()).steps
    assert (step.action, step.before, step.why) == (Action.MISSING, bob, "No longer in Active Dir. · HQ.")


def test_an_entry_that_is_left_out_now_makes_its_user_missing() -> None:
    ada = user("ada", source_key="k1")
    disabled = replace(person("ada", key="k1"), left_out="disabled in the directory")
    [step] = reconcile(Snapshot((disabled,), changes=True), [ada], rules()).steps
    assert (step.action, step.why) == (Action.MISSING, "disabled in the directory")


def test_an_account_that_was_deleted_and_made_anew_is_the_same_person() -> None:
    ada = user("ada", source_key="k1")
    told = Snapshot((person("ada", key="k9"),), changes=True, gone=frozenset({"k1"}))
    [step] = reconcile(told, [ada], rules()).steps
    assert step.after == replace(ada, source_key="k9")


def test_a_second_account_of_that_address_is_a_conflict_while_the_first_may_still_be_there() -> None:
    ada = user("ada", source_key="k1")
    [step] = reconcile(Snapshot((person("ada", key="k9"),), changes=True), [ada], rules()).steps
    assert step.action is Action.CONFLICT


def test_one_who_comes_back_is_active_again() -> None:
    ada = replace(user("ada", source_key="k1"), status=Status.MISSING, missing_since=NOW, reason="No longer there.")
    [step] = reconcile(Snapshot((person("ada", key="k1"),), changes=True), [ada], rules()).steps
    assert step.action is Action.RESTORE


def test_nobody_goes_while_absence_must_mean_nothing() -> None:
    ada = user("ada", source_key="k1")
    told = Snapshot((), changes=True, gone=frozenset({"k1"}))
    assert reconcile(told, [ada], rules(removes=False)).writes == ()
