"""When a client secret ends, and how near that is."""

import datetime as dt

import pytest

from console.core import expiry

TODAY = dt.date(2026, 3, 2)


def ends(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (400, None),
        (31, None),
        (30, 30),
        (15, 30),
        (14, 14),
        (8, 14),
        (7, 7),
        (2, 7),
        (1, 1),
        (0, 1),
        (-1, -1),
        (-9, -1),
    ],
)
def test_each_step_is_reached_on_its_day(days: int, step: int | None) -> None:
    assert expiry.step(ends(days), TODAY) == step


def test_the_steps_come_one_after_the_other() -> None:
    reached = [expiry.step(ends(days), TODAY) for days in range(40, -5, -1)]
    assert [step for step in dict.fromkeys(reached) if step is not None] == [30, 14, 7, 1, -1]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (30, "The client secret of the app expires in 30 days, on 1 April 2026."),
        (1, "The client secret of the app expires tomorrow, on 3 March 2026."),
        (0, "The client secret of the app expires today, on 2 March 2026."),
        (-1, "The client secret of the app expired on 1 March 2026"),
    ],
)
def test_it_is_told_in_words_with_what_to_do(days: int, said: str) -> None:
    told = expiry.told(ends(days), TODAY, "client secret")
    assert told.startswith(said)
    assert "Make a new one in the Microsoft Entra admin center" in told


def test_what_is_far_away_or_not_known_is_not_told() -> None:
    assert expiry.told(ends(31), TODAY, "certificate") == ""
    assert expiry.told(None, TODAY, "certificate") == ""
