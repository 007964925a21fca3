"""The LDAP source against a real OpenLDAP server."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from console.core.person import Kind, Person
from jobs.sources.ldap.settings import LdapSettings, Tls
from jobs.sources.ldap.source import LdapSource
from tests.servers import people
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd
from tests.sources.conftest import PEOPLE
from tests.sources.ldap import SECRET, failure, for_slapd, quiet


@pytest.fixture
def slapd(tmp_path: Path, pki: Pki, directory: Slapd) -> Iterator[Slapd]:
    """A directory of the test's own, empty but for its branches."""
    with Slapd.start(tmp_path / "slapd", pki, reader_password=SECRET) as server:
        yield server


def test_every_page_is_read_and_the_snapshot_is_complete(ldap: LdapSettings) -> None:
    seen: list[tuple[str, int]] = []
    snapshot = LdapSource(ldap).fetch(lambda stage, done=0, total=None: seen.append((stage, done)))
    assert snapshot.complete
    assert len(snapshot.people) == PEOPLE
    assert snapshot.rejects == ()
    assert seen == [("connecting", 0), ("binding", 0), *(("reading", done) for done in (0, 500, 1000, 1200))]


def test_a_person_comes_with_key_names_aliases_and_the_reason_why_it_is_left_out(ldap: LdapSettings) -> None:
    found = {person.primary: person for person in LdapSource(ldap).fetch(quiet).people}
    assert found["user000001@example.test"] == Person(
        where="uid=user000001,ou=people,dc=example,dc=test",
        primary=found["user000001@example.test"].primary,
        key=found["user000001@example.test"].key,
        aliases=found["user000001@example.test"].aliases,
        first_name="User",
        last_name="000001",
    )
