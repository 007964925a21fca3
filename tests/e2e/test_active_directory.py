"""The LDAP source against a real Active Directory domain controller, Samba's."""

from dataclasses import replace

import pytest

from console.core.errors import SourceError
from console.core.person import Kind, Person, Snapshot
from jobs.sources.ldap.kinds import Wanted
from jobs.sources.ldap.settings import LdapSettings, Scope, Tls
from jobs.sources.ldap.source import LdapSource
from tests.e2e.forest import BRANCH, COMBINATIONS, PASSWORD, expected
from tests.servers.samba import SambaAd
from tests.servers.samba_config import account_ldif
from tests.sources.ldap import failure, quiet


@pytest.fixture
def settings(settings_of_ad: LdapSettings) -> LdapSettings:
    return settings_of_ad


def by_name(snapshot: Snapshot) -> dict[str, Person]:
    return {person.where.partition(",")[0].removeprefix("CN="): person for person in snapshot.people}


def test_every_combination_of_addresses_disabled_and_hidden(settings: LdapSettings) -> None:
    snapshot = LdapSource(settings).fetch(quiet)
    found = by_name(snapshot)
    assert snapshot.complete
    for number, (_, _, disabled, _) in enumerate(COMBINATIONS):
        if not expected(number):
            assert f"person{number:02d}" not in found
            continue
        person = found[f"person{number:02d}"]
        assert (person.primary, *person.aliases) == expected(number)
        assert person.left_out == ("disabled in the directory" if disabled else "")
        assert person.key


def test_switches_for_hidden_and_disabled_people(settings: LdapSettings) -> None:
    found = by_name(LdapSource(replace(settings, wanted=Wanted(disabled=True, hidden=False))).fetch(quiet))
    for number, (_, _, _, hidden) in enumerate(COMBINATIONS):
        if expected(number):
            reason = "hidden from address lists, which this source leaves out" if hidden else ""
            assert found[f"person{number:02d}"].left_out == reason


def test_kinds_are_told_apart_and_what_is_disabled_by_nature_stays(settings: LdapSettings) -> None:
    found = by_name(LdapSource(settings).fetch(quiet))
    names = ("info", "room", "beamer", "linked", "cloud")
    assert {name: (found[name].kind, bool(found[name].left_out)) for name in names} == {
        "info": (Kind.SHARED, False),
        "room": (Kind.RESOURCE, False),
        "beamer": (Kind.RESOURCE, False),
        "linked": (Kind.MAILBOX, False),
        "cloud": (Kind.MAILBOX, True),
    }


def test_a_group_with_very_many_members_is_one_recipient(settings: LdapSettings) -> None:
    group = by_name(LdapSource(settings).fetch(quiet))["everyone"]
    assert (group.kind, group.primary, group.aliases) == (Kind.LIST, "everyone@example.test", ("all@example.test",))
    off = by_name(LdapSource(replace(settings, wanted=Wanted(groups=False))).fetch(quiet))["everyone"]
    assert off.left_out == "groups are not synced from this source"


def test_contacts_and_system_mailboxes_are_listed_with_the_reason(settings: LdapSettings) -> None:
    rejects = {reject.what: reject.why for reject in LdapSource(settings).fetch(quiet).rejects}
    assert "delivered elsewhere" in rejects["partner@elsewhere.test"]
    assert "Exchange made for itself" in rejects["system@example.test"]


def test_the_base_is_proposed_and_the_scope_is_kept(settings: LdapSettings, ad: SambaAd) -> None:
    trial = LdapSource(settings).test(quiet)
    assert dict(trial.facts)["Search base"] == "DC=example,DC=test (proposed by the server)"
    assert not any("other servers" in warning for warning in trial.warnings)
    one = replace(settings, scope=Scope.ONE_LEVEL)
    assert LdapSource(one).fetch(quiet).read == 0
    assert LdapSource(replace(one, search_base=ad.staff)).fetch(quiet).read == trial.found


def test_everything_is_read_in_small_pages(settings: LdapSettings) -> None:
    whole = LdapSource(settings).fetch(quiet)
    assert set(LdapSource(replace(settings, page_size=7)).fetch(quiet).people) == set(whole.people)


