"""The LDAP source against a real OpenLDAP server."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.core.address import Address
from console.core.errors import SourceError
from console.core.person import Kind, Person
from jobs.sources.ldap.attributes import chosen
from jobs.sources.ldap.kinds import Wanted
from jobs.sources.ldap.settings import LdapSettings, Scope, Tls
from jobs.sources.ldap.source import LdapSource
from tests.servers import people
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd
from tests.sources.ldap import PEOPLE, SECRET, failure, for_slapd, quiet, watching


@pytest.fixture
def slapd(tmp_path: Path, pki: Pki, directory: Slapd) -> Iterator[Slapd]:
    """A directory of the test's own, empty but for its branches."""
    with Slapd.start(tmp_path / "slapd", pki, reader_password=SECRET) as server:
        yield server


def test_every_page_is_read_and_the_snapshot_is_complete(ldap: LdapSettings) -> None:
    seen: list[tuple[str, int]] = []
    snapshot = LdapSource(ldap).fetch(watching(seen))
    assert snapshot.complete
    assert len({person.primary for person in snapshot.people}) == PEOPLE
    assert snapshot.rejects == ()
    assert seen == [("connecting", 0), ("binding", 0), *(("reading", done) for done in (0, 500, 1000, 1200))]


def test_a_person_comes_with_key_names_and_aliases(ldap: LdapSettings) -> None:
    found = {person.primary: person for person in LdapSource(ldap).fetch(quiet).people}
    assert found[Address("user000001@example.test")] == Person(
        where="uid=user000001,ou=people,dc=example,dc=test",
        primary=Address("user000001@example.test"),
        key=str(uuid.uuid5(uuid.NAMESPACE_DNS, "user000001.example.test")),
        aliases=(Address("user000001@alias.example.test"),),
        first_name="User",
        last_name="000001",
    )
    assert found[Address("user000010@example.test")].left_out == "disabled in the directory"


def test_a_plain_directory_is_read_by_mail_and_entry_uuid(slapd: Slapd, pki: Pki) -> None:
    slapd.add(people.person_ldif("ann", given="Ann", sn="Lee", mail="Ann@Example.Test", uac=None))
    slapd.add(people.person_ldif("bob", sn="Bob", uac=None))
    slapd.add(people.group_ldif("staff", mail="staff@example.test"))
    ann, staff = sorted(LdapSource(for_slapd(slapd, pki)).fetch(quiet).people, key=lambda person: person.primary)
    assert (ann.primary, ann.first_name, ann.last_name, ann.kind) == (
        "ann@example.test",
        "Ann",
        "Lee",
        Kind.MAILBOX,
    )
    assert str(uuid.UUID(ann.key)) == ann.key
    assert (staff.primary, staff.kind) == ("staff@example.test", Kind.LIST)


def test_the_key_survives_a_rename(slapd: Slapd, pki: Pki) -> None:
    source = LdapSource(for_slapd(slapd, pki))
    slapd.add(people.person_ldif("ann", sn="Lee", mail="ann@example.test", uac=None))
    [before] = source.fetch(quiet).people
    slapd.rename(before.where, "uid=ann.miller")
    [after] = source.fetch(quiet).people
    assert after.where != before.where
    assert after.key == before.key


def test_an_entry_without_a_usable_address_is_a_reject_and_not_lost(slapd: Slapd, pki: Pki) -> None:
    slapd.add(people.person_ldif("ann", sn="Lee", mail="ann at home", uac=None))
    [reject] = LdapSource(for_slapd(slapd, pki)).fetch(quiet).rejects
    assert reject.where == "uid=ann,ou=people,dc=example,dc=test"
    assert reject.what == "ann at home"
    assert "no @" in reject.why


