"""Fixtures of all tests: real servers, an application on a clean database, three people."""

from collections.abc import Generator, Iterator
from functools import cache

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from redis import Redis

from console import create_app
from console.models import Admin, Base, Domain, Role, db
from console.secrets import new_key
from console.settings import Settings
from tests import factories, schedule, watch
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey
from tests.web.client import Browser

pytest_plugins = ["tests.stand_in"]

# No test is timed: what takes a fifth of a second on a busy machine is no fault.
hypothesis.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("any machine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not schedule.is_long(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> schedule.Together | None:
    return schedule.Together(config, log) if config.getoption("dist") == "loadscope" else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    watch.check_report(report)
    return report


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres.start(tmp_path_factory.mktemp("postgres")) as server:
        yield server


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey.start(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def settings(postgres: Postgres, valkey: Valkey) -> Settings:
    key = new_key()
    watch.add(key, postgres.password, valkey.password)
    return Settings.from_env(
        {
            "SECRET_KEY": watch.SECRET_KEY,
            "SEALING_KEYS": key,
            "DATABASE_URL": postgres.create_database("rollcall"),
            "REDIS_URL": valkey.url,
            "ALLOW_LOCAL_TARGETS": "1",
        }
    )


@pytest.fixture(scope="session")
def migrated(settings: Settings) -> Iterator[Flask]:
    """The application on a migrated database."""
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        upgrade()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()
    app.extensions["redis"].close()


@pytest.fixture
def app(migrated: Flask) -> Iterator[Flask]:
    """The application in its context, on an empty database and an empty Redis."""
    with migrated.app_context():
        empty()
        yield migrated
        db.session.remove()


def empty() -> None:
    """Empty every table and Redis, and count from 1 again. For a few rows this is ten times as fast as truncate, and in
    one trip to the server ten times as fast as in fifty."""
    db.session.rollback()
    db.session.connection().exec_driver_sql(_emptying(), execution_options={"no_parameters": True})
    db.session.commit()
    current_app.extensions["redis"].flushdb()


@cache
def _emptying() -> str:
    """Statements in one text, which a server takes only where there are no parameters."""
    tables = list(reversed(Base.metadata.sorted_tables))
    counted = [table.name for table in tables if "id" in table.columns]
    counters = (f"setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in counted)
    # The database lets nobody delete events who does not say so; what is set lasts as long as the transaction.
    allowed = "set local rollcall.forget_events = 'on'"
    return "; ".join([allowed, *(f"delete from {table.name}" for table in tables), f"select {', '.join(counters)}"])


@pytest.fixture
def redis(app: Flask) -> Redis:
    client: Redis = app.extensions["redis"]
    return client


@pytest.fixture
def domain(app: Flask) -> Domain:
    return factories.domain()


@pytest.fixture
def alice(app: Flask) -> Admin:
    """An owner."""
    return factories.admin("alice@rollcall.example", Role.OWNER)


@pytest.fixture
def bob(app: Flask) -> Admin:
    """A viewer of every domain."""
    return factories.admin("bob@rollcall.example", Role.VIEWER)


@pytest.fixture
def mallory(app: Flask) -> Admin:
    """An admin of another domain only."""
    return factories.admin("mallory@rollcall.example", Role.ADMIN, only=[factories.domain("mallory.example")])


@pytest.fixture
def client(app: Flask, alice: Admin) -> Browser:
    """A browser in which Alice is signed in; it checks every page that it is shown."""
    return Browser.of(app).signed_in(alice)


@pytest.fixture
def anonymous(app: Flask) -> FlaskClient:
    return Browser.of(app)
