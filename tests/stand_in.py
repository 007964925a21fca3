"""Fixtures of every test that reads a tenant: one stand-in for Microsoft 365 in a test run, with a new tenant for each
test. They are a plugin of tests/conftest.py; a folder may have a tenant of its own in their place.
"""

from collections.abc import Iterator

import pytest
from flask import Flask

from console.settings import Settings
from tests import tenants
from tests.servers.graph import GraphStandIn
from tests.servers.pki import Pki


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    """The authority of the stand-in's certificate."""
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def graph_server(pki: Pki) -> Iterator[GraphStandIn]:
    with GraphStandIn.start(pki) as server:
        yield server


@pytest.fixture
def graph(graph_server: GraphStandIn) -> GraphStandIn:
    """The stand-in with the tenant of tests/tenants.py, in which everything goes well."""
    graph_server.reset(tenants.tenant())
    return graph_server


@pytest.fixture
def operated(app: Flask, graph: GraphStandIn, pki: Pki) -> Iterator[Settings]:
    """A console whose operator has an app there, to connect tenants and to sign in with accounts of this one."""
    with tenants.operated(app, tenants.microsoft(graph, pki, sign_in_tenant=graph.tenant.id)) as settings:
        yield settings
