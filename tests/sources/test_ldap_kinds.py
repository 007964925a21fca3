"""What stands behind an entry of a directory, and what the switches of a source leave out."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core.person import Kind
from jobs.sources.ldap.attributes import AD
from jobs.sources.ldap.kinds import Wanted
from tests.sources.entries import found, person, reject

MAIL = "ann@example.test"
DETAILS = "msExchRecipientTypeDetails"

SORTS: Mapping[str, tuple[Kind, Mapping[str, str | Sequence[str]]]] = {
    "people": (Kind.MAILBOX, {"objectClass": ["top", "person", "user"], "userAccountControl": "512"}),
    "shared": (Kind.SHARED, {DETAILS: "4", "userAccountControl": "514"}),
    "groups": (Kind.LIST, {"objectClass": ["top", "group"]}),
    "public_folders": (Kind.PUBLIC_FOLDER, {"objectClass": ["top", "publicFolder"]}),
}
REASONS = {
    "people": "people are not synced from this source",
    "shared": "shared mailboxes are not synced from this source",
    "groups": "groups are not synced from this source",
    "public_folders": "public folders are not synced from this source",
}


@pytest.mark.parametrize("switch", SORTS)
def test_a_switch_leaves_out_its_kind_with_the_reason_and_nothing_else(switch: str) -> None:
    off = replace(Wanted(), **{switch: False})
    for sort, (kind, attributes) in SORTS.items():
        told = person(AD, off, mail=MAIL, **attributes)
        assert told.kind is kind
        assert told.left_out == (REASONS[switch] if sort == switch else "")


def test_rooms_and_equipment_go_with_the_shared_mailboxes() -> None:
    for details in ("16", "32", "8589934592", "17179869184", "2199023255552"):
        told = person(AD, Wanted(shared=False), mail=MAIL, **{DETAILS: details})
        assert told.left_out == "rooms and equipment are not synced from this source"


def test_disabled_people_are_synced_only_when_they_are_wanted() -> None:
    assert person(mail=MAIL, userAccountControl="514").left_out == "disabled in the directory"
    assert person(AD, Wanted(disabled=True), mail=MAIL, userAccountControl="514").left_out == ""


@pytest.mark.parametrize("details", ["2", "4", "16", "32", "34359738368", "137438953472"])
def test_what_is_disabled_by_nature_is_never_left_out_for_it(details: str) -> None:
    """Of a linked mailbox (2) too the account is disabled: its owner signs in with one of another forest."""
    assert person(mail=MAIL, userAccountControl="514", **{DETAILS: details}).left_out == ""


@pytest.mark.parametrize("details", ["1", "2147483648", "128"])
def test_a_disabled_person_with_a_mailbox_here_or_in_office_365_is_left_out(details: str) -> None:
    assert person(mail=MAIL, userAccountControl="514", **{DETAILS: details}).left_out == "disabled in the directory"


def test_a_shared_mailbox_that_no_schema_marks_is_a_disabled_person() -> None:
    told = person(mail="info@example.test", objectClass=["user"], userAccountControl="514")
    assert (told.kind, told.left_out) == (Kind.MAILBOX, "disabled in the directory")


@pytest.mark.parametrize("sort", SORTS)
def test_what_is_hidden_from_address_lists_is_synced_unless_switched_off(sort: str) -> None:
    _, attributes = SORTS[sort]
    hidden = {**attributes, "msExchHideFromAddressLists": "TRUE"}
    assert person(mail=MAIL, **hidden).left_out == ""
    reason = "hidden from address lists, which this source leaves out"
    assert person(AD, Wanted(hidden=False), mail=MAIL, **hidden).left_out == reason
    shown = {**attributes, "msExchHideFromAddressLists": "FALSE"}
    assert person(AD, Wanted(hidden=False), mail=MAIL, **shown).left_out == ""
    assert person(AD, Wanted(hidden=False), mail=MAIL, **attributes).left_out == ""


@pytest.mark.parametrize("shown_as", ["7", "8", "-2147481850", "-2147481594"])
def test_the_display_type_tells_resources_where_the_other_type_is_missing(shown_as: str) -> None:
    assert person(mail=MAIL, msExchRecipientDisplayType=shown_as).kind is Kind.RESOURCE
    assert person(mail=MAIL, msExchRecipientDisplayType=shown_as, **{DETAILS: "1"}).kind is Kind.MAILBOX


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ("2", Kind.MAILBOX),
        ("128", Kind.MAILBOX),
        ("2147483648", Kind.MAILBOX),
        ("34359738368", Kind.SHARED),
        ("274877906944", Kind.SHARED),
        ("17592186044416", Kind.SHARED),
        ("2199023255552", Kind.RESOURCE),
        ("4096", Kind.PUBLIC_FOLDER),
    ],
)
def test_further_types_of_exchange(details: str, kind: Kind) -> None:
    assert person(mail=MAIL, **{DETAILS: details}).kind is kind


@pytest.mark.parametrize("details", ["64", "32768", "131072"])
def test_a_mail_contact_is_somebody_elses_recipient(details: str) -> None:
    assert "delivered elsewhere" in reject(mail="ann@elsewhere.test", **{DETAILS: details}).why


@pytest.mark.parametrize("details", ["8192", "16384", "8388608", "536870912", "68719476736", "549755813888"])
def test_mailboxes_of_the_system_are_known_by_their_type_too(details: str) -> None:
    assert "Exchange made for itself" in reject(mail="x@example.test", **{DETAILS: details}).why


def test_a_mail_user_keeps_all_addresses_since_those_of_the_domain_are_sent_on() -> None:
    told = person(
        mail="ann@elsewhere.test",
        proxyAddresses=["SMTP:ann@elsewhere.test", "smtp:ann@example.test"],
        targetAddress="SMTP:ann@elsewhere.test",
        **{DETAILS: "128"},
    )
    assert (told.primary, told.aliases) == ("ann@elsewhere.test", ("ann@example.test",))


SWITCHES = st.builds(Wanted, **{field.name: st.booleans() for field in fields(Wanted)})
HIDDEN = st.sampled_from(["TRUE", "FALSE", ""])


@given(SWITCHES, st.sampled_from(list(SORTS)), HIDDEN, st.sampled_from(["512", "514"]))
def test_switches_change_nothing_but_the_reason(wanted: Wanted, sort: str, hidden: str, control: str) -> None:
    attributes = {**SORTS[sort][1], "userAccountControl": control, "msExchHideFromAddressLists": hidden}
    told = person(AD, wanted, mail=MAIL, **attributes)
    assert replace(told, left_out="") == replace(person(mail=MAIL, **attributes), left_out="")
    assert bool(told.left_out) == (
        not getattr(wanted, sort)
        or (sort == "people" and control == "514" and not wanted.disabled)
        or (hidden == "TRUE" and not wanted.hidden)
    )


def test_an_entry_is_never_dropped() -> None:
    nothing = Wanted(**{field.name: False for field in fields(Wanted)})
    assert found(AD, nothing, mail=MAIL) == replace(person(mail=MAIL), left_out=REASONS["people"])
