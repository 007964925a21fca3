"""The sample directory holds what its name promises: every shape that real directories have."""

from collections import Counter

from console.core.address import Address
from console.core.person import Kind, Origin, Person, Reject, Snapshot, User
from console.core.plan import Action, Plan
from console.core.reconcile import Rules, reconcile
from jobs.sources.ldap.entry import person_from_entry
from tests import factories
from tests.demo import directory, names
from tests.servers.ldif import entries_of

RECEPTION = Address("reception@brightfield.example")


def plan() -> Plan:
    """What a first sync makes of it, with the reception added by hand before."""
    told = [person_from_entry(*entry) for text in directory.entries() for entry in entries_of(text)]
    people = tuple(entry for entry in told if isinstance(entry, Person))
    rejects = tuple(entry for entry in told if isinstance(entry, Reject))
    reception = User(RECEPTION, group_id=1, origin=Origin.MANUAL, id=1)
    rules: Rules = factories.rules(alias_domains=frozenset({directory.ALIAS_DOMAIN}))
    return reconcile(Snapshot(people, rejects, complete=True), [reception], rules)


def test_it_has_about_two_hundred_entries_of_every_kind() -> None:
    found = plan()
    kinds = Counter(step.after.kind for step in found.steps if step.after)
    assert 190 <= found.read <= 210
    assert kinds[Kind.MAILBOX] > 150
    assert min(kinds[Kind.SHARED], kinds[Kind.RESOURCE], kinds[Kind.LIST]) >= 5


def test_it_has_what_a_report_shows() -> None:
    found = plan()
    contested = {address for step in found.steps for address in step.contested}
    assert contested == {RECEPTION, "export@brightfield.example", "info@brightfield.example"}
    reasons = " ".join(skip.why for skip in found.skips)
    for said in ("disabled in the directory", "a space before the @", "no address in", "Exchange made for itself"):
        assert said in reasons


def test_it_has_addresses_of_every_sort() -> None:
    created = [step.after for step in plan().steps if step.action is Action.CREATE and step.after]
    assert any(not address.isascii() for user in created for address in user.addresses)
    assert any("'" in user.address for user in created)
    assert any(len(user.aliases) > 1 for user in created)
    assert not any(directory.ALIAS_DOMAIN in address for user in created for address in user.addresses)


def test_it_is_the_same_every_time() -> None:
    assert list(directory.entries()) == list(directory.entries())


def test_everybody_has_an_address_of_their_own_in_plain_letters() -> None:
    people = names.people(170)
    locals_ = [name.local for name in people]
    assert len(set(locals_)) == 170
    assert all(local.isascii() for local in locals_)
    assert names.plain("Sigríður O'Ğüß") == "sigriduro'guess"
