"""One entry, as the raw values of a directory, becomes a Person or a Reject."""

import uuid
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.address import parse
from console.core.person import Kind, Person, Reject
from jobs.sources.ldap.attributes import AD
from jobs.sources.ldap.entry import person_from_entry
from tests.sources.entries import DN, person, reject

GUID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")


def test_capitals_mark_the_primary_and_other_types_are_no_mail() -> None:
    found = person(
        mail="ann@example.test",
        proxyAddresses=[
            "smtp:a.lee@example.test",
            "SMTP:ann.lee@example.test",
            "sip:ann@example.test",
            "X500:/o=Org/cn=ann",
            "eum:123;phone-context=x",
        ],
    )
    assert found.primary == "ann.lee@example.test"
    assert found.aliases == ("ann@example.test", "a.lee@example.test")
    assert found.notes == ()


def test_mail_that_differs_only_in_case_is_no_alias() -> None:
    found = person(mail="Ann@Example.test", proxyAddresses="SMTP:ann@example.test")
    assert (found.primary, found.aliases) == ("ann@example.test", ())


def test_mail_is_the_primary_where_there_is_no_better_one() -> None:
    found = person(mail=["ann@example.test", "a@example.test"], proxyAddresses="smtp:b@example.test")
    assert (found.primary, found.aliases) == ("ann@example.test", ("a@example.test", "b@example.test"))


def test_an_address_without_a_type_counts_and_a_colon_in_quotes_is_none() -> None:
    found = person(proxyAddresses=["SMTP:ann@example.test", "a@example.test", '"a:b"@example.test'])
    assert found.aliases == ("a@example.test", '"a:b"@example.test')


def test_an_unusable_address_is_a_note_on_a_usable_person() -> None:
    found = person(mail="ann@example.test", proxyAddresses=["SMTP:ann at home", b"smtp:\xff@example.test"])
    assert found.primary == "ann@example.test"
    assert [(note.where, note.what) for note in found.notes] == [(DN, "ann at home"), (DN, "\ufffd@example.test")]
    assert all(note.why for note in found.notes)


def test_an_entry_without_a_usable_address_is_rejected_with_the_value_and_the_reason() -> None:
    found = reject(mail=["ann", "ann@"])
    assert (found.where, found.what) == (DN, "ann, ann@")
    assert "no @" in found.why


def test_an_entry_without_any_mail_address_is_rejected() -> None:
    assert reject(proxyAddresses="sip:ann@example.test").why == "The entry has no mail address."
    assert reject(mail=" ").why == "The entry has no mail address."


@pytest.mark.parametrize(
    ("attributes", "key"),
    [
        ({"objectGUID": GUID.bytes_le, "entryUUID": "else"}, str(GUID)),
        ({"objectGUID": b"short", "entryUUID": "00112233-4455-6677-8899-AABBCCDDEEFF"}, str(GUID)),
        ({"nsUniqueId": "66446001-1DD211B2-AAAA-0000"}, "66446001-1dd211b2-aaaa-0000"),
        ({}, None),
    ],
)
def test_the_key_is_the_directorys_own_identity(attributes: dict[str, str | bytes], key: str | None) -> None:
    assert person(mail="ann@example.test", **attributes).key == key


@pytest.mark.parametrize(
    ("attributes", "kind"),
    [
        ({"objectClass": ["top", "person", "user"]}, Kind.MAILBOX),
        ({"objectClass": ["top", "group"]}, Kind.LIST),
        ({"objectClass": "groupOfNames"}, Kind.LIST),
        ({"objectClass": "groupOfUniqueNames"}, Kind.LIST),
        ({"objectClass": "posixGroup"}, Kind.LIST),
        ({"objectClass": "msExchDynamicDistributionList"}, Kind.LIST),
        ({"objectClass": "publicFolder"}, Kind.PUBLIC_FOLDER),
        ({"msExchRecipientTypeDetails": "1"}, Kind.MAILBOX),
        ({"msExchRecipientTypeDetails": "4"}, Kind.SHARED),
        ({"msExchRecipientTypeDetails": "34359738368"}, Kind.SHARED),
        ({"msExchRecipientTypeDetails": "16"}, Kind.RESOURCE),
        ({"msExchRecipientTypeDetails": "32"}, Kind.RESOURCE),
        ({"msExchRecipientTypeDetails": "8589934592"}, Kind.RESOURCE),
        ({"msExchRecipientTypeDetails": "17179869184"}, Kind.RESOURCE),
        ({"msExchRecipientTypeDetails": "2147483648"}, Kind.MAILBOX),
        ({"msExchRecipientTypeDetails": "room"}, Kind.MAILBOX),
    ],
)
def test_the_kind(attributes: dict[str, str | Sequence[str]], kind: Kind) -> None:
    assert person(mail="ann@example.test", **attributes).kind is kind


