"""Directories for the tests of sources: one real OpenLDAP that all share, and scripted ones that fail."""

from collections.abc import Callable, Iterator

import pytest

from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.office365.settings import Office365Settings
from tests.servers import people
from tests.servers.graph import GraphStandIn
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd, slapd_available
from tests.sources.ldap import PEOPLE, SECRET, for_slapd
from tests.sources.office365 import settings_for, small_tenant


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[Slapd]:
    """1,200 people shaped as in Active Directory, every tenth disabled. Not to be changed."""
    if not slapd_available():
        pytest.skip("slapd is not installed")
    folder = tmp_path_factory.mktemp("slapd")
    with Slapd.start(folder, pki, people.many_people(PEOPLE), reader_password=SECRET) as server:
        yield server


@pytest.fixture
def ldap(directory: Slapd, pki: Pki) -> LdapSettings:
    """The settings that are right for the shared directory."""
    return for_slapd(directory, pki)


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedLdap]]:
    """Starts servers that follow a script, without encryption, and stops them at the end."""
    servers: list[ScriptedLdap] = []

    def start(script: Script) -> ScriptedLdap:
        servers.append(ScriptedLdap.start(script))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def graph(graph_server: GraphStandIn) -> GraphStandIn:
    """A stand-in for Microsoft 365 with a small tenant, in which everything goes well."""
    graph_server.reset(small_tenant())
    return graph_server


@pytest.fixture
def office(graph: GraphStandIn, pki: Pki) -> Office365Settings:
    """The settings that are right for it."""
    return settings_for(graph, pki)
