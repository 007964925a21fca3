"""What a person does to one user."""

from dataclasses import replace
from typing import Any

import pytest

from console.core.address import parse
from console.core.errors import RefusedError
from console.core.person import Kind, Origin, Status, User
from console.core.plan import change
from console.models import Admin, Domain, Run, db
from console.store import acts, domains, recipients, records, roster, users
from console.store.paging import TOP
from tests import factories
from tests.factories import address, manual_user, user


@pytest.fixture
def synced(domain: Domain) -> User:
    """A user of a source."""
    source = factories.source(domain)
    return stored(domain, user("ada", None, source_id=source.id, aliases=["a"], last_name="Byron"))


@pytest.fixture
def manual(domain: Domain) -> User:
    return stored(domain, manual_user("bob", None, aliases=["b"]))


def stored(domain: Domain, wanted: User) -> User:
    (user_id,) = factories.users(domain, wanted)
    return now(user_id)


def now(user_id: int | None) -> User:
    assert user_id is not None
    found = recipients.current(user_id)
    assert found is not None
    return found


# Adding


def test_a_user_is_added_with_everything_that_is_known(domain: Domain, alice: Admin) -> None:
    sales = domains.add_group(domain, "Sales")
    added = recipients.add(
        domain,
        alice,
        address("ada"),
        first_name="Ada",
        last_name="Byron",
        kind=Kind.SHARED,
        group_id=sales.id,
        aliases=(address("a"),),
    )
    named: dict[str, Any] = {"first_name": "Ada", "last_name": "Byron", "kind": Kind.SHARED}
    assert now(added) == manual_user("ada", None, aliases=["a"], group_id=sales.id, **named)
    (change,) = records.history(added, TOP).rows
    assert (change.run.admin, change.run.title) == (alice, f"Added {address('ada')}")


def test_a_user_is_added_to_the_default_group_where_none_is_named(domain: Domain) -> None:
    added = recipients.add(domain, None, address("ada"))
    assert now(added).group_id == domains.default_group(domain.id).id


def test_an_alias_domain_s_address_is_added_under_the_domain_s_own_name(app: object) -> None:
    domain = factories.domain(aliases=["bf.example"])
    assert now(recipients.add(domain, None, address("ada@bf.example"))).address == address("ada")


@pytest.mark.parametrize("aliases", [(), (address("a@elsewhere.example"),)])
def test_another_domain_s_address_is_refused(domain: Domain, aliases: tuple[str, ...]) -> None:
    primary = address("ada") if aliases else address("ada@elsewhere.example")
    with pytest.raises(RefusedError, match=r"@elsewhere\.example is not an address of brightfield\.example"):
        recipients.add(domain, None, primary, aliases=tuple(map(parse, aliases)))


@pytest.mark.parametrize("wanted", ["ada", "a", "bob", "b"])
def test_an_address_that_is_on_the_list_is_refused(domain: Domain, synced: User, manual: User, wanted: str) -> None:
    with pytest.raises(RefusedError, match=f"{wanted}@brightfield"):
        recipients.add(domain, None, address(wanted))
    assert len(roster.of_domain(domain.id)) == 2


def test_a_user_with_one_alias_that_is_taken_is_not_added_at_all(domain: Domain, synced: User) -> None:
    with pytest.raises(RefusedError, match=r"^a@brightfield\.example is held by ada@brightfield\.example"):
        recipients.add(domain, None, address("new"), aliases=(address("a"),))
    assert len(roster.of_domain(domain.id)) == 1


# Editing


def test_what_a_person_sets_on_a_synced_user_is_kept_from_the_source(domain: Domain, synced: User) -> None:
    sales = domains.add_group(domain, "Sales")
    recipients.edit(synced, None, first_name="", last_name="Byron", kind=Kind.SHARED, group_id=sales.id)
    expected = replace(synced, kind=Kind.SHARED, group_id=sales.id, by_hand=frozenset({"kind", "group_id"}))
    assert now(synced.id) == expected


def test_a_manual_user_needs_no_such_mark(manual: User) -> None:
    recipients.edit(manual, None, first_name="Bob", last_name="", kind=manual.kind, group_id=manual.group_id)
    assert now(manual.id) == replace(manual, first_name="Bob")


def test_an_edit_that_changes_nothing_makes_no_run(manual: User) -> None:
    before = db.session.query(Run).count()
    edited = recipients.edit(manual, None, first_name="", last_name="", kind=manual.kind, group_id=manual.group_id)
    assert edited is None
    assert db.session.query(Run).count() == before


def test_what_was_set_by_hand_is_given_back_to_the_source(synced: User) -> None:
    recipients.edit(synced, None, first_name="Ada", last_name="", kind=Kind.SHARED, group_id=synced.group_id)
    recipients.follow(now(synced.id), None, "kind")
    assert now(synced.id).by_hand == {"name"}


# Addresses