@pytest.mark.parametrize(("control", "left_out"), [("512", False), ("514", True), ("66050", True), ("x", False)])
def test_a_disabled_person_is_left_out(control: str, left_out: bool) -> None:
    found = person(mail="ann@example.test", userAccountControl=control)
    assert bool(found.left_out) == left_out


@pytest.mark.parametrize(
    "attributes", [{"msExchRecipientTypeDetails": "4"}, {"msExchRecipientTypeDetails": "16"}, {"objectClass": "group"}]
)
def test_what_is_disabled_by_nature_stays(attributes: dict[str, str]) -> None:
    assert person(mail="ann@example.test", userAccountControl="514", **attributes).left_out == ""


@pytest.mark.parametrize(
    ("attributes", "names"),
    [
        ({"givenName": "Ann", "sn": "Lee", "displayName": "Lee, Ann"}, ("Ann", "Lee")),
        ({"sn": "Lee", "displayName": "Lee, Ann"}, ("", "Lee")),
        ({"displayName": "Ann van Lee", "cn": "ann"}, ("", "Ann van Lee")),
        ({"cn": "Ann Lee"}, ("", "Ann Lee")),
        ({}, ("", "")),
        ({"givenName": " Ann\x00\nMaria ", "sn": "Lée"}, ("Ann Maria", "Lée")),
        ({"sn": "x" * 500}, ("", "x" * 200)),
    ],
)
def test_names(attributes: dict[str, str], names: tuple[str, str]) -> None:
    found = person(mail="ann@example.test", **attributes)
    assert (found.first_name, found.last_name) == names


@pytest.mark.parametrize(
    "attributes",
    [
        {"cn": "HealthMailboxc3d7722bdb2c4d3", "mail": "x@example.test"},
        {"mail": "HealthMailbox8a9f@example.test"},
        {"cn": "SystemMailbox{1f05a927-89c0-4725-adca-4527114196a1}", "mail": "x@example.test"},
        {"mail": "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@example.test"},
        {"cn": "DiscoverySearchMailbox {D919BA05-46A6-415f-80AD-7E09334BB852}", "mail": "x@example.test"},
        {"mail": "Migration.8f3e7716-2011-43e4-96b1-aba62d229136@example.test"},
        {"sAMAccountName": "FederatedEmail.4c1f4d8b-8179-4148-93bf-00a95fa1e042", "mail": "x@example.test"},
    ],
)
def test_mailboxes_of_the_system_are_no_recipients(attributes: dict[str, str]) -> None:
    assert "Exchange made for itself" in reject(**attributes).why


@pytest.mark.parametrize(
    "address", ["migration.team@example.test", "federatedemail@example.test", "health@example.test"]
)
def test_people_whose_address_only_looks_like_it_stay(address: str) -> None:
    assert person(mail=address).primary == address


def test_a_contact_is_somebody_elses_recipient() -> None:
    found = reject(mail="ann@elsewhere.test", objectClass=["top", "person", "contact"])
    assert found.what == "ann@elsewhere.test"
    assert "delivered elsewhere" in found.why


def test_attribute_names_are_told_apart_neither_by_case_nor_by_options() -> None:
    found = person_from_entry(
        DN, {"MAIL": [b"ann@example.test"], "mail;x-old": [b"a@example.test"], "SN;lang-de": [b"Lee"]}
    )
    assert isinstance(found, Person)
    assert (found.primary, found.aliases, found.last_name) == ("ann@example.test", ("a@example.test",), "Lee")


def test_two_spellings_of_one_recipient_are_one_address() -> None:
    assert person(mail=["weiß@example.test", "weiss@example.test"]).aliases == ()


VALUES = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.text(max_size=40).map(str.encode),
        st.sampled_from([b"SMTP:", b"smtp:", b"SMTP:a@b.test", b"smtp:\xff@b.test", b"a@b.test", b"\x00@b.test"]),
    ),
    max_size=4,
)


@given(st.text(max_size=80), st.dictionaries(st.sampled_from([*AD.wanted, "mail;x", "MAIL", ";"]), VALUES))
def test_any_bytes_are_a_person_or_a_reject(dn: str, attributes: Mapping[str, Sequence[bytes]]) -> None:
    found = person_from_entry(dn, attributes)
    if isinstance(found, Reject):
        shown = [found.where, found.what, found.why]
        assert found.why
    else:
        shown = [found.where, found.first_name, found.last_name, *(note.what for note in found.notes)]
        addresses = [found.primary, *found.aliases]
        assert [parse(address) for address in addresses] == addresses
        assert len(set(addresses)) == len(addresses)
    assert not any(character < " " for text in shown for character in text)
