"""What a mail server is told of an address that nobody has, and when the domain's own server is asked about it."""

import datetime as dt

import pytest

from console.core.address import parse
from console.core.discovery import (
    ATTEMPTS,
    FIRST_RETRY,
    LONGEST_RETRY,
    NO_HOLDS,
    Sighted,
    SightingState,
    is_asked_now,
    next_try,
    to_ask,
    told,
)
from console.core.recipient import Verdict
from tests.factories import DOMAIN, NOW, address

SECOND = dt.timedelta(seconds=1)


def sighted(state: SightingState, *, due: dt.timedelta | None = None, ago: dt.timedelta | None = None) -> Sighted:
    """One that is due after a time, and was answered some time ago."""
    due_at = NOW + due if due is not None else None
    return Sighted(1, address("ann"), state, due_at, NOW - ago if ago is not None else None)


@pytest.mark.parametrize(
    ("state", "ago", "verdict"),
    [
        (SightingState.WAITING, None, Verdict.DEFER),
        (SightingState.UNKNOWN, None, Verdict.DEFER),
        (SightingState.UNKNOWN, SECOND, Verdict.DEFER),
        (SightingState.ADDED, SECOND, Verdict.ACCEPT),
        (SightingState.REVIEW, SECOND, Verdict.ACCEPT),
        (SightingState.REFUSED, NO_HOLDS - SECOND, Verdict.REJECT),
        (SightingState.REFUSED, NO_HOLDS, Verdict.DEFER),
        (SightingState.REFUSED, None, Verdict.DEFER),
        (SightingState.NOT_OURS, 100 * NO_HOLDS, Verdict.REJECT),
    ],
)
def test_only_a_fresh_no_and_a_persons_word_reject(
    state: SightingState, ago: dt.timedelta | None, verdict: Verdict
) -> None:
    assert told(sighted(state, ago=ago), NOW) is verdict


@pytest.mark.parametrize("state", [SightingState.WAITING, SightingState.UNKNOWN])
def test_only_what_is_due_is_worth_waiting_for(state: SightingState) -> None:
    assert is_asked_now(sighted(state, due=dt.timedelta(0)), NOW)
    assert not is_asked_now(sighted(state, due=SECOND), NOW)
    assert not is_asked_now(sighted(state), NOW)


@pytest.mark.parametrize("state", [SightingState.ADDED, SightingState.REVIEW, SightingState.NOT_OURS])
def test_what_is_known_is_not_waited_for(state: SightingState) -> None:
    assert not is_asked_now(sighted(state, due=-SECOND, ago=SECOND), NOW)


def test_without_an_answer_it_is_asked_less_and_less_often_and_then_let_be() -> None:
    waits = [next_try(attempts, NOW) for attempts in range(1, ATTEMPTS)]
    times = [at - NOW for at in waits if at is not None]
    assert times[:4] == [FIRST_RETRY, 2 * FIRST_RETRY, 4 * FIRST_RETRY, 8 * FIRST_RETRY]
    assert times == sorted(times)
    assert (len(times), times[-1]) == (ATTEMPTS - 1, LONGEST_RETRY)
    assert next_try(0, NOW) == NOW + FIRST_RETRY
    assert next_try(ATTEMPTS, NOW) is None
    assert next_try(10**6, NOW) is None


def test_without_its_tag_an_address_is_asked_for_first_and_always_in_the_domains_own_name() -> None:
    tagged = parse("Ann+News@brightfield.test")
    assert to_ask(tagged, DOMAIN, plus_tags=True) == (address("ann"), address("ann+news"))
    assert to_ask(tagged, DOMAIN, plus_tags=False) == (address("ann+news"),)
    assert to_ask(address("ann"), DOMAIN, plus_tags=True) == (address("ann"),)


def test_for_an_address_that_nobody_can_have_nothing_is_asked() -> None:
    """It fits into the short name of an alias domain alone."""
    long = ".".join(["a" * 60] * 4)
    assert to_ask(parse(f"{'l' * 64}@b.example"), f"{long}.example", plus_tags=True) == ()
