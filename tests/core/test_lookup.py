"""What somebody looks for, and how close a user comes to it."""

import pytest

from console.core.address import Address
from console.core.lookup import Closeness, closeness, explaining, read

ADA = Address("ada@brightfield.example")
ALIASES = (Address("a.l@brightfield.example"), Address("countess@brightfield.example"))


@pytest.mark.parametrize(
    ("typed", "words", "address"),
    [
        ("", (), None),
        (" \t\x00 ", (), None),
        (" ADA  Byron ", ("ada", "byron"), None),
        ("Ada@Brightfield.example", ("ada@brightfield.example",), "ada@brightfield.example"),
        ("ada@", ("ada@",), None),
        ("@@", ("@@",), None),
        ("x" * 300, ("x" * 200,), None),
    ],
)
def test_a_text_is_words_and_perhaps_an_address(typed: str, words: tuple[str, ...], address: str | None) -> None:
    wanted = read(typed)
    assert (wanted.words, wanted.address) == (words, address)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada@brightfield.example", Closeness.IS),
        ("COUNTESS@brightfield.example", Closeness.IS),
        ("ad", Closeness.ADDRESS_BEGINS),
        ("count", Closeness.ALIAS_BEGINS),
        ("king", Closeness.NAME_BEGINS),
        ("by ki", Closeness.NAME_BEGINS),
        ("yron", Closeness.HAS),
        ("untess", Closeness.HAS),
    ],
)
def test_how_close_a_user_comes(typed: str, expected: Closeness) -> None:
    assert closeness(read(typed), ADA, ALIASES, "Ada Byron King") is expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada", None),
        ("byron", None),
        ("untess", "countess@brightfield.example"),
        ("ada untess", "countess@brightfield.example"),
        ("countess@lakeside.example", "countess@brightfield.example"),
        ("a.l@", "a.l@brightfield.example"),
        ("nothing", None),
    ],
)
def test_an_alias_explains_what_neither_address_nor_name_do(typed: str, expected: str | None) -> None:
    assert explaining(read(typed), ADA, ALIASES, "Ada Byron King") == expected
