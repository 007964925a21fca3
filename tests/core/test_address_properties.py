import re
import unicodedata
from collections.abc import Callable

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from console.core.address import (
    Address,
    asked,
    display,
    display_domain,
    key,
    parse,
    parse_domain,
    split,
    with_domain,
    without_tag,
)
from console.core.errors import AddressError

# The first international name loads idna's tables, which may take longer than one example is allowed.
patient = settings(deadline=None)

PIECES = [
    *'aZ9.@+-_ "\\<>[]ßéΣŉİ｡。\uff20\0\t\u0301\u0345\u037e\u200b\u200d\ud800\U0001f600',
    "a@x.example",
    "xn--",
    "bücher",
    ".example",
    '"john doe"',
    "a" * 60,
    "é" * 30,
]
almost_addresses = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
any_text = st.text() | almost_addresses | almost_addresses.map(lambda text: text + "@x.example")

atoms = st.from_regex(r"[A-Za-z0-9!#$%&'*/=?^_`{|}~-]{1,8}", fullmatch=True)
dot_atoms = st.lists(atoms, min_size=1, max_size=3).map(".".join)
ascii_domains = st.from_regex(r"([a-z0-9]{1,5}(-[a-z0-9]{1,5})?\.){1,3}[a-z]{2,5}", fullmatch=True)
international_domains = st.lists(
    st.sampled_from(["bücher", "straße", "пример", "例え", "λόγος", "می\u200cروم", "xn--bcher-kva", "ab--cd", "x"]),
    min_size=1,
    max_size=3,
).map(lambda labels: ".".join([*labels, "example"]))
domains = ascii_domains | international_domains
# What may stand between quotation marks: everything that can be seen, and the space.
contents = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="\uff20\ufe6b\ufffd") | st.just(" "),
    min_size=1,
    max_size=10,
)


def quoted(content: str) -> str:
    return '"' + content.replace("\\", "\\\\").replace('"', '\\"') + '"'


def outcome(read: Callable[[str], Address], text: str) -> Address | AddressError:
    try:
        return read(text)
    except AddressError as error:
        return error


@patient
@given(any_text)
@example("<\u0338" + '"@x.example')
def test_any_text_gives_an_address_or_a_sentence(text: str) -> None:
    for read in (parse, asked):
        address = outcome(read, text)
        if isinstance(address, AddressError):
            assert address.sentence.isprintable()
            assert address.sentence.endswith(".")
            assert len(address.sentence) < 300
            continue
        local, domain = split(address)
        assert max(len(local.encode()), len(key(address).encode()) - len(domain) - 1) <= 64
        assert len(address.encode()) <= 254
        assert re.fullmatch(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", domain)
        assert unicodedata.is_normalized("NFC", address)
        assert not any(unicodedata.category(character) == "Cc" for character in address)
        assert parse(address) == asked(address) == parse(display(address)) == address
        assert key(parse(key(address))) == key(address)


@patient
@given(st.text("aZ9.-@+_é", max_size=90) | st.tuples(dot_atoms, ascii_domains).map("@".join))
def test_the_short_way_for_plain_addresses_agrees_with_the_long_one(text: str) -> None:
    short, long = outcome(parse, text), outcome(parse, f"<{text}>")
    assert type(short) is type(long)
    assert isinstance(short, AddressError) or short == long


@patient
@given(dot_atoms, domains, st.data())
def test_ascii_case_does_not_matter(local: str, domain: str, data: st.DataObject) -> None:
    text = f"{local}@{domain}"
    shouted = "".join(c.upper() if c.isascii() and data.draw(st.booleans()) else c for c in text)
    assert parse(shouted) == parse(text)
    assert key(parse(shouted)) == key(parse(text))


@patient
@given(contents, ascii_domains)
def test_quotes_stay_only_where_they_are_needed_and_come_off_again(content: str, domain: str) -> None:
    assume(not content.startswith('"'))
    address = parse(f"{quoted(content)}@{domain}")
    local, _ = split(address)
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFC", content).lower())
    assert local in (plain, quoted(plain))
    assert (local == plain) == (outcome(parse, f"{plain}@{domain}") == address)
    assert asked(f"{plain}@{domain}") == address


@patient
@given(st.text("aßéΣςäЖŉﬁ\u017f\u03c3\u0130\u212a", min_size=1, max_size=12), ascii_domains)
def test_a_case_folded_question_finds_the_recipient(local: str, domain: str) -> None:
    text = unicodedata.normalize("NFC", f"{local}@{domain}")
    assert key(asked(text.casefold())) == key(parse(text))


@patient
@given(dot_atoms, st.lists(atoms, max_size=3), domains)
def test_an_untagged_address_has_no_tag_and_the_same_domain(user: str, tags: list[str], domain: str) -> None:
    address = parse("+".join([user, *tags]) + "@" + domain)
    untagged = without_tag(address)
    if not tags:
        assert untagged is None
    else:
        assert untagged == parse(f"{user}@{domain}")
        assert without_tag(untagged) is None


@patient
@given(contents, domains, domains)
def test_an_address_moves_to_another_domain_and_back(content: str, home: str, away: str) -> None:
    address = parse(f"{quoted(content)}@{home}")
    moved = with_domain(address, away)
    assert split(moved) == (split(address)[0], parse_domain(away))
    assert with_domain(moved, split(address)[1]) == address


@patient
@given(domains | st.from_regex(r"xn--[a-z0-9]{1,20}\.example", fullmatch=True))
def test_a_domain_as_shown_is_read_as_the_same_domain(domain: str) -> None:
    name = parse_domain(domain)
    assert parse_domain(display_domain(name)) == name
    assert parse_domain(name) == name