@pytest.mark.parametrize("tls", [Tls.NONE, Tls.STARTTLS])
def test_the_plain_port_works_with_and_without_encryption(ldap: LdapSettings, directory: Slapd, tls: Tls) -> None:
    trial = LdapSource(replace(ldap, port=directory.plain_port, tls=tls)).test(quiet)
    assert trial.found == PEOPLE
    assert ("TLS 1." in dict(trial.facts)["Host"]) == (tls is Tls.STARTTLS)
    assert any("not encrypted" in warning for warning in trial.warnings) == (tls is Tls.NONE)


def test_a_trial_says_what_was_reached_and_shows_ten_recipients(ldap: LdapSettings) -> None:
    trial = LdapSource(ldap).test(quiet)
    facts = dict(trial.facts)
    assert "at 127.0.0.1, encrypted with TLS 1." in facts["Host"]
    assert "valid until 20" in facts["Host"]
    assert facts["Signed in as"] == ldap.user_dn
    assert facts["Search base"] == ldap.search_base
    assert "3, of up to 500" in facts["Paging"]
    assert facts["Recipients"] == "1,080 of 1,200 entries"
    assert trial.found == PEOPLE
    assert trial.samples[:2] == ("user000001@example.test", "user000002@example.test")
    assert len(trial.samples) == 10
    assert trial.warnings == ("120 entries left out: disabled in the directory.",)


def test_zero_entries_are_a_complete_snapshot_and_a_warning(slapd: Slapd, pki: Pki) -> None:
    source = LdapSource(for_slapd(slapd, pki))
    assert source.fetch(quiet).read == 0
    assert source.fetch(quiet).complete
    assert source.test(quiet).warnings[0].startswith(f"No entry with a mail address was found under {slapd.suffix}.")


def test_without_a_search_base_the_one_of_the_server_is_used(ldap: LdapSettings, directory: Slapd) -> None:
    trial = LdapSource(replace(ldap, search_base="")).test(quiet)
    assert trial.found == PEOPLE
    assert dict(trial.facts)["Search base"] == f"{directory.suffix} (proposed by the server)"


def test_the_filter_narrows_the_search_with_or_without_its_parentheses(ldap: LdapSettings) -> None:
    for text in ("(uid=user00000*)", "uid=user00000*", "(&(uid=user00000*)(!(uid=user00001*)))"):
        assert LdapSource(replace(ldap, filter=text)).test(quiet).found == 10


def test_one_level_reads_what_stands_directly_under_the_base(ldap: LdapSettings, directory: Slapd) -> None:
    one = replace(ldap, scope=Scope.ONE_LEVEL)
    assert LdapSource(one).test(quiet).found == 0
    trial = LdapSource(replace(one, search_base=directory.people_dn)).test(quiet)
    assert trial.found == PEOPLE
    assert dict(trial.facts)["Search base"] == f"{directory.people_dn}, only what stands directly there"


def test_switches_leave_out_with_their_reasons_what_is_read_all_the_same(slapd: Slapd, pki: Pki) -> None:
    slapd.add(people.person_ldif("ann", sn="Lee", mail="ann@example.test"))
    slapd.add(people.person_ldif("bob", sn="Bo", mail="bob@example.test", uac=people.DISABLED))
    slapd.add(people.person_ldif("cat", mail="cat@example.test", more={"msExchHideFromAddressLists": ["TRUE"]}))
    slapd.add(people.group_ldif("staff", mail="staff@example.test"))
    settings = replace(for_slapd(slapd, pki), wanted=Wanted(groups=False, hidden=False))
    snapshot = LdapSource(settings).fetch(quiet)
    assert {person.primary: person.left_out for person in snapshot.people} == {
        "ann@example.test": "",
        "bob@example.test": "disabled in the directory",
        "cat@example.test": "hidden from address lists, which this source leaves out",
        "staff@example.test": "groups are not synced from this source",
    }
    trial = LdapSource(settings).test(quiet)
    assert (trial.found, trial.samples) == (4, ("ann@example.test",))
    assert sum("1 entry left out" in warning for warning in trial.warnings) == 3


