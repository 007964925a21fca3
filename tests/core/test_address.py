import pytest

from console.core.address import (
    asked,
    display_domain,
    key,
    parse,
    parse_domain,
    with_domain,
    without_tag,
)
from console.core.errors import AddressError

LONGEST_DOMAIN = ".".join(["d" * 60] * 4)[:-1]  # 242 characters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane.Doe@X.Example", "jane.doe@x.example"),
        (" \t<Jane@x.example> \n", "jane@x.example"),
        ("jane@x.example.", "jane@x.example"),
        ("user+tag@x.example", "user+tag@x.example"),
        ("prvs=1234/a=b!c%d@x.example", "prvs=1234/a=b!c%d@x.example"),
        ('"john"@x.example', "john@x.example"),
        ('"John Doe"@x.example', '"john doe"@x.example'),
        (r'"a\b"@x.example', "ab@x.example"),
        (r'"a\"b\\c"@x.example', r'"a\"b\\c"@x.example'),
        ('"a@b"@x.example', '"a@b"@x.example'),
        ('"a..b"@x.example', '"a..b"@x.example'),
        ("jose\u0301@x.example", "josé@x.example"),
        ("WEIẞ@x.example", "weiß@x.example"),
        ("a@Bücher.example", "a@xn--bcher-kva.example"),
        ("a@BU\u0308CHER.example", "a@xn--bcher-kva.example"),
        ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
        ("a@straße.example", "a@xn--strae-oqa.example"),
        ("a@例え。テスト", "a@xn--r8jz45g.xn--zckzah"),
        ("a@r3--x.bücher.example", "a@r3--x.xn--bcher-kva.example"),
        ("a@xn--i-7iq.ws", "a@xn--i-7iq.ws"),
        ("می\u200cروم@x.example", "می\u200cروم@x.example"),
        ("l" * 64 + "@x.example", "l" * 64 + "@x.example"),
        ("é" * 32 + "@x.example", "é" * 32 + "@x.example"),
        ("l" * 11 + "@" + LONGEST_DOMAIN, "l" * 11 + "@" + LONGEST_DOMAIN),
        ("a@" + "d" * 63 + ".example", "a@" + "d" * 63 + ".example"),
    ],
)
def test_an_address_has_one_spelling(text: str, expected: str) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  ", "The address is empty."),
        ("<>", "The address is empty."),
        ("jane", "“jane” has no @ with a domain name after it."),
        ("jane@@x.example", "“jane@@x.example” has more than one @."),
        ("a@x.example, b@x.example", "“a@x.example, b@x.example” has more than one @."),
        ("@x.example", "“@x.example” has nothing before the @."),
        ('""@x.example', '“""@x.example” has nothing before the @.'),
        ("jane@", "“jane@” has no domain name."),
        ("Jane <jane@x.example>", "is more than an address: give only what stands between < and >."),
        ("john doe@x.example", "has a space before the @, where it is not allowed."),
        ("mailto:jane@x.example", "has “:” before the @, where it is not allowed."),
        ("jane\u037e@x.example", "has “;” before the @, where it is not allowed."),
        (".jane@x.example", "has a misplaced dot: the part before the @"),
        ("jane.@x.example", "has a misplaced dot: the part before the @"),
        ("jane..doe@x.example", "has a misplaced dot: the part before the @"),
        ('"jane@x.example', "has a quotation mark that does not close right before the @."),
        ('"jane"doe@x.example', "has a quotation mark that does not close right before the @."),
        ("ja\0ne@x.example", "“ja�ne@x.example” contains a control character (U+0000)."),
        ('"ja\nne"@x.example', "contains a control character (U+000A)."),
        ("ja\u200bne@x.example", "contains an invisible or unknown character (U+200B)."),
        ("ja\u00a0ne@x.example", "contains an invisible or unknown character (U+00A0)."),
        ("ja\ud800ne@x.example", "contains an invisible or unknown character (U+D800)."),
        ("jane\uff20x.example", "has “\uff20” where an ordinary @ belongs."),
        ("ja\ufffdne@x.example", "the text was read in the wrong encoding."),
        ("l" * 65 + "@x.example", "has more than 64 characters before the @."),
        ("é" * 33 + "@x.example", "letters other than a to z count as two or more."),
        ("ŉ" * 22 + "@x.example", "letters other than a to z count as two or more."),
        ("l" * 12 + "@" + LONGEST_DOMAIN, "is longer than the 254 characters of a mail address."),
        ("l" * 5000 + "@x.example", "llll…” is much too long: the limit is 254 characters."),
        ("jane@[192.0.2.1]", "“jane@[192.0.2.1]” names an IP address in place of a domain name."),
        ("jane@[IPv6:2001:db8::1]", "names an IP address in place of a domain name."),
        ("jane@192.0.2.1", "has a domain name that ends in a number, as IP addresses do."),
        ("jane@localhost", "“jane@localhost” has no full domain name, such as company.example."),
        ("jane@x_y.example", "has an underscore in its domain name"),
        ("jane@x.example/", "has “/” in its domain name"),
        ("jane@-x.example", "“-x” in its domain name begins or ends with one."),
        ("jane@x-.example", "“x-” in its domain name begins or ends with one."),
        ("jane@.x.example", "has a misplaced dot: a domain name"),
        ("jane@x..example", "has a misplaced dot: a domain name"),
        ("jane@x.example..", "has a misplaced dot: a domain name"),
        ("jane@" + "d" * 64 + ".example", "has a part of more than 63 characters in its domain name."),
        ("jane@" + "é" * 64 + ".example", "has a part of more than 63 characters in its domain name."),
        (
            "jane@" + "éü" * 30 + ".example",
            "more than 63 characters in its domain name, as the DNS spells it.",
        ),
        ("j@" + ".".join(["d" * 50] * 5), "has a domain name of more than 253 characters."),
        ("jane@i♥.example", "the rules for international names forbid because of “♥”"),
    ],
)
def test_a_text_that_is_no_address_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(AddressError) as refused:
        parse(text)
    assert sentence in refused.value.sentence


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jane", "jane@xn--bcher-kva.example"),
        ('"a@b"', '"a@b"@xn--bcher-kva.example'),
        ("jane@other.example", "jane@other.example"),
    ],
)
def test_a_local_part_alone_is_completed_with_the_default_domain(text: str, expected: str) -> None:
    assert parse(text, "Bücher.example") == expected


