"""What a list was on earlier days, from what it is and what has changed."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from console.core.days import ONE_DAY, Counted, Make, back

FIRST = dt.date(2026, 3, 1)
BOX = Make("source", "mailbox", "active")
OFF = Make("source", "mailbox", "disabled")
ROOM = Make("manual", "resource", "active")


def test_days_are_counted_back_from_now() -> None:
    counted = [
        Counted(None, BOX, 5, 9),
        Counted(None, OFF, 1, 1),
        Counted(FIRST + 3 * ONE_DAY, BOX, 2, 2),
        Counted(FIRST + ONE_DAY, BOX, -1, -1),
        Counted(FIRST + ONE_DAY, OFF, 1, 1),
    ]
    days = list(back(counted, FIRST, FIRST + 2 * ONE_DAY))
    assert [day.day for day in days] == [FIRST + number * ONE_DAY for number in (2, 1, 0)]
    assert [(day.origins, day.billable, day.accepted) for day in days] == [
        ({"source": 4}, 3, 7),
        ({"source": 4}, 3, 7),
        ({"source": 4}, 4, 8),
    ]


def test_only_mailboxes_that_are_accepted_are_billable() -> None:
    [day] = back([Counted(None, BOX, 3, 3), Counted(None, OFF, 4, 4), Counted(None, ROOM, 5, 6)], FIRST, FIRST)
    assert (day.origins, day.kinds) == ({"source": 7, "manual": 5}, {"mailbox": 7, "resource": 5})
    assert (day.billable, day.accepted) == (3, 9)


@given(st.lists(st.tuples(st.integers(0, 6), st.sampled_from([BOX, OFF, ROOM]), st.integers(1, 9)), max_size=20))
def test_each_day_has_what_was_added_until_its_end(added: list[tuple[int, Make, int]]) -> None:
    now = [Counted(None, make, users, users) for _, make, users in added]
    changes = [Counted(FIRST + number * ONE_DAY, make, users, users) for number, make, users in added]
    for day in back([*now, *changes], FIRST, FIRST + 4 * ONE_DAY):
        until = [(make, users) for number, make, users in added if FIRST + number * ONE_DAY <= day.day]
        assert sum(day.kinds.values()) == sum(users for _, users in until)
        assert day.accepted == sum(users for make, users in until if make != OFF)
