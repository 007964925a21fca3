"""What a change of many users makes of each of them, and what it is said to come to."""

from dataclasses import replace
from itertools import product

import pytest

from console.core import bulk
from console.core.bulk import Act, Already, Bulk
from console.core.person import Kind, Origin, Status, User
from tests.factories import manual_user, user

SHARED = Bulk(Act.KIND, kind=Kind.SHARED)
SALES = Bulk(Act.GROUP, group_id=7)
EVERY = [SHARED, SALES, *(Bulk(act) for act in Act if act not in (Act.KIND, Act.GROUP))]


@pytest.mark.parametrize(
    "text", ["kind:shared", "kind:public_folder", "group:7", "disable", "enable", "sync", "delete"]
)
def test_a_change_is_written_as_it_is_read(text: str) -> None:
    assert str(Bulk.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "kind", "kind:", "kind:robot", "group:", "group:x", "group:-1", f"group:{10**19}", "delete:1", "burn"]
)
def test_what_is_no_change_is_none(text: str) -> None:
    assert Bulk.parse(text) is None


def only(wanted: Bulk, item: User) -> User | None:
    [step] = bulk.plan(wanted, [item])[0].steps
    return step.after


def stays(wanted: Bulk, item: User) -> Already:
    plan, stay = bulk.plan(wanted, [item])
    assert (plan.steps, plan.unchanged, plan.read) == ((), 1, 1)
    [reason] = stay
    return reason


def test_a_kind_and_a_group_set_on_a_synced_user_stay_through_the_next_sync() -> None:
    assert only(SHARED, user()) == user(kind=Kind.SHARED, by_hand=frozenset({"kind"}))
    assert only(SALES, user()) == user(group_id=7, by_hand=frozenset({"group_id"}))


def test_nothing_is_kept_from_a_sync_that_does_not_look_after_the_user() -> None:
    assert only(SHARED, manual_user()) == manual_user(kind=Kind.SHARED)
    assert only(SALES, manual_user()) == manual_user(group_id=7)


def test_a_user_that_is_so_already_stays_as_it_is() -> None:
    assert stays(SHARED, user(kind=Kind.SHARED)) is Already.KIND
    assert stays(SALES, user(group_id=7)) is Already.GROUP
    assert stays(Bulk(Act.DISABLE), user(status=Status.DISABLED)) is Already.DISABLED
    assert stays(Bulk(Act.EXEMPT), user(exempt=True)) is Already.EXEMPT
    assert stays(Bulk(Act.SYNC), user()) is Already.NOT_EXEMPT


def test_a_disabled_user_is_pinned_only_where_a_source_would_bring_it_back() -> None:
    after = user(status=Status.DISABLED, reason="Disabled by hand.", by_hand=frozenset({"status"}))
    assert only(Bulk(Act.DISABLE), user(status=Status.MISSING)) == after
    assert only(Bulk(Act.ENABLE), after) == user()
    assert only(Bulk(Act.DISABLE), manual_user()) == replace(
        manual_user(), status=Status.DISABLED, reason="Disabled by hand."
    )


def test_a_missing_user_is_accepted_so_that_there_is_nothing_to_enable() -> None:
    assert stays(Bulk(Act.ENABLE), user(status=Status.MISSING)) is Already.ACCEPTED


def test_only_a_user_of_a_source_is_exempted_from_it() -> None:
    assert stays(Bulk(Act.EXEMPT), manual_user()) is Already.NO_SOURCE
    assert only(Bulk(Act.EXEMPT), user()) == user(exempt=True)
    assert only(Bulk(Act.SYNC), user(exempt=True)) == user()


def everybody() -> list[User]:
    """A user of every make that the rules tell apart."""
    made: list[User] = []
    for kind, status, group, exempt in product(Kind, Status, (1, 7), (False, True)):
        made.append(user(kind=kind, status=status, group_id=group, exempt=exempt))
        for origin in (Origin.MANUAL, Origin.DISCOVERY):
            mine = manual_user(kind=kind, status=status, group_id=group, exempt=exempt)
            made.append(replace(mine, origin=origin))
    return made


@pytest.mark.parametrize("wanted", EVERY, ids=str)
def test_what_is_told_is_what_is_done(wanted: Bulk) -> None:
    people = everybody()
    told = bulk.outlook(wanted, ((person, number) for number, person in enumerate(people, start=1)))
    plan, stay = bulk.plan(wanted, [person for number, person in enumerate(people, start=1) for _ in range(number)])
    assert (told.changes, told.billable, told.stay) == (len(plan.writes), plan.billable, stay)
    assert told.selected == plan.read == told.changes + sum(told.stay.values())
    befores = [step.before for step in plan.steps if step.before is not None]
    assert told.synced == sum(item.origin is Origin.SOURCE and not item.exempt for item in befores)
    assert told.discovered == sum(item.origin is Origin.DISCOVERY for item in befores)


def test_the_record_has_one_remark_for_each_reason_however_many_stay() -> None:
    _, stay = bulk.plan(Bulk(Act.EXEMPT), [manual_user()] * 1200 + [user(exempt=True)])
    assert [(note.what, note.why) for note in bulk.notes(stay)] == [
        ("1,200 users", "Of no user source."),
        ("1 user", "Already exempt from sync."),
    ]
