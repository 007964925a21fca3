"""Which passwords are good enough."""

import time

import pytest

from console import passwords
from console.core.errors import RefusedError
from console.passwords import COMMON, HIGHEST, MAXIMUM_LENGTH, OWN, TOO_LONG, TOO_SHORT

EMAIL = "alice.lovelace@brightfield.example"


def refusal(password: str) -> str:
    with pytest.raises(RefusedError) as error:
        passwords.check(password, EMAIL)
    return error.value.sentence


@pytest.mark.parametrize(
    "password",
    [
        "four words of a sentence",
        "correct staple of a horse",
        "kVx8-2mQpLw7",
        "großer Hund beißt",
        "昨日の雨は冷たかったけれど",
        "🐴🔋📎🪜🍊🎻🧭🪁🧊🦔🥨🛶",
    ],
)
def test_what_is_long_and_not_common_is_good_whatever_it_is_made_of(password: str) -> None:
    passwords.check(password, EMAIL)


@pytest.mark.parametrize("password", ["", "short", "kVx8-2mQpLw", "ｆｏｕｒ ｗｏｒ", "four      words"])
def test_eleven_characters_are_too_few(password: str) -> None:
    assert refusal(password) == TOO_SHORT


def test_a_long_one_is_good_up_to_what_costs_too_much() -> None:
    words = "each of these words is one more reason to be sure of it, so the whole of it is long enough for anybody. "
    passwords.check((words * 2)[:MAXIMUM_LENGTH], EMAIL)
    assert refusal((words * 2)[: MAXIMUM_LENGTH + 1]) == TOO_LONG


@pytest.mark.parametrize("password", ["", "password1234", "alice.lovelace1!", "x" * 129])
def test_the_meter_says_of_what_is_refused_that_it_is_too_weak_and_why(password: str) -> None:
    found = passwords.strength(password, EMAIL)
    assert (found.level, found.word, found.refusal) == (1, "Too weak", refusal(password))


def test_the_meter_rises_with_what_a_guesser_would_need() -> None:
    words = ("kitchen-window", "kVx8-2mQpLw7", "four words of a sentence")
    found = [passwords.strength(password, EMAIL) for password in words]
    assert [(item.level, item.word) for item in found] == [(2, "Fair"), (3, "Good"), (HIGHEST, "Strong")]
    assert {item.refusal for item in found} == {""}


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd1234",
        "123456789012",
        "passwordpassword",
        "qwertyuiopas",
        "aaaaaaaaaaaa",
        "Welcome12345",
        "iloveyou1234",
    ],
)
def test_what_is_tried_first_is_refused_however_it_is_decorated(password: str) -> None:
    assert refusal(password) == COMMON


@pytest.mark.parametrize(
    "password",
    [
        EMAIL,
        EMAIL.upper(),
        "alice.lovelace1!",
        "lovelace-alice-1",
        "brightfield.example",
        "Rollcall-2026!",
        "rollcallrollcall",
    ],
)
def test_the_account_s_own_address_and_the_product_s_name_are_refused(password: str) -> None:
    assert refusal(password) in (OWN, COMMON)


def test_words_around_the_account_are_good_as_a_part_of_more() -> None:
    passwords.check("alice never eats brightfield oranges", EMAIL)


def test_no_password_takes_long_to_look_at() -> None:
    """Letters that may each stand for several others are what an estimate takes longest for."""
    passwords.check("four words of a sentence", EMAIL)
    began = time.process_time()
    passwords.check("4@({[<36910!|1057$+%2" * 5, EMAIL)
    assert time.process_time() - began < 1.0
