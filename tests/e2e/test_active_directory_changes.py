"""Reading only what changed in a real Active Directory: nothing is missed, and deletions are seen by whoever may."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from console.core.person import Snapshot
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.source import LdapSource
from tests.e2e.forest import BRANCH
from tests.servers.ldif import entry_ldif
from tests.servers.samba import SambaAd
from tests.servers.samba_config import REALM, account_ldif
from tests.sources.ldap import quiet

Change = Callable[[SambaAd], object]


@pytest.fixture
def settings(settings_of_ad: LdapSettings, ad: SambaAd) -> LdapSettings:
    """Of an account that may see what was deleted, as one of the administrators may."""
    return replace(settings_of_ad, user_dn=f"Administrator@{REALM.lower()}", password=ad.admin_password)


def full(settings: LdapSettings) -> Snapshot:
    snapshot = LdapSource(settings).fetch(quiet)
    assert snapshot.complete
    assert snapshot.watermark
    return snapshot


def since(settings: LdapSettings, before: Snapshot) -> Snapshot:
    return LdapSource(settings).fetch(quiet, before.watermark)


def addresses(snapshot: Snapshot) -> set[str]:
    return {person.primary for person in snapshot.people if not person.left_out}


def key_of(snapshot: Snapshot, address: str) -> str:
    [key] = [person.key for person in snapshot.people if person.primary == address]
    assert key
    return key


def same(settings: LdapSettings, before: Snapshot, changes: Snapshot) -> None:
    """What was known before, with the changes, is all that a full read finds now."""
    known = {person.key: person for person in before.people if person.key not in changes.gone}
    known |= {person.key: person for person in changes.people}
    assert set(known.values()) == set(full(settings).people)


def test_an_unchanged_directory_gives_next_to_nothing(settings: LdapSettings) -> None:
    changes = since(settings, full(settings))
    assert (changes.changes, changes.complete, changes.instead) == (True, False, "")
    assert changes.read <= 1, "the newest change is asked for again"
    assert changes.watermark


def add(ad: SambaAd, name: str = "hire") -> None:
    ad.add(account_ldif(name, ad.staff, mail=[f"{name}@example.test"], userAccountControl=["544"]))


def test_a_new_person_a_new_address_a_move_and_a_lost_address_are_all_seen(settings: LdapSettings, ad: SambaAd) -> None:
    for name in ("renamed", "relocated", "mailless", "disabled-soon"):
        add(ad, name)
    before = full(settings)
    add(ad)
    ad.modify(f"CN=renamed,{ad.staff}", {"mail": ["another@example.test"]})
    ad.rename(f"CN=relocated,{ad.staff}", "CN=relocated", BRANCH)
    ad.modify(f"CN=mailless,{ad.staff}", {"mail": []})
    ad.modify(f"CN=disabled-soon,{ad.staff}", {"userAccountControl": ["546"]})
    changes = since(settings, before)
    assert changes.changes
    assert {"hire@example.test", "another@example.test", "relocated@example.test"} <= addresses(changes)
    assert "disabled-soon@example.test" not in addresses(changes)
    assert key_of(before, "mailless@example.test") in changes.gone
    same(settings, before, changes)


def test_who_left_the_search_base_is_gone(settings: LdapSettings, ad: SambaAd) -> None:
    narrow = replace(settings, search_base=BRANCH)
    add(ad, "visitor")
    ad.rename(f"CN=visitor,{ad.staff}", "CN=visitor", BRANCH)
    before = full(narrow)
    ad.rename(f"CN=visitor,{BRANCH}", "CN=visitor", ad.staff)
    changes = since(narrow, before)
    assert key_of(before, "visitor@example.test") in changes.gone
    same(narrow, before, changes)


def test_who_no_longer_matches_the_filter_is_gone(settings: LdapSettings, ad: SambaAd) -> None:
    add(ad, "seller")
    ad.modify(f"CN=seller,{ad.staff}", {"department": ["Sales"]})
    sales = replace(settings, filter="(department=Sales)")
    before = full(sales)
    ad.modify(f"CN=seller,{ad.staff}", {"department": ["Support"]})
    changes = since(sales, before)
    assert key_of(before, "seller@example.test") in changes.gone
    same(sales, before, changes)


def test_a_deleted_person_is_gone_for_an_account_that_may_see_it(settings: LdapSettings, ad: SambaAd) -> None:
    add(ad, "deleted")
    before = full(settings)
    ad.delete(f"CN=deleted,{ad.staff}")
    changes = since(settings, before)
    assert key_of(before, "deleted@example.test") in changes.gone
    assert changes.remarks == ()
    same(settings, before, changes)


def test_after_a_branch_was_renamed_everything_is_read(settings: LdapSettings, ad: SambaAd) -> None:
    branch = f"OU=Sales,{ad.staff}"
    ad.add(entry_ldif(branch, {"objectClass": ["organizationalUnit"]}))
    before = full(settings)
    ad.rename(branch, "OU=Service")
    after = since(settings, before)
    assert after.complete
    assert "part of the directory" in after.instead


def test_another_controller_is_read_in_full(settings: LdapSettings) -> None:
    before = full(settings)
    assert before.watermark
    for other in ({"origin": "00" * 16}, {"usn": 2**60}, {"context": "DC=other,DC=test"}):
        again = LdapSource(settings).fetch(quiet, {**before.watermark, **other})
        assert again.complete
        assert again.instead


@pytest.mark.parametrize(
    "narrower", ["(memberOf=CN=everyone,OU=Staff,DC=example,DC=test)", "(nosuchattribute=1)", "(canonicalName=x)"]
)
def test_a_filter_that_looks_at_other_entries_has_no_mark(settings: LdapSettings, narrower: str) -> None:
    """Whoever joins a group is not changed by it: only the group is."""
    assert LdapSource(replace(settings, filter=narrower)).fetch(quiet).watermark is None


def test_an_ordinary_account_is_told_whether_it_sees_deletions(
    settings_of_ad: LdapSettings, settings: LdapSettings
) -> None:
    said = dict(LdapSource(settings).test(quiet).facts)["Later syncs"]
    assert said == "read only what changed or was deleted, and everything once a day"
    ordinary = dict(LdapSource(settings_of_ad).test(quiet).facts)["Later syncs"]
    assert ordinary.startswith("read only what changed")
