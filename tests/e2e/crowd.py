"""Ten thousand users of a source that turns, on demand, to another side of its directory; and what must then hold."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from console import create_app
from console.models import Run, Source, db
from console.settings import Settings
from console.store import sources
from jobs import clock
from tests import databases, factories
from tests.e2e import runs
from tests.processes import Deployment
from tests.servers.people import person_ldif
from tests.servers.pki import Pki
from tests.servers.slapd import Slapd

SEEN = 10_000
OTHERS = 2_500
PARTS = {"left": range(OTHERS), "middle": range(OTHERS, SEEN), "right": range(SEEN, SEEN + OTHERS)}
SIDES = (("left", "middle"), ("middle", "right"))
TURNED = {"read": SEEN, "created": OTHERS, "missing": OTHERS, "unchanged": SEEN - OTHERS}
UNTURNED = {"read": SEEN, "unchanged": SEEN}


def people() -> Iterator[str]:
    """Three parts of people, the part in departmentNumber; a source sees two of them."""
    for part, numbers in PARTS.items():
        for number in numbers:
            yield person_ldif(
                f"user{number:05d}",
                given="User",
                sn=f"{number:05d}",
                mail=address(number),
                proxy=[f"SMTP:{address(number)}", f"smtp:alias.{address(number)}"],
                more={"departmentNumber": [part]},
            )


def address(number: int) -> str:
    return f"user{number:05d}@{runs.DOMAIN}"


def seen_from(side: int) -> set[str]:
    """The addresses of the people on this side of the directory."""
    return {address(number) for part in SIDES[side] for number in PARTS[part]}


@dataclass
class Crowd:
    """The source, the processes around it, and the side of the directory that it reads."""

    app: Flask
    deployment: Deployment
    directory: Slapd
    source: Source
    side: int = 0

    def turn(self, port: int | None = None) -> str:
        """Let the source read the other side, at a port if one is given; the fingerprint of the list until then.

        Who went missing at the last turn is forgotten, so that each turn creates users and does not only restore them.
        """
        for table in ("users", "user_counts"):
            db.session.execute(text(f"delete from {table} where status = 'missing'"))
        self.side = 1 - self.side
        self.source.settings = {
            **self.source.settings,
            "port": port or self.directory.plain_port,
            "filter": "(|{}{})".format(*(f"(departmentNumber={part})" for part in SIDES[self.side])),
        }
        sources.save(self.source)
        return runs.fingerprint()

    def ended(self, run_id: int, seconds: float = 60.0) -> Run:
        """Wait until the run has ended, while the clock ticks as it does in every deployment; the run then."""
        deadline = time.monotonic() + seconds
        while (run := runs.now(run_id)).is_open:
            assert time.monotonic() < deadline, f"not within {seconds:g} seconds: run {run_id} has ended"
            with suppress(AssertionError):
                return runs.ended(run_id, 1)
            clock.tick(self.app)
        return run

    def sync(self) -> Run:
        """A sync that nothing disturbs, to its end."""
        return self.ended(runs.start(self.source))

    def assert_true(self, run: Run, before: str) -> None:
        """The list is entirely as it was, or entirely as this side of the directory, and the run says which."""
        if run.state == "succeeded":
            assert (run.error, _counts(run)) == ("", TURNED)
            self.assert_turned()
        else:
            assert run.state in ("failed", "interrupted")
            assert "Nothing was changed" in run.error
            assert run.counts == {}
            assert runs.fingerprint() == before
        recorded = db.session.execute(text("select count(*) from changes where run_id = :run"), {"run": run.id})
        assert recorded.scalar_one() == run.changed
        db.session.rollback()

    def assert_next_finishes(self, run: Run) -> Run:
        """The next sync does what this one left undone, which is everything or nothing; that next one."""
        done = runs.fingerprint() if run.state == "succeeded" else None
        again = self.sync()
        assert (again.state, again.error) == ("succeeded", ""), f"{again.state}: {again.error}"
        assert _counts(again) == (UNTURNED if done else TURNED)
        assert done in (None, runs.fingerprint())
        self.assert_turned()
        return again

    def assert_turned(self) -> None:
        """This side is on the list with its addresses, the rest of the other side is missing, and the counts fit."""
        active, missing = seen_from(self.side), seen_from(1 - self.side) - seen_from(self.side)
        listed = {row.address: row.status for row in db.session.execute(text("select address, status from users"))}
        assert listed == dict.fromkeys(active, "active") | dict.fromkeys(missing, "missing")
        held = set(db.session.scalars(text("select address from addresses")))
        assert held == {name for user in listed for name in (user, f"alias.{user}")}
        counted = db.session.execute(text("select status, users, addresses from user_counts where users <> 0"))
        assert {tuple(row) for row in counted} == {
            ("active", len(active), 2 * len(active)),
            ("missing", len(missing), 2 * len(missing)),
        }
        db.session.rollback()


def _counts(run: Run) -> dict[str, int]:
    return {name: count for name, count in run.counts.items() if count}


@contextmanager
def gathered(settings: Settings, pki: Pki, folder: Path) -> Iterator[Crowd]:
    """A worker on the database of the settings, and a directory of which one side is on the list."""
    app = create_app(settings)
    with (
        Slapd.start(folder / "slapd", pki, people()) as directory,
        Deployment(settings, folder) as deployment,
        app.app_context(),
    ):
        try:
            app.extensions["redis"].flushdb()
            deployment.worker()
            login = {"user_dn": directory.reader_dn, "search_base": directory.suffix}
            domain, password = factories.domain(runs.DOMAIN), directory.reader_password
            source = factories.source(domain, settings=login, password=password, guard_percent=100)
            crowd = Crowd(app, deployment, directory, source)
            crowd.turn()
            runs.synced(source)
            yield crowd
        finally:
            databases.close(app)
