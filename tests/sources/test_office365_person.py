"""One object of Graph becomes a Person or a Reject."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.core.address import parse
from console.core.person import Kind, Person, Reject
from jobs.sources.office365.person import Reader
from jobs.sources.office365.wanted import GROUP_PROPERTIES, USER_PROPERTIES, Wanted
from tests.servers.graph.tenant import group, user

KEY = user("ann")["id"]


def person(reader: Reader | None = None, /, **values: Any) -> Person:
    found = (reader or Reader()).user(user("ann", **values))
    assert isinstance(found, Person)
    return found


def reject(reader: Reader | None = None, /, **values: Any) -> Reject:
    found = (reader or Reader()).user(user("ann", **values))
    assert isinstance(found, Reject)
    return found


def test_capitals_mark_the_primary_and_other_types_are_no_mail() -> None:
    found = person(
        mail="ann@contoso.example",
        proxyAddresses=[
            "smtp:a.lee@contoso.example",
            "SMTP:ann.lee@contoso.example",
            "Smtp:ann3@contoso.example",
            "sip:ann@contoso.example",
            "X500:/o=ExchangeLabs/cn=Recipients/cn=ann",
            "SPO:SPO_1@SPO_2",
        ],
    )
    assert found.primary == "ann.lee@contoso.example"
    assert found.aliases == ("ann@contoso.example", "a.lee@contoso.example", "ann3@contoso.example")
    assert found.notes == ()
    assert (found.key, found.where) == (KEY, "ann@contoso.example")


def test_mail_is_the_primary_where_there_is_no_better_one() -> None:
    assert person(proxyAddresses=[]).primary == "ann@contoso.example"
    found = person(proxyAddresses=["smtp:b@contoso.example"])
    assert (found.primary, found.aliases) == ("ann@contoso.example", ("b@contoso.example",))


def test_the_sign_in_name_is_no_address() -> None:
    found = person(userPrincipalName="signs.in@contoso.example", mail="ann@contoso.example", proxyAddresses=[])
    assert (found.primary, found.aliases) == ("ann@contoso.example", ())
    assert reject(mail=None, proxyAddresses=[]).why == "It has no mail address."


def test_addresses_of_the_tenants_own_domain_are_dropped_unless_it_is_the_domain() -> None:
    own = "ann@contoso.onmicrosoft.com"
    values = {
        "mail": own,
        "proxyAddresses": [f"SMTP:{own}", "smtp:Ann@Contoso.mail.onmicrosoft.com", "smtp:ann@c.test"],
    }
    assert person(**values).primary == "ann@c.test"
    kept = person(Reader(domains=frozenset({"contoso.onmicrosoft.com"})), **values)
    assert (kept.primary, kept.aliases) == (own, ("ann@c.test",))
    assert "own onmicrosoft.com domain" in reject(mail=own, proxyAddresses=[f"SMTP:{own}"]).why


def test_an_unusable_address_is_a_note_on_a_usable_person() -> None:
    found = person(proxyAddresses=["SMTP:ann@contoso.example", "smtp:ann at home"])
    assert [(note.where, note.what) for note in found.notes] == [("ann@contoso.example", "ann at home")]
    assert "no @" in reject(mail="ann", proxyAddresses=[]).why


def test_two_spellings_of_one_recipient_are_one_address() -> None:
    found = person(mail="weiß@contoso.example", proxyAddresses=["SMTP:WEISS@contoso.example"])
    assert (found.primary, found.aliases) == ("weiss@contoso.example", ())


@pytest.mark.parametrize(
    "values",
    [
        {"userType": "Guest"},
        {"userPrincipalName": "ann_fabrikam.example#EXT#@contoso.onmicrosoft.com"},
        {"userPrincipalName": "ann_fabrikam.example#ext#@contoso.onmicrosoft.com", "userType": "Member"},
    ],
)
def test_guests_are_never_recipients(values: dict[str, str]) -> None:
    found = reject(mail="ann@fabrikam.example", **values)
    assert found.what == "ann@fabrikam.example"
    assert "guest" in found.why


@pytest.mark.parametrize(
    "name",
    [
        "DiscoverySearchMailbox{D919BA05-46A6-415f-80AD-7E09334BB852}@contoso.onmicrosoft.com",
        "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@contoso.example",
        "HealthMailbox8a9f@contoso.example",
        "Migration.8f3e7716-2011-43e4-96b1-aba62d229136@contoso.example",
        "FederatedEmail.4c1f4d8b-8179-4148-93bf-00a95fa1e042@contoso.example",
    ],
)
def test_mailboxes_of_the_system_are_no_recipients(name: str) -> None:
    assert "Exchange made for itself" in reject(userPrincipalName=name).why
    assert "Exchange made for itself" in reject(mail=name).why


def test_people_whose_address_only_looks_like_it_stay() -> None:
    assert person(mail="migration.team@contoso.example", proxyAddresses=[]).primary == "migration.team@contoso.example"


def test_a_disabled_account_is_a_recipient() -> None:
    """Shared mailboxes and rooms are disabled accounts by nature."""
    assert person(accountEnabled=False).left_out == ""


def test_what_a_mailbox_is_for_decides_its_kind_and_what_is_not_known_is_left_to_the_list() -> None:
    shared = person(Reader(kinds={KEY: Kind.SHARED}))
    assert (shared.kind, shared.silent) == (Kind.SHARED, frozenset())
    unknown = person()
    assert (unknown.kind, unknown.silent) == (Kind.MAILBOX, frozenset({"kind"}))


@pytest.mark.parametrize(
    ("kind", "switch", "words"),
    [
        (Kind.MAILBOX, "people", "people are not synced"),
        (Kind.SHARED, "shared", "shared mailboxes are not synced"),
        (Kind.RESOURCE, "shared", "rooms and equipment are not synced"),
    ],
)
def test_a_switch_leaves_out_its_kind_with_the_reason(kind: Kind, switch: str, words: str) -> None:
    assert words in person(Reader(Wanted(**{switch: False}), kinds={KEY: kind})).left_out
    others = {"people": True, "shared": True, "groups": False}
    assert person(Reader(Wanted(**others), kinds={KEY: kind})).left_out == ""


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"securityEnabled": True},
        {"groupTypes": ["Unified"]},
    ],
)
def test_every_group_with_an_address_is_a_list(values: dict[str, Any]) -> None:
    found = Reader().group(group("sales", **values))
    assert isinstance(found, Person)
    assert (found.kind, found.last_name, found.where) == (Kind.LIST, "Sales", "sales@contoso.example")
    assert found.silent == frozenset()
    left_out = Reader(Wanted(groups=False)).group(group("sales", **values))
    assert isinstance(left_out, Person)
    assert "groups are not synced" in left_out.left_out


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"givenName": "Ann", "surname": "Lee"}, ("Ann", "Lee")),
        ({"givenName": None, "surname": "Lee"}, ("", "Lee")),
        ({"givenName": None, "surname": None, "displayName": "Ann van Lee"}, ("", "Ann van Lee")),
        ({"givenName": " Ann\x00\nMaria ", "surname": "x" * 500}, ("Ann Maria", "x" * 200)),
    ],
)
def test_names(values: dict[str, str | None], names: tuple[str, str]) -> None:
    found = person(**values)
    assert (found.first_name, found.last_name) == names


def test_an_object_without_an_id_is_told_and_not_used() -> None:
    assert reject(id=None).why == "It came without an ID."


NAMES = st.sampled_from(sorted({*USER_PROPERTIES, *GROUP_PROPERTIES, "@removed"}))
TEXTS = st.text(max_size=40) | st.sampled_from(
    ["SMTP:", "smtp:a@b.test", "SMTP: A@b.test ", "a@b.test", "\x00", "\ud800"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=4), max_leaves=8
)


@settings(deadline=None)  # The first international name loads idna's tables.
@given(st.dictionaries(NAMES, VALUES), st.booleans())
def test_any_json_is_a_person_or_a_reject(found: dict[str, Any], is_user: bool) -> None:
    made = Reader().user(found) if is_user else Reader().group(found)
    if isinstance(made, Reject):
        shown = [made.where, made.what]
        assert made.why
    else:
        shown = [made.where, made.first_name, made.last_name, *(note.what for note in made.notes)]
        addresses = [made.primary, *made.aliases]
        assert [parse(address) for address in addresses] == addresses
        assert len(set(addresses)) == len(addresses)
        assert made.key
    for text in shown:
        assert not any(character < " " for character in text)
        text.encode()
