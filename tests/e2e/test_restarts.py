"""Redis or PostgreSQL restarts in the middle of a run: the run tells the truth, and the next one works."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask

from console import create_app
from console.models import Source
from console.settings import Settings
from tests import databases, factories
from tests.e2e import runs
from tests.processes import Deployment, until
from tests.servers.ldap_script import Misbehaviour, Script, ScriptedLdap
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey

HEALTHY = Script(entries=runs.entries(30))
SLOW = Script(entries=runs.entries(35), delay=0.5)
STUCK = Script(entries=runs.entries(35), on_page={2: Misbehaviour.HANG})


@pytest.fixture(scope="module")
def fragile_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of our own, since all other tests rely on theirs; a kill of it loses nothing that was committed."""
    with Postgres.start(tmp_path_factory.mktemp("fragile-postgres"), durable=True) as server:
        yield server


@pytest.fixture(scope="module")
def fragile_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey.start(tmp_path_factory.mktemp("fragile-valkey")) as server:
        yield server


@pytest.fixture(scope="module")
def template(fragile_postgres: Postgres, settings: Settings) -> str:
    return databases.template(fragile_postgres, settings)


@pytest.fixture
def app(template: str, fragile_postgres: Postgres, fragile_valkey: Valkey, settings: Settings) -> Iterator[Flask]:
    with databases.copy_of(template, fragile_postgres, replace(settings, redis_url=fragile_valkey.url)) as own:
        app = create_app(own)
        with app.app_context():
            app.extensions["redis"].flushdb()
            yield app
            databases.close(app)


@pytest.fixture
def directory(scripted: Callable[[Script], ScriptedLdap]) -> ScriptedLdap:
    return scripted(HEALTHY)


@pytest.fixture
def source(app: Flask, deployment: Deployment, directory: ScriptedLdap) -> Source:
    """A source that was synced once by a worker that still runs."""
    deployment.worker()
    source = runs.source_at(directory, factories.domain("example.test"))
    runs.synced(source)
    return source


@pytest.mark.parametrize("how", ["restarted", "killed"])
def test_a_run_ends_well_although_redis_restarts_meanwhile(
    source: Source, directory: ScriptedLdap, fragile_valkey: Valkey, how: str
) -> None:
    directory.script = SLOW
    run_id = runs.start(source)
    runs.reading(run_id)
    if how == "killed":
        fragile_valkey.kill()
    fragile_valkey.restart()
    run = runs.ended(run_id)
    assert (run.state, run.counts["created"]) == ("succeeded", 5)
    directory.script = HEALTHY
    assert runs.ended(runs.start(source), 30).state == "succeeded"


def test_a_worker_outlives_redis_being_away_while_its_run_ends(
    source: Source, deployment: Deployment, directory: ScriptedLdap, fragile_valkey: Valkey
) -> None:
    directory.script = SLOW
    run_id = runs.start(source)
    runs.reading(run_id)
    fragile_valkey.stop()
    run = runs.ended(run_id)
    assert (run.state, run.counts["created"]) == ("succeeded", 5)
    [worker] = deployment.programs
    until(lambda: not worker.forked(), "the run's process is gone")
    fragile_valkey.restart()
    directory.script = HEALTHY
    assert runs.ended(runs.start(source), 30).state == "succeeded"
    assert worker.running


@pytest.mark.parametrize("how", ["restarted", "killed"])
@pytest.mark.parametrize("stage", ["reading", "applying"])
def test_a_run_has_changed_nothing_when_postgresql_goes_away_meanwhile(
    *,
    source: Source,
    deployment: Deployment,
    directory: ScriptedLdap,
    fragile_postgres: Postgres,
    stage: str,
    how: str,
) -> None:
    clock = deployment.start("clock", sys.executable, "-m", "tests.e2e.fast_clock")
    before = runs.rows()
    directory.script = SLOW if stage == "reading" else Script(entries=runs.entries(35))
    with runs.stuck_in_applying(source) if stage == "applying" else reading(source) as run_id:
        if how == "killed":
            fragile_postgres.kill()
        fragile_postgres.restart()
    run = runs.ended(run_id)
    assert run.state in ("failed", "interrupted")
    assert "Nothing was changed" in run.error
    assert runs.rows() == before
    directory.script = Script(entries=runs.entries(35))
    again = runs.ended(runs.start(source))
    assert (again.state, again.counts["created"]) == ("succeeded", 5)
    assert clock.running


@contextmanager
def reading(source: Source) -> Iterator[int]:
    run_id = runs.start(source)
    runs.reading(run_id)
    yield run_id
