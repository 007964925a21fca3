"""What somebody typed to add users, and what would come of it."""

import pytest

from console.core.additions import Judged, Place, Verdict, judge, keys, read
from console.core.address import key
from tests.factories import manual_user, user

DOMAIN = "brightfield.example"
ADA, PAT = "ada@brightfield.example", "pat@brightfield.example"
HELD = [manual_user("office", 1, aliases=["desk"]), user("grace", 2)]
PLACE = Place(
    DOMAIN,
    frozenset({"b-group.example"}),
    holders={key(address): one for one in HELD for address in one.addresses},
    others={"lakeside.example": "lakeside.example"},
)


def judged(text: str, place: Place = PLACE) -> list[Judged]:
    return judge(read(text, DOMAIN), place)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada", (ADA, "", "")),
        ("  Ada@Brightfield.example ", (ADA, "", "")),
        ("<ada@brightfield.example>", (ADA, "", "")),
        ("ada, Ada Lovelace", (ADA, "Ada", "Lovelace")),
        ("ada; Ada King Lovelace", (ADA, "Ada King", "Lovelace")),
        ("ada\tAda\tLovelace", (ADA, "Ada", "Lovelace")),
        ("ada, Ada", (ADA, "Ada", "")),
        ("ada,,", (ADA, "", "")),
        ('"Ada Lovelace" <ada@brightfield.example>', (ADA, "Ada", "Lovelace")),
        ("Ada Lovelace <ada>;", (ADA, "Ada", "Lovelace")),
        ('"Lovelace, Ada" <ada@brightfield.example>', (ADA, "Ada", "Lovelace")),
    ],
)
def test_a_line_is_an_address_and_perhaps_a_name(typed: str, expected: tuple[str, str, str]) -> None:
    (line,) = read(typed, DOMAIN)
    assert (line.address, line.first_name, line.last_name, line.fault) == (*expected, "")


def test_lines_keep_their_numbers_and_empty_ones_are_none() -> None:
    lines = read("\n ada\r\n\r\npat\x00\n", DOMAIN)
    assert [(line.number, line.address) for line in lines] == [(2, ADA), (4, PAT)]


def test_a_line_of_addresses_alone_is_several() -> None:
    found = read("ada@brightfield.example; Pat P <pat@brightfield.example>, x@@y", DOMAIN)
    assert [(line.number, line.address, line.first_name) for line in found] == [
        (1, ADA, ""),
        (1, PAT, "Pat"),
        (1, None, ""),
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ada lovelace", "has a space before the @"),
        ("ada, a, b, c", "more here than an address, a first and a last name"),
        (f"ada, {'x' * 201}", "A name has at most 200 characters."),
        ("@brightfield.example", "has nothing before the @"),
    ],
)
def test_what_is_no_address_is_told_why(typed: str, said: str) -> None:
    (item,) = judged(typed)
    assert (item.verdict, said in item.why) == (Verdict.INVALID, True)


@pytest.mark.parametrize(
    ("typed", "verdict", "said"),
    [
        ("ada", Verdict.ADD, ""),
        ("ada@b-group.example", Verdict.ADD, ""),
        ("OFFICE", Verdict.EXISTS, "office@brightfield.example is on the list already."),
        ("office@b-group.example", Verdict.EXISTS, "office@brightfield.example is on the list already."),
        ("desk", Verdict.ALIAS, "desk@brightfield.example is on the list already, as an alias of office@"),
        ("ada@lakeside.example", Verdict.ELSEWHERE, "is not an address of brightfield.example. It is one of lakeside"),
        ("ada@hidden.example", Verdict.ELSEWHERE, "ada@hidden.example is not an address of brightfield.example."),
        ("office+news", Verdict.ADD, "goes to office@brightfield.example already"),
        ("desk+news", Verdict.ADD, "goes to office@brightfield.example already"),
    ],
)
def test_each_line_is_told_what_would_come_of_it(typed: str, verdict: Verdict, said: str) -> None:
    (item,) = judged(typed)
    assert (item.verdict, said in item.why) == (verdict, True), item
    assert (item.why == "") == (said == "")


def test_what_stands_twice_is_added_once() -> None:
    found = judged("ada\npat\nADA@b-group.example")
    assert [item.verdict for item in found] == [Verdict.ADD, Verdict.ADD, Verdict.TWICE]
    assert found[2].why == "ada@brightfield.example stands in line 1 already."


def test_without_plus_tags_a_tag_is_part_of_an_address() -> None:
    place = Place(DOMAIN, plus_tags=False, holders=PLACE.holders)
    assert judged("office+news", place)[0].holder is None
    assert keys(read("office+news", DOMAIN), place) == {"office+news@brightfield.example"}
    assert keys(read("office+news", DOMAIN), PLACE) == {"office+news@brightfield.example", "office@brightfield.example"}
