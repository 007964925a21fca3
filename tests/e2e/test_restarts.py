"""Redis or PostgreSQL restarts in the middle of a sync of ten thousand users."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import pytest

from console.settings import Settings
from tests import databases
from tests.e2e import runs
from tests.e2e.crowd import Crowd, gathered
from tests.processes import until
from tests.servers.pki import Pki
from tests.servers.postgres import Postgres
from tests.servers.proxy import TcpProxy
from tests.servers.valkey import Valkey

HALFWAY = 2_000_000
"""Bytes of the directory's answers, which are twice as many."""


@pytest.fixture(scope="module")
def fragile_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server of our own, since all other tests rely on theirs; a kill of it loses nothing that was committed."""
    with Postgres.start(tmp_path_factory.mktemp("fragile-postgres")) as server:
        yield server


@pytest.fixture(scope="module")
def fragile_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    with Valkey.start(tmp_path_factory.mktemp("fragile-valkey")) as server:
        yield server


@pytest.fixture(scope="module")
def crowd(
    *,
    needs_slapd: None,
    fragile_postgres: Postgres,
    fragile_valkey: Valkey,
    settings: Settings,
    pki: Pki,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Crowd]:
    template, folder = databases.template(fragile_postgres, settings), tmp_path_factory.mktemp("crowd")
    fragile = replace(settings, redis_url=fragile_valkey.url)
    with databases.copy_of(template, fragile_postgres, fragile) as own, gathered(own, pki, folder) as crowd:
        yield crowd


@pytest.fixture
def line(crowd: Crowd) -> Iterator[TcpProxy]:
    """What the source is connected through; it is held when half of the directory was read."""
    with TcpProxy.start(crowd.directory.plain_port, hold_after=HALFWAY) as proxy:
        yield proxy


def within(stage: str, crowd: Crowd, line: TcpProxy) -> AbstractContextManager[int]:
    """A run that stays in this stage while the body is executed."""
    if stage == "reading":
        return held(crowd, line)
    line.release()
    return runs.stuck_before_commit(crowd.source)


@contextmanager
def held(crowd: Crowd, line: TcpProxy) -> Iterator[int]:
    run_id = runs.start(crowd.source)
    runs.reading(run_id)
    yield run_id
    line.release()


@pytest.mark.parametrize(("stage", "how"), [("reading", "restarted"), ("applying", "killed")])
def test_a_sync_ends_well_although_redis_restarts_meanwhile(
    crowd: Crowd, line: TcpProxy, fragile_valkey: Valkey, stage: str, how: str
) -> None:
    before = crowd.turn(line.port)
    with within(stage, crowd, line) as run_id:
        if how == "killed":
            fragile_valkey.kill()
        fragile_valkey.restart()
    run = crowd.ended(run_id)
    assert run.state == "succeeded"
    crowd.assert_true(run, before)
    crowd.assert_next_finishes(run)


def test_a_worker_outlives_redis_being_away_while_its_run_ends(
    crowd: Crowd, line: TcpProxy, fragile_valkey: Valkey
) -> None:
    before = crowd.turn(line.port)
    with within("reading", crowd, line) as run_id:
        fragile_valkey.stop()
    run = crowd.ended(run_id)
    crowd.assert_true(run, before)
    [worker] = crowd.deployment.programs
    until(lambda: not worker.forked(), "the run's process is gone")
    fragile_valkey.restart()
    crowd.assert_next_finishes(run)
    assert worker.running


@pytest.mark.parametrize(
    ("stage", "how"), [("reading", "restarted"), ("applying", "restarted"), ("applying", "killed")]
)
def test_the_list_is_entirely_as_before_or_after_when_postgresql_restarts_meanwhile(
    *, crowd: Crowd, line: TcpProxy, fragile_postgres: Postgres, stage: str, how: str
) -> None:
    before = crowd.turn(line.port)
    with within(stage, crowd, line) as run_id:
        if how == "killed":
            fragile_postgres.kill()
        fragile_postgres.restart()
    run = crowd.ended(run_id)
    crowd.assert_true(run, before)
    # While it reads, a run has nothing open in the database, and may then go on.
    assert stage == "reading" or run.state != "succeeded"
    crowd.assert_next_finishes(run)
