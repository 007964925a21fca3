"""What an import of 100,000 rows costs, in units of PostgreSQL's COPY of the same rows in the same run."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console.models import Domain, Run, RunState, db
from console.settings import Settings
from console.store import runs, uploads
from jobs import tasks
from tests import factories
from tests.bench.ratio import note, seconds

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

COUNT = 100_000
# The Microsoft 365 admin center's "Export users", in the order of its columns.
HEADER = (
    "Display name", "DirSyncEnabled", "User principal name", "Object Id", "First name", "Last name", "When created",
    "Soft deletion time stamp", "Title", "Department", "Preferred data location", "City", "CountryOrRegion", "Office",
    "StateOrProvince", "Usage location", "Last dirsync time", "Block credential", "Licenses", "Password never expires",
    "Last password change time stamp", "Mobile Phone", "Phone number", "Postal code", "Preferred language",
    "Street address", "Fax", "Proxy addresses",
)  # fmt: skip


@pytest.fixture(scope="module")
def content() -> bytes:
    """A file as the admin center writes it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows(rows())
    return ("\ufeff" + out.getvalue()).encode()


def rows() -> Iterator[tuple[str, ...]]:
    for n in range(COUNT):
        address = f"user{n:06d}@{factories.DOMAIN}"
        yield (
            f"User Number{n}", "False", address, f"{n:08x}-0000-4000-8000-{n:012x}", "User", f"Number{n}",
            "2024-03-02 09:00:00Z", "", "Clerk", "Sales", "", "Berlin", "Germany", "", "", "DE", "", "False",
            "Unlicensed", "False", "2025-03-02 09:00:00Z", "", "", "10115", "de-DE", "", "", f"SMTP:{address}",
        )  # fmt: skip


def copy(content: bytes, settings: Settings) -> None:
    """The floor: PostgreSQL reads the file itself into a table with the address as its primary key."""
    columns = ", ".join(f"c{n} text" for n in range(len(HEADER)))
    with psycopg.connect(settings.database_url.replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        cursor.execute(f"create table floor ({columns}, primary key (c2))")
        with cursor.copy("copy floor from stdin (format csv, header)") as into:
            into.write(content)
        connection.commit()
        cursor.execute("drop table floor")


def approve(run: Run) -> None:
    assert runs.approve(run.id)
    tasks.provision(run.id)


def test_an_import_costs_at_most_twenty_times_a_copy(domain: Domain, content: bytes, settings: Settings) -> None:
    floor = [seconds(lambda: copy(content, settings)) for _ in range(3)]
    waiting = uploads.start(domain, None, name="users.csv", content=content, group_id=domain.groups[0].id)
    verifying = seconds(lambda: tasks.provision(waiting.id))
    importing = seconds(lambda: approve(waiting))
    floor += [seconds(lambda: copy(content, settings)) for _ in range(3)]
    unit = sorted(floor)[len(floor) // 2]
    note(
        "import of 100,000 rows against COPY of the same rows",
        {"floor_seconds": unit, "verify": verifying / unit, "import": importing / unit},
    )
    run = runs.get(waiting.id)
    assert run is not None
    assert (run.state, run.counts["created"]) == (RunState.SUCCEEDED, COUNT)
    assert verifying + importing <= 20 * unit


WORK = """
import sys
from jobs import tasks
from wsgi import app
with app.app_context():
    tasks.provision(int(sys.argv[1]))
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


def peak(run: Run, settings: Settings) -> float:
    """Megabytes of a process that works on a run, as a worker's does.

    It tells them itself: what the system tells of a child counts the pages that it shared with this process at first.
    """
    env = {
        **os.environ,
        "SECRET_KEY": settings.secret_key,
        "SEALING_KEYS": ",".join(settings.sealing_keys),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PYTHONPATH": ".",
    }
    command = [sys.executable, "-c", WORK, str(run.id)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, env=env, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    return round(int(done.stdout) / 1024)


def test_a_worker_stays_under_300_megabytes(domain: Domain, content: bytes, settings: Settings) -> None:
    for name in ("first", "unchanged"):
        run = uploads.start(domain, None, name="users.csv", content=content, group_id=domain.groups[0].id)
        used = {"verify": peak(run, settings)}
        db.session.commit()
        assert runs.approve(run.id)
        used["import"] = peak(run, settings)
        note(f"peak memory, in megabytes, of a {name} import of 100,000 rows", used)
        assert max(used.values()) < 300
        db.session.commit()
