"""An OpenLDAP that tells its newest change is not read again while it is unchanged; any other one is read in full."""

from collections.abc import Callable, Iterator

import pytest

from console.core.person import Snapshot
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.source import LdapSource
from tests.servers import people
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd, slapd_available
from tests.sources.ldap import SECRET, for_slapd, quiet


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Slapd]:
    if not slapd_available():
        pytest.skip("slapd is not installed")
    entries = [people.person_ldif(name, mail=f"{name}@example.test") for name in ("ann", "bob")]
    folder = tmp_path_factory.mktemp("provider")
    with Slapd.start(folder, pki, entries, provider=True, reader_password=SECRET) as server:
        yield server


@pytest.fixture
def source(provider: Slapd, pki: Pki) -> LdapSource:
    return LdapSource(for_slapd(provider, pki))


def read(source: LdapSource) -> Snapshot:
    snapshot = source.fetch(quiet)
    assert snapshot.complete
    assert snapshot.watermark
    return snapshot


def test_an_unchanged_directory_is_not_read(source: LdapSource) -> None:
    seen: list[str] = []
    snapshot = source.fetch(lambda stage, *_: seen.append(stage), read(source).watermark)
    assert (snapshot.changes, snapshot.complete, snapshot.read, snapshot.gone) == (True, False, 0, frozenset())
    assert "reading" not in seen


@pytest.mark.parametrize(
    "change",
    [
        lambda slapd: slapd.add(people.person_ldif("cyd", mail="cyd@example.test")),
        lambda slapd: slapd.modify(f"uid=ann,{slapd.people_dn}", {"mail": ["anna@example.test"]}),
        lambda slapd: slapd.delete(f"uid=bob,{slapd.people_dn}"),
    ],
    ids=["added", "changed", "deleted"],
)
def test_after_any_change_it_is_read_in_full(
    source: LdapSource, provider: Slapd, change: Callable[[Slapd], None]
) -> None:
    before = read(source)
    change(provider)
    after = source.fetch(quiet, before.watermark)
    assert after.complete
    assert after.instead == "The directory tells that it changed, but not all of what did."
    assert after.watermark != before.watermark


def test_one_that_does_not_tell_has_no_mark_and_is_read_in_full(ldap: LdapSettings) -> None:
    snapshot = LdapSource(ldap).fetch(quiet)
    assert snapshot.watermark is None
    again = LdapSource(ldap).fetch(
        quiet, {"context": people.SUFFIX, "csns": ["20260101000000.000000Z#000000#000#000000"]}
    )
    assert (again.complete, again.instead) == (True, "The directory does not tell what changed since the last sync.")


@pytest.mark.parametrize("nonsense", [{}, {"csns": 3}, {"context": "dc=x", "usn": "many"}, {"delta": "a link"}])
def test_a_mark_of_another_kind_is_no_mark(source: LdapSource, nonsense: dict[str, object]) -> None:
    assert source.fetch(quiet, nonsense).complete


def test_a_trial_tells_what_later_syncs_will_read(source: LdapSource, ldap: LdapSettings) -> None:
    assert ("Later syncs", "read nothing while the directory is unchanged") in source.test(quiet).facts
    other = dict(LdapSource(ldap).test(quiet).facts)
    assert other["Later syncs"] == "read everything, since the server does not tell what changed"
