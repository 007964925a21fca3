"""A deployment of its own for each test, of real processes on an own database; and directories that fail as told."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from console import create_app
from console.settings import Settings
from jobs.sources.ldap.settings import LdapSettings
from tests import databases
from tests.e2e import forest
from tests.processes import Deployment
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.pki import Pki
from tests.servers.postgres import Postgres
from tests.servers.samba import SambaAd, why_no_samba
from tests.servers.slapd import slapd_available

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("e2e")


@pytest.fixture(scope="session")
def template(postgres: Postgres, settings: Settings) -> str:
    """The migrated database that tests copy."""
    return databases.template(postgres, settings)


@pytest.fixture
def app(template: str, postgres: Postgres, settings: Settings) -> Iterator[Flask]:
    """The application in its context, on a database that no other test uses, and an empty Redis."""
    with databases.copy_of(template, postgres, settings) as own:
        app = create_app(own)
        app.testing = True
        with app.app_context():
            app.extensions["redis"].flushdb()
            yield app
            databases.close(app)


@pytest.fixture
def deployment(app: Flask, tmp_path: Path) -> Iterator[Deployment]:
    """Starts processes on the database and the Redis of the application, and stops them."""
    with Deployment(app.extensions["settings"], tmp_path) as started:
        yield started


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], ScriptedLdap]]:
    """Starts directories that follow a script, without encryption, and stops them at the end."""
    servers: list[ScriptedLdap] = []

    def start(script: Script) -> ScriptedLdap:
        servers.append(ScriptedLdap.start(script))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("e2e-pki"))


@pytest.fixture(scope="session")
def ad(tmp_path_factory: pytest.TempPathFactory, pki: Pki) -> Iterator[SambaAd]:
    """A domain controller with all of `forest`. A test that changes it leaves the others' entries alone."""
    if why := why_no_samba():
        pytest.skip(why)
    with SambaAd.start(tmp_path_factory.mktemp("samba"), pki, forest.entries()) as server:
        yield server


@pytest.fixture
def settings_of_ad(ad: SambaAd, pki: Pki) -> LdapSettings:
    return LdapSettings(
        host=ad.address,
        port=ad.tls_port,
        user_dn=ad.reader_dn,
        password=ad.reader_password,
        ca_pem=pki.ca_file.read_text(),
        allow_local=True,
    )


@pytest.fixture(scope="session")
def needs_slapd() -> None:
    if not slapd_available():
        pytest.skip("slapd is not installed")
