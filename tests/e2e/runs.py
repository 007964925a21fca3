"""Sources and runs as the tests with processes look at them: always as they stand in the database now."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from flask import current_app
from sqlalchemy import Select, select, text

from console import queue
from console.models import OPEN, Domain, Run, RunKind, Source, db
from console.store import runs
from tests import factories
from tests.processes import until
from tests.servers.ldap_script import ScriptedLdap
from tests.servers.ldap_session import Attributes
from tests.servers.people import SUFFIX

DOMAIN = "example.test"


def entries(count: int) -> list[tuple[str, Attributes]]:
    """People of DOMAIN for a scripted directory."""
    return [
        (f"cn=u{n:03},{SUFFIX}", {"mail": [b"u%03d@example.test" % n], "entryUUID": [b"key-%d" % n]})
        for n in range(count)
    ]


def source_at(server: ScriptedLdap, of: Domain, **settings: Any) -> Source:
    """The scripted directory as a source of the domain, read ten entries a page."""
    given = {"host": "127.0.0.1", "port": server.port, "user_dn": f"cn=reader,{SUFFIX}", "search_base": SUFFIX}
    return factories.source(of, settings={**given, "page_size": 10, **settings})


def start(source: Source, kind: RunKind = RunKind.SYNC) -> int:
    """Queue a run as the pages do; its id."""
    run = runs.start(kind, source.domain_id, source=source)
    assert queue.start(current_app.extensions["redis"], run)
    return run.id


def approve(run_id: int) -> None:
    """Approve a waiting run as the page does."""
    assert runs.approve(run_id)
    assert queue.start_id(current_app.extensions["redis"], run_id)


def now(run_id: int) -> Run:
    """The run as it is now; nothing stays open in the database."""
    run = runs.get(run_id)
    assert run is not None
    db.session.expunge(run)
    db.session.rollback()
    return run


def reading(run_id: int) -> None:
    """Wait until the run reads entries."""
    until(lambda: now(run_id).stage == "reading", f"run {run_id} reads")


def state(run_id: int, *wanted: str, seconds: float = 60.0) -> Run:
    """Wait until the run is in one of these states; the run then."""
    until(lambda: now(run_id).state in wanted, f"run {run_id} is {' or '.join(wanted)}", seconds)
    return now(run_id)


def ended(run_id: int, seconds: float = 60.0) -> Run:
    """Wait until the run has ended; the run then."""
    until(lambda: now(run_id).state not in OPEN, f"run {run_id} has ended", seconds)
    return now(run_id)


def synced(source: Source) -> int:
    """Sync and approve, with a worker at work; the id of the run."""
    run_id = start(source)
    state(run_id, "needs_approval")
    approve(run_id)
    assert state(run_id, "succeeded", "failed").state == "succeeded"
    return run_id


def stuck_in_applying(source: Source) -> AbstractContextManager[int]:
    """A run that waits, inside its transaction, for the row of the domain; it goes on at the end."""
    return _stuck(source, select(Domain.id).where(Domain.id == source.domain_id).with_for_update(key_share=True))


def stuck_before_commit(source: Source) -> AbstractContextManager[int]:
    """A run that has written everything, and waits for the row of its source; it goes on at the end."""
    return _stuck(source, select(Source.id).where(Source.id == source.id).with_for_update(key_share=True))


@contextmanager
def _stuck(source: Source, rows: Select[int]) -> Iterator[int]:
    with db.engine.connect() as connection:
        connection.execute(rows)
        run_id = start(source)
        state(run_id, "applying")
        until(lambda: waiting() > 0, "the run waits for the row")
        try:
            yield run_id
        finally:
            connection.invalidate()  # closes it; a rollback would fail where the server is gone


def waiting() -> int:
    """How many statements wait in the database for what another transaction holds."""
    found = db.session.connection().exec_driver_sql("select count(*) from pg_locks where not granted").scalar_one()
    db.session.rollback()
    return int(found)


LIST = ("users", "addresses", "user_counts")


def fingerprint() -> str:
    """A digest of `rows`, in little time for a long list."""
    digests: list[object] = []
    for table in LIST:
        query = f"select count(*), sum(hashtextextended(xmin::text || t::text, 0)) from {table} t"
        digests += db.session.execute(text(query))
    db.session.rollback()
    return repr(digests)


def rows() -> list[tuple[str, str, str]]:
    """Every row of the user list: its table, the transaction that wrote it, and what it holds.

    Two answers are equal only if no row was written in between.
    """
    found = []
    for table in LIST:
        query = text(f"select xmin::text, t::text from {table} t order by t::text")
        found += [(table, writer, held) for writer, held in db.session.execute(query)]
    db.session.rollback()
    return found
