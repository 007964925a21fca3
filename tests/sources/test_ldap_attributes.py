"""Which attributes of a directory say what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.errors import SourceError
from jobs.sources.ldap import filters
from jobs.sources.ldap.attributes import AD, GENERIC, OPENLDAP, PRESETS, AttributeMap, chosen
from tests.sources.entries import person

UUID = "00112233-4455-6677-8899-aabbccddeeff"


def test_without_a_choice_it_is_active_directory() -> None:
    assert chosen(None, None) == chosen("ad", {}) == chosen("", "") == AD


@pytest.mark.parametrize(
    ("preset", "asked"),
    [
        ("ad", "(|(mail=*)(proxyAddresses=*))"),
        ("openldap", "(|(mail=*)(mailLocalAddress=*)(mailAlternateAddress=*))"),
        ("generic", "(mail=*)"),
    ],
)
def test_the_search_asks_for_whatever_holds_addresses(preset: str, asked: str) -> None:
    assert filters.narrowed(chosen(preset, None), "") == asked
    assert filters.narrowed(chosen(preset, None), "ou=Sales") == f"(&{asked}(ou=Sales))"


def test_openldap_takes_further_addresses_from_the_established_schemas() -> None:
    told = person(
        OPENLDAP,
        mail=["ann@example.test", "a.lee@example.test"],
        mailLocalAddress="lee@example.test",
        mailAlternateAddress=["ann.lee@example.test", "lee@example.test"],
        proxyAddresses="smtp:not.asked@example.test",
        mgrpRFC822MailMember="member@example.test",
        entryUUID=UUID.upper(),
        givenName="Ann",
        sn="Lee",
    )
    assert told.primary == "ann@example.test"
    assert told.aliases == ("a.lee@example.test", "lee@example.test", "ann.lee@example.test")
    assert (told.key, told.first_name, told.last_name) == (UUID, "Ann", "Lee")


def test_generic_takes_mail_alone_and_any_identity() -> None:
    told = person(GENERIC, mail="ann@example.test", proxyAddresses="smtp:b@example.test", nsUniqueId="6644-AA")
    assert (told.primary, told.aliases, told.key) == ("ann@example.test", (), "6644-aa")


def test_single_fields_can_be_set_otherwise() -> None:
    own = chosen(
        "generic",
        {
            "mail": "rfc822Address",
            "aliases": " mailAlias, x-otherMail ",
            "first_name": "knownAs,givenName",
            "last_name": "familyName",
            "display_name": "nick",
            "key": "employeeId",
        },
    )
    assert filters.recipients(own) == "(|(rfc822Address=*)(mailAlias=*)(x-otherMail=*))"
    told = person(
        own,
        RFC822ADDRESS="ann@example.test",
        mail="not.asked@example.test",
        mailAlias="a@example.test",
        **{"x-otherMail": "b@example.test"},
        givenName="Ann",
        familyName="Lee",
        employeeId="Q7z",
        entryUUID=UUID,
    )
    assert (told.primary, told.aliases) == ("ann@example.test", ("a@example.test", "b@example.test"))
    assert (told.first_name, told.last_name, told.key) == ("Ann", "Lee", "Q7z")
    assert person(own, rfc822Address="ann@example.test", nick="Annie").last_name == "Annie"


def test_an_empty_field_is_the_one_of_the_preset() -> None:
    assert chosen("openldap", {"mail": "", "aliases": " , ", "key": None}) == OPENLDAP


def test_every_attribute_is_asked_for_once_however_it_is_spelled() -> None:
    asked = [name.lower() for name in chosen("ad", {"last_name": "SN CN", "aliases": "MAIL"}).wanted]
    assert len(asked) == len(set(asked))
    assert {"mail", "sn", "cn", "objectguid", "useraccountcontrol", "msexchhidefromaddresslists"} <= set(asked)


@pytest.mark.parametrize(
    ("preset", "overrides", "words"),
    [
        ("domino", None, "must be one of ad, openldap, generic"),
        ("ad", ["mail"], "by field"),
        ("ad", {"phone": "telephoneNumber"}, "There is no field phone"),
        ("ad", {"mail": 5}, "mail address must be a text"),
        ("ad", {"aliases": "mail=*)(cn"}, "attribute for the aliases is not the name of one"),
        ("ad", {"key": "0.9.2342.19200300.100.1.3"}, "attribute for the key is not the name of one"),
        ("ad", {"first_name": "givenName;lang-de"}, "first name is not the name"),
        ("ad", {"last_name": "a" * 101}, "last name is not the name"),
        ("ad", {"aliases": " ".join(f"a{number}" for number in range(11))}, "At most 10"),
    ],
)
def test_a_wrong_choice_is_named(preset: object, overrides: object, words: str) -> None:
    with pytest.raises(SourceError, match=words) as caught:
        chosen(preset, overrides)
    assert caught.value.permanent


@given(st.text(max_size=30))
def test_no_text_gets_into_the_filter_but_plain_names(text: str) -> None:
    try:
        asked = filters.recipients(chosen("ad", {"aliases": text}))
    except SourceError:
        return
    inside = asked.removeprefix("(|").removesuffix(")")
    assert all(part.replace("-", "").isalnum() and part.isascii() for part in inside[1:-3].split("=*)("))


def test_a_key_in_bytes_is_spelled_in_hexadecimal_and_a_long_one_shortened() -> None:
    by = AttributeMap(key=("guid",))
    assert person(by, mail="a@example.test", guid=b"\x00\xff").key == "00ff"
    assert person(by, mail="a@example.test", guid=b"\x01\x02").key == "0102"
    long, other = (person(by, mail="a@example.test", guid="x" * 500 + end).key for end in "ab")
    assert long != other
    assert len(long or "") == 64


def test_every_preset_asks_for_an_identity_and_an_address() -> None:
    for preset in PRESETS.values():
        assert preset.key
        assert preset.mail
