"""When a plan may be applied by itself, and when it waits for a person."""

import pytest

from console.core.guard import Limits, guard, guard_file
from console.core.person import Status
from console.core.plan import Action, Plan, Step
from tests.factories import manual_user, user


def removing(count: int, *, usable: int = 100) -> Plan:
    """A plan after which this many users are missing."""
    gone = [user(f"user{n}", n) for n in range(count)]
    steps = tuple(Step(Action.MISSING, one, user(f"user{n}", n, status=Status.MISSING)) for n, one in enumerate(gone))
    return Plan(steps=steps, read=usable, usable=usable)


ADDING = Plan(steps=(Step(Action.CREATE, None, user(user_id=None)),), read=1, usable=1)


def test_an_ordinary_plan_is_applied_at_once() -> None:
    assert guard(ADDING, owned=100) == ()


@pytest.mark.parametrize(
    ("removed", "owned", "waits"),
    [
        (20, 100, False),
        (21, 100, True),
        (2, 10, False),
        (3, 10, True),
        (9, 9, False),
        (0, 0, False),
    ],
)
def test_a_plan_waits_when_it_removes_more_than_a_fifth_of_at_least_ten(removed: int, owned: int, waits: bool) -> None:
    assert bool(guard(removing(removed), owned=owned)) is waits


def test_the_reason_says_how_many_would_go() -> None:
    (reason,) = guard(removing(2500), owned=12000)
    assert reason == (
        "It would remove 2,500 of the 12,000 users of this source, "
        "more than the 20 % that may go without a person's word."
    )


def test_missing_and_disabled_users_count_together() -> None:
    disabling = Step(Action.DISABLE, user("ada", 9, status=Status.MISSING), user("ada", 9, status=Status.DISABLED))
    both = Plan(steps=(*removing(2).steps, disabling), read=10, usable=10)
    assert guard(both, owned=10) != ()


def test_a_disabled_user_that_is_accepted_again_is_no_removal() -> None:
    back = Step(Action.MISSING, user("ada", 9, status=Status.DISABLED), user("ada", 9, status=Status.MISSING))
    assert guard(Plan(steps=(back, *removing(2).steps), read=10, usable=10), owned=10) == ()


@pytest.mark.parametrize(
    ("percent", "owned_from", "waits"), [(50, 10, False), (10, 10, True), (10, 101, False), (0, 10, True)]
)
def test_a_source_has_limits_of_its_own(percent: int, owned_from: int, waits: bool) -> None:
    assert bool(guard(removing(20), owned=100, limits=Limits(percent, owned_from))) is waits


def test_a_source_without_recipients_waits_and_says_so() -> None:
    (reason,) = guard(removing(0, usable=0), owned=5)
    assert "no recipients of this domain" in reason


def test_an_emptied_directory_waits_for_both_reasons() -> None:
    assert len(guard(removing(50, usable=0), owned=50)) == 2


def test_a_first_run_waits_even_when_it_would_change_nothing() -> None:
    (reason,) = guard(Plan(unchanged=1, read=1, usable=1), owned=1, first_run=True)
    assert "first run" in reason


def test_a_source_under_review_waits_when_it_would_change_something() -> None:
    (reason,) = guard(ADDING, owned=1, review_first=True)
    assert "wait for approval" in reason


def test_a_source_under_review_does_not_wait_for_nothing() -> None:
    ada = manual_user()
    settled = Step(Action.CONFLICT, ada, ada, contested=(ada.address,))
    assert guard(Plan(steps=(settled,), read=1, usable=1), owned=1, review_first=True) == ()


def test_a_file_that_would_remove_many_or_has_nobody_is_pointed_out_in_its_own_words() -> None:
    assert guard_file(ADDING, owned=0) == ()
    assert guard_file(removing(20), owned=100) == ()
    (reason,) = guard_file(removing(21), owned=100)
    assert "21 of the 100 users that came from files" in reason
    (reason,) = guard_file(removing(0, usable=0), owned=100)
    assert reason == "The file has no recipients of this domain: check that it is the right one."