def test_an_alias_given_to_a_synced_user_is_marked_as_given_by_hand(domain: Domain, synced: User) -> None:
    recipients.add_alias(domain, synced, None, address("info"))
    assert now(synced.id) == replace(
        synced, aliases=(address("a"), address("info")), by_hand=frozenset({address("info")})
    )


def test_an_alias_in_an_alias_domain_is_kept_under_the_domain_s_own_name(app: object) -> None:
    domain = factories.domain(aliases=["bf.example"])
    bob = stored(domain, manual_user("bob", None))
    recipients.add_alias(domain, bob, None, address("b@bf.example"))
    assert now(bob.id).aliases == (address("b"),)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("ada", "This user has the address"),
        ("a", "This user has the address"),
        ("bob", "bob@brightfield.example has the address"),
        ("b", "bob@brightfield.example has the address b@brightfield.example already"),
        ("x@elsewhere.example", "is not an address of brightfield.example"),
    ],
)
def test_an_alias_that_cannot_be_given_is_refused(
    domain: Domain, synced: User, manual: User, wanted: str, said: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        recipients.add_alias(domain, synced, None, address(wanted))
    assert said in refused.value.sentence
    assert now(synced.id) == synced


def test_an_alias_given_by_hand_is_taken_away_with_its_mark(domain: Domain, synced: User) -> None:
    recipients.add_alias(domain, synced, None, address("info"))
    recipients.remove_alias(now(synced.id), None, address("info"))
    assert now(synced.id) == synced


def test_an_alias_that_the_directory_gave_is_not_taken_away(synced: User) -> None:
    with pytest.raises(RefusedError, match="comes from the directory"):
        recipients.remove_alias(synced, None, address("a"))


def test_an_exempt_user_s_aliases_are_a_person_s_to_take_away(synced: User) -> None:
    recipients.exempt(synced, None, True)
    recipients.remove_alias(now(synced.id), None, address("a"))
    assert now(synced.id).aliases == ()


@pytest.mark.parametrize("wanted", ["bob", "x"])
def test_what_is_no_alias_of_the_user_cannot_be_taken_away(manual: User, wanted: str) -> None:
    with pytest.raises(RefusedError, match="is not an alias"):
        recipients.remove_alias(manual, None, address(wanted))


def test_an_alias_becomes_the_primary_address(manual: User) -> None:
    recipients.make_primary(manual, None, address("b"))
    assert now(manual.id) == replace(manual, address=address("b"), aliases=(address("bob"),))


def test_the_primary_address_of_a_synced_user_is_the_directory_s_to_say(synced: User) -> None:
    with pytest.raises(RefusedError, match="The directory says"):
        recipients.make_primary(synced, None, address("a"))


def test_only_an_address_of_the_user_becomes_its_primary_one(manual: User) -> None:
    with pytest.raises(RefusedError, match="is not an address of this user"):
        recipients.make_primary(manual, None, address("x"))


# Accepting and rejecting


def test_a_user_is_disabled_and_stays_so_through_the_next_sync(synced: User) -> None:
    recipients.disable(synced, None)
    disabled = now(synced.id)
    assert (disabled.status, disabled.reason) == (Status.DISABLED, "Disabled by hand.")
    assert disabled.by_hand == {"status"}


def test_a_missing_user_that_is_disabled_is_missing_no_more(domain: Domain, synced: User) -> None:
    missing = replace(synced, status=Status.MISSING, missing_since=factories.NOW, reason="gone")
    recipients.disable(stored_as(domain, synced, missing), None)
    assert now(synced.id).missing_since is None


def test_a_user_is_enabled_and_its_source_decides_again(synced: User) -> None:
    recipients.disable(synced, None)
    recipients.enable(now(synced.id), None)
    assert now(synced.id) == synced


def test_a_user_is_exempted_from_sync_and_back(synced: User) -> None:
    recipients.exempt(synced, None, True)
    assert now(synced.id).exempt
    recipients.exempt(now(synced.id), None, False)
    assert now(synced.id) == synced


def test_a_user_is_deleted_with_all_its_addresses(domain: Domain, manual: User) -> None:
    recipients.delete(manual, None)
    assert recipients.current(manual.id or 0) is None
    assert users.holder(address("b")) is None


def test_each_act_is_a_run_with_a_title_and_the_person_who_did_it(manual: User, alice: Admin) -> None:
    run = recipients.disable(manual, alice)
    assert run is not None
    assert (run.title, run.admin, run.kind, run.state) == (f"Disabled {address('bob')}", alice, "manual", "succeeded")
    assert run.counts["disabled"] == 1


def stored_as(domain: Domain, before: User, after: User) -> User:
    acts.act(domain.id, None, "for a test", change(before, after))
    return after


def test_origin_manual_is_what_a_person_makes(domain: Domain) -> None:
    assert now(recipients.add(domain, None, address("ada"))).origin is Origin.MANUAL