@pytest.mark.parametrize("text", ["jane@", "@", "", "jane doe", "jane@x@"])
def test_the_default_domain_does_not_repair_a_broken_address(text: str) -> None:
    with pytest.raises(AddressError):
        parse(text, "x.example")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<Jane@X.example>", "jane@x.example"),
        ("nobody@x.example.", "nobody@x.example"),
        ("john doe@x.example", '"john doe"@x.example'),
        ('"john doe"@x.example', '"john doe"@x.example'),
        (" john@x.example", '" john"@x.example'),
        ("a@b@x.example", '"a@b"@x.example'),
        ('a"b@x.example', r'"a\"b"@x.example'),
        ("a..b@x.example", '"a..b"@x.example'),
        ("jane@Bücher.example", "jane@xn--bcher-kva.example"),
    ],
)
def test_a_mail_server_may_ask_without_quotes(text: str, expected: str) -> None:
    assert asked(text) == expected


@pytest.mark.parametrize("text", ["", "<>", "postmaster", "@x.example", "a@[192.0.2.1]", "a\0@x.example", "a@x y"])
def test_a_mail_server_that_asks_for_no_address_is_refused(text: str) -> None:
    with pytest.raises(AddressError):
        asked(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [("weiß", "WEISS"), ("ΟΔΟΣ", "οδοσ"), ("josé", "JOSE\u0301"), ("ﬁnn", "finn"), ("Jane", "jANE")],
)
def test_spellings_that_differ_in_case_are_the_same_recipient(one: str, other: str) -> None:
    assert key(parse(f"{one}@x.example")) == key(parse(f"{other}@x.example"))


def test_an_accent_makes_another_recipient() -> None:
    assert key(parse("jose@x.example")) != key(parse("josé@x.example"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("user+tag@x.example", "user@x.example"),
        ("user+one+two@x.example", "user@x.example"),
        ("user+@x.example", "user@x.example"),
        ("user@x.example", None),
        ("+tag@x.example", None),
        ("user.+tag@x.example", None),
        ('"user +tag"@x.example', None),
    ],
)
def test_a_tag_is_what_follows_the_first_plus(text: str, expected: str | None) -> None:
    assert without_tag(parse(text)) == expected


@pytest.mark.parametrize("domain", ["", "localhost", "x_y.example", "[192.0.2.1]", LONGEST_DOMAIN, "a\n.example"])
def test_an_address_does_not_move_to_a_domain_where_it_cannot_be(domain: str) -> None:
    with pytest.raises(AddressError):
        with_domain(parse("twelve.chars@x.example"), domain)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("xn--bcher-kva.example", "bücher.example"),
        ("ab--cd.xn--bcher-kva.example", "ab--cd.bücher.example"),
        ("xn--i-7iq.ws", "xn--i-7iq.ws"),
        ("xn--a.example", "xn--a.example"),
        ("plain.example", "plain.example"),
    ],
)
def test_a_domain_is_shown_as_people_write_it_where_it_can_be(name: str, expected: str) -> None:
    assert display_domain(name) == expected


def test_a_domain_name_is_refused_with_its_own_sentence() -> None:
    with pytest.raises(AddressError, match=r"^The domain name is empty\.$"):
        parse_domain(" ")
    with pytest.raises(AddressError, match=r"^“jane@x\.example” has “@” in its domain name"):
        parse_domain("jane@x.example")