def test_attributes_of_another_directory_are_read_as_they_are_mapped(slapd: Slapd, pki: Pki) -> None:
    slapd.add(
        people.person_ldif("ann", sn="Lee", mail="ann@example.test", more={"description": ["a.lee@example.test"]})
    )
    slapd.add(people.person_ldif("bob", sn="Bo", more={"description": ["bob@example.test"]}))
    by = chosen("generic", {"aliases": "DESCRIPTION", "last_name": "uid"})
    found = LdapSource(replace(for_slapd(slapd, pki), attributes=by)).fetch(quiet).people
    assert {(person.primary, person.aliases, person.last_name) for person in found} == {
        ("ann@example.test", ("a.lee@example.test",), "ann"),
        ("bob@example.test", (), "bob"),
    }


def test_a_wrong_password(ldap: LdapSettings) -> None:
    error = failure(replace(ldap, password="not the password"))
    assert error.permanent
    assert f"{ldap.host}, port {ldap.port}" in error.sentence
    assert "Check User DN and Password" in error.sentence
    assert "49" in error.detail


def test_a_password_is_sent_as_it_was_typed(tmp_path: Path, pki: Pki, directory: Slapd) -> None:
    """RFC 4013 would make a 2 of ² and a space of a no-break space; Active Directory and OpenLDAP do not."""
    with Slapd.start(tmp_path, pki, reader_password="pässwört² \u00a0ok") as server:
        assert LdapSource(for_slapd(server, pki)).fetch(quiet).complete


def test_a_password_is_never_left_out_silently(ldap: LdapSettings) -> None:
    """OpenLDAP lets a name without a password in, as nobody, and then shows nothing."""
    for settings, missing in ((replace(ldap, password=""), "Password"), (replace(ldap, user_dn=""), "User DN")):
        with pytest.raises(SourceError, match=f"{missing} is missing"):
            LdapSource(settings).fetch(quiet)


def test_a_base_that_does_not_exist(ldap: LdapSettings) -> None:
    error = failure(replace(ldap, search_base="ou=nobody,dc=example,dc=test"))
    assert error.permanent
    assert "ou=nobody,dc=example,dc=test does not exist" in error.sentence


def test_a_base_and_a_user_that_are_no_names(ldap: LdapSettings) -> None:
    assert "search base is not in a form" in failure(replace(ldap, search_base="Sales")).sentence
    assert "User DN is not in a form" in failure(replace(ldap, user_dn="reader")).sentence


def test_a_filter_that_is_none_is_refused_before_anything_is_sent(ldap: LdapSettings) -> None:
    for text in ("(&(uid=a)", "(uid=a)(uid=b)", "(given name=Ann)", "()", "(!" * 3000 + "(a=b)" + ")" * 3000):
        error = failure(replace(ldap, filter=text, host="does-not-matter.invalid"))
        assert "not an LDAP filter" in error.sentence
        assert len(error.sentence) < 500


def test_a_server_that_wants_encryption(tmp_path: Path, pki: Pki, directory: Slapd) -> None:
    with Slapd.start(tmp_path, pki, require_tls=True, reader_password=SECRET) as server:
        error = failure(replace(for_slapd(server, pki), port=server.plain_port, tls=Tls.NONE))
        assert error.permanent
        assert "only on an encrypted connection: choose StartTLS, or LDAPS" in error.sentence
        starttls = replace(for_slapd(server, pki), port=server.plain_port, tls=Tls.STARTTLS)
        assert LdapSource(starttls).fetch(quiet).complete


def test_a_size_limit_is_an_error_and_never_a_shorter_list(tmp_path: Path, pki: Pki, directory: Slapd) -> None:
    with Slapd.start(tmp_path, pki, people.many_people(50), size_limit=20, reader_password=SECRET) as server:
        error = failure(replace(for_slapd(server, pki), page_size=15))
        assert "stopped the search at its size limit" in error.sentence
        assert "page 2, after 15 entries" in error.sentence