def test_the_key_survives_a_move_to_another_branch_and_a_rename(settings: LdapSettings, ad: SambaAd) -> None:
    ad.add(account_ldif("mover", ad.staff, mail=["mover@example.test"]))
    before = by_name(LdapSource(settings).fetch(quiet))["mover"]
    ad.rename(before.where, "CN=moved", BRANCH)
    after = by_name(LdapSource(settings).fetch(quiet))["moved"]
    assert after.where == f"CN=moved,{BRANCH}"
    assert (after.key, after.primary) == (before.key, before.primary)


def test_who_was_deleted_is_gone_and_nobody_else(settings: LdapSettings, ad: SambaAd) -> None:
    before = LdapSource(settings).fetch(quiet)
    ad.add(account_ldif("leaver", ad.staff, mail=["leaver@example.test"]))
    assert "leaver" in by_name(LdapSource(settings).fetch(quiet))
    ad.delete(f"CN=leaver,{ad.staff}")
    after = LdapSource(settings).fetch(quiet)
    assert set(after.people) == set(before.people)
    assert after.read == before.read


@pytest.mark.parametrize("user", ["reader@example.test", "EXAMPLE\\reader", f"cn=READER,{SambaAd.staff}"])
def test_the_user_may_be_named_in_every_way_that_active_directory_knows(settings: LdapSettings, user: str) -> None:
    assert LdapSource(replace(settings, user_dn=user)).fetch(quiet).complete


def test_starttls_works_and_a_plain_sign_in_is_refused_with_what_to_do(settings: LdapSettings, ad: SambaAd) -> None:
    plain = replace(settings, port=ad.plain_port, tls=Tls.NONE)
    error = failure(plain)
    assert error.permanent
    assert "accepts sign-ins only on an encrypted connection: choose StartTLS, or LDAPS" in error.sentence
    assert "result 8" in error.detail
    assert LdapSource(replace(plain, tls=Tls.STARTTLS)).fetch(quiet).complete


@pytest.mark.parametrize(
    ("user", "password", "code", "words"),
    [
        ("nobody", PASSWORD, "52", "the password of nobody@example.test is wrong, or there is no such user"),
        (
            "person00",
            "another secret",
            "52e",
            "the password of person00@example.test is wrong, or there is no such user",
        ),
        ("disabled", PASSWORD, "533", "the account disabled@example.test is disabled"),
        ("expired", PASSWORD, "701", "the account expired@example.test has expired"),
        ("newcomer", PASSWORD, "773", "newcomer@example.test must change the password first"),
    ],
)
def test_a_refused_sign_in_says_why(settings: LdapSettings, user: str, password: str, code: str, words: str) -> None:
    error = failure(replace(settings, user_dn=f"{user}@example.test", password=password))
    assert words in error.sentence
    assert f"data {code}" in error.detail.lower()
    assert error.permanent


def test_a_locked_account_says_that_it_is_locked(settings: LdapSettings, ad: SambaAd) -> None:
    ad.modify(ad.suffix, {"lockoutThreshold": ["3"]})
    wrong = replace(settings, user_dn="locked@example.test", password="another secret")
    for _ in range(3):
        assert "is wrong" in failure(wrong).sentence
    error = failure(replace(wrong, password=PASSWORD))
    assert "the account locked@example.test is locked" in error.sentence
    assert "data 775" in error.detail


def test_anonymous_reading_says_what_is_missing(settings: LdapSettings) -> None:
    nobody = replace(settings, user_dn="", password="", search_base=SambaAd.suffix)
    with pytest.raises(SourceError, match="Check that User DN and Password are filled in"):
        LdapSource(nobody).fetch(quiet)


def test_a_controller_that_is_down_is_passed_over(settings: LdapSettings, ad: SambaAd) -> None:
    snapshot = LdapSource(replace(settings, port=1, fallbacks=((ad.address, ad.tls_port),))).fetch(quiet)
    assert snapshot.complete
    assert "refused the connection" in snapshot.remarks[0].why
