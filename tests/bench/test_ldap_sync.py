"""What a sync of 100,000 entries costs, in units of ldap3's own paged read of the same entries in the same run."""

import gc
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import ldap3
import pytest
from flask import Flask

from console.models import Run, RunKind, Source
from console.settings import Settings
from console.store import runs
from jobs import tasks
from jobs.sources.ldap.attributes import AD
from tests import factories
from tests.bench.ratio import note, seconds
from tests.servers.people import many_people
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd

pytestmark = [
    pytest.mark.bench,
    pytest.mark.timeout(900),
    # ldap3, which is the floor here, leaves its socket to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

COUNT = 100_000
"""Of these every tenth is disabled, and so is left out."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    folder = tmp_path_factory.mktemp("directory")
    people = many_people(COUNT, factories.DOMAIN)
    with Slapd.start(folder / "slapd", Pki(folder / "pki"), people, provider=True) as server:
        yield server


@pytest.fixture
def source(app: Flask, directory: Slapd) -> Source:
    settings = {
        "host": "127.0.0.1",
        "port": directory.plain_port,
        "tls": "none",
        "user_dn": directory.reader_dn,
        "search_base": directory.suffix,
        "page_size": 1000,
    }
    return factories.source(factories.domain(), settings=settings, password=directory.reader_password)


def ldap3_read(directory: Slapd) -> int:
    """The floor: ldap3's paged read of the attributes that a sync asks for."""
    server = ldap3.Server("127.0.0.1", port=directory.plain_port, get_info=ldap3.NONE)
    with ldap3.Connection(server, directory.reader_dn, directory.reader_password, auto_bind=True) as connection:
        found = connection.extend.standard.paged_search(
            directory.suffix,
            "(|(mail=*)(proxyAddresses=*))",
            attributes=list(AD.wanted),
            paged_size=1000,
            generator=True,
        )
        count = sum(1 for entry in found if entry["type"] == "searchResEntry")
    del connection, found, server
    gc.collect()  # Here, where its warning is expected, and not in another test.
    return count


def sync(source: Source, *, by_schedule: bool = False) -> Run:
    run = runs.start(RunKind.SYNC, source.domain_id, source=source, by_schedule=by_schedule)
    tasks.provision(run.id)
    found = runs.get(run.id)
    assert found is not None
    return found


def approve(run: Run) -> None:
    assert runs.approve(run.id)
    tasks.provision(run.id)
    found = runs.get(run.id)
    assert found is not None
    assert found.state == "succeeded", found.error


def test_a_first_and_an_unchanged_sync_cost_little_more_than_reading(source: Source, directory: Slapd) -> None:
    floor = min(seconds(lambda: ldap3_read(directory)) for _ in range(2))
    waiting: list[Run] = []
    first = seconds(lambda: waiting.append(sync(source)))
    first += seconds(lambda: approve(waiting[0]))
    again: list[Run] = []
    unchanged = min(seconds(lambda: again.append(sync(source))) for _ in range(2))
    changes: list[Run] = []
    nothing_new = min(seconds(lambda: changes.append(sync(source, by_schedule=True))) for _ in range(2))
    note(
        "sync of 100,000 entries against ldap3's paged read",
        {
            "floor_seconds": floor,
            "first": first / floor,
            "unchanged": unchanged / floor,
            "incremental": nothing_new / floor,
        },
    )
    assert again[-1].counts["unchanged"] == COUNT * 9 // 10
    assert again[-1].changed == 0
    assert first <= 1.5 * floor
    assert unchanged <= 1.2 * floor
    assert [run.reading for run in (*again, *changes)] == ["full", "full", "changes", "changes"]
    assert nothing_new <= 0.1 * floor


def test_the_worker_stays_under_400_megabytes(source: Source, settings: Settings) -> None:
    env = {
        **os.environ,
        "SECRET_KEY": settings.secret_key,
        "SEALING_KEYS": ",".join(settings.sealing_keys),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ALLOW_LOCAL_TARGETS": "1",
        "FLASK_APP": "wsgi",
    }
    command = [sys.executable, "-m", "flask", "sources", "sync", str(source.id), "--approve", "--quiet"]
    for name in ("first", "unchanged"):
        process = subprocess.Popen(command, env=env, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        megabytes = usage.ru_maxrss / 1024
        note(f"peak memory of a {name} sync of 100,000 entries", {"megabytes": round(megabytes)})
        assert megabytes < 400
