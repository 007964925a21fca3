"""What Rollcall needs on one machine: a folder of its own, keys, a database, a queue and a port."""

import errno
import fcntl
import os
import secrets
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
from dotenv import dotenv_values

from console.secrets import new_key
from tests.servers.passwords import write_private
from tests.servers.ports import LOOPBACK
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey

DATABASE = "rollcall"
FIRST_PORT = 8000
FIRST_PERIMETER_PORT = 10031
PORTS_TRIED = 100
KEPT = ("SECRET_KEY", "SEALING_KEYS")
URLS = ("DATABASE_URL", "REDIS_URL")


class LocalError(RuntimeError):
    """Rollcall cannot run here like this; the message says what to do."""


class HeldError(LocalError):
    """Another process runs Rollcall from this folder."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep the folder for this process: two would write over each other. Raises HeldError while another has it."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise HeldError(
                f"Rollcall runs from {folder} already, as process {lock.read().strip()}. Stop it first."
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def servers(folder: Path, given: Mapping[str, str], stack: ExitStack) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL: the given ones, else of servers that are started here and keep their data here."""
    urls = {name: given[name] for name in URLS if given.get(name, "").strip()}
    if "DATABASE_URL" not in urls:
        postgres = stack.enter_context(Postgres.start(folder / "postgres", durable=True))
        urls["DATABASE_URL"] = _database(postgres)
    if "REDIS_URL" not in urls:
        urls["REDIS_URL"] = stack.enter_context(Valkey.start(folder / "valkey", durable=True)).url
    return urls


def running(file: Path) -> dict[str, str]:
    """DATABASE_URL and REDIS_URL of the one that runs already, from the file that it wrote."""
    written = dotenv_values(file)
    return {name: written.get(name) or "" for name in URLS}


def environment(file: Path, given: Mapping[str, str], **more: str) -> dict[str, str]:
    """The variables of every process: `more` and two keys that are made once, each only where it is not given.

    They are written to `file` too, for `flask --env-file`; only its owner may read it, since it opens everything.
    """
    made = {"SECRET_KEY": secrets.token_urlsafe(48), "SEALING_KEYS": new_key()}
    stored = {name: value for name, value in dotenv_values(file).items() if name in KEPT and value}
    ours = {**made, **stored, **more}
    wanted = {name: given[name] if given.get(name, "").strip() else value for name, value in ours.items()}
    # What is stored are our own keys, not those that this start was given.
    shown = {**wanted, **{name: value for name, value in ours.items() if name in KEPT}}
    write_private(file, "".join(f"{name}='{value}'\n" for name, value in shown.items()))
    return {**given, **wanted}


def choose_port(listen: str, wanted: str, first: int = FIRST_PORT) -> int:
    """The port that is wanted, else the next from `first` on that is free on this address. Raises LocalError."""
    if wanted:
        if not wanted.isdigit() or not 0 < int(wanted) < 65536:
            raise LocalError(f"PORT is wrong: {wanted} is no port number.")
        if not _free(listen, int(wanted)):
            raise LocalError(f"Port {wanted} is in use by another program. Choose another one with PORT=.")
        return int(wanted)
    for port in range(first, first + PORTS_TRIED):
        if _free(listen, port):
            return port
    raise LocalError(f"No port from {first} to {first + PORTS_TRIED - 1} is free. Choose one with PORT=.")


def perimeter_ports(given: Mapping[str, str]) -> dict[str, str]:
    """Where the perimeter listens on this machine, unless that is given: the usual ports, or the next free ones."""
    found, first = {}, FIRST_PERIMETER_PORT
    for name in ("PERIMETER_POLICY_LISTEN", "PERIMETER_SOCKETMAP_LISTEN"):
        port = choose_port(LOOPBACK, "", first)
        found[name], first = f"{LOOPBACK}:{port}", port + 1
    return {name: listen for name, listen in found.items() if not given.get(name, "").strip()}


def reachable(listen: str) -> str:
    """The address under which this machine itself reaches what listens there."""
    return LOOPBACK if listen == "0.0.0.0" else listen


def _free(listen: str, port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that connections which ended a moment ago do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((listen, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise LocalError(f"{listen}:{port} cannot be used: {os.strerror(error.errno or 0)}.") from None
    return True


def _database(postgres: Postgres) -> str:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        there = connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
    return postgres.url_of(DATABASE) if there else postgres.create_database(DATABASE)
