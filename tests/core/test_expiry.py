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


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (14, "The client secret of this console's own app at Microsoft expires in 14 days, on 16 March 2026."),
        (-1, "The client secret of this console's own app at Microsoft expired on 1 March 2026, so connected tenants"),
    ],
)
def test_the_consoles_own_is_told_with_the_variables_to_set(days: int, said: str) -> None:
    told = expiry.told_owner(ends(days), TODAY, certificate=False)
    assert told.startswith(said)
    assert "set MICROSOFT_CLIENT_SECRET and MICROSOFT_SECRET_EXPIRES" in told
    assert "set MICROSOFT_CERTIFICATE" in expiry.told_owner(ends(days), TODAY, certificate=True)


@pytest.mark.parametrize("days", [31, 30, 15, 14, 7, 1, 0, -1, -40])
def test_a_step_is_reached_on_the_day_on_which_it_begins(days: int) -> None:
    reached = expiry.step(ends(days), TODAY)
    if reached is not None:
        begun = expiry.begins(ends(days), reached)
        assert expiry.step(ends(days), begun) == reached
        assert expiry.step(ends(days), begun - dt.timedelta(days=1)) != reached


def test_what_is_far_away_or_not_known_is_not_told() -> None:
    assert expiry.told(ends(31), TODAY, "certificate") == ""
    assert expiry.told(None, TODAY, "certificate") == ""
    assert expiry.told_owner(ends(31), TODAY, certificate=True) == ""
    assert expiry.told_owner(None, TODAY, certificate=True) == ""
