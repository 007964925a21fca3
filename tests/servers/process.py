"""One server process: its log, its start, its end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

from tests.servers import reaper
from tests.servers.ports import free_port

T = TypeVar("T")

START_TIMEOUT = 60.0
"""Seconds; generous because a busy two-core machine is slow, and a server that fails exits at once anyway."""

TAIL_LINES = 25
ATTEMPTS = 5


class ServerError(RuntimeError):
    """A server that did not do what it should; the message ends with the last lines of its log."""


class PortTakenError(ServerError):
    """Somebody else took the port between the moment it was found free and the moment it was used."""


class Child:
    """A running server process with its output in a log file.

    It gets a session of its own, so that Ctrl-C in a terminal reaches only the program that started it, which
    then stops its servers in the right order.
    """

    def __init__(
        self, name: str, command: Sequence[str], log: Path, stop_signal: signal.Signals = signal.SIGTERM
    ) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        with open_log(log) as out:
            self._log_start = out.tell()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=plain_environment(),
                start_new_session=True,
            )
        self.pid = self._process.pid
        reaper.watch(self.pid, stop_signal)

    @property
    def running(self) -> bool:
        if self._process.returncode is None and self._process.poll() is not None:
            reaper.forget(self.pid)
        return self._process.returncode is None

    def wait_until(self, ready: Callable[[], bool], timeout: float = START_TIMEOUT) -> None:
        """Return as soon as `ready()` holds; raise ServerError, with the child ended, when it never will."""
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.running:
                raise self._error(f"ended with status {self._process.returncode} instead of starting")
            if time.monotonic() > deadline:
                self.kill()
                raise self._error(f"was not ready after {timeout:g} seconds")
            time.sleep(0.01)

    def stop(self, timeout: float = 20.0) -> None:
        """Ask it to end and wait; kill it when it does not within `timeout` seconds."""
        if not self.running:
            return
        self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        reaper.forget(self.pid)

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no time to tidy up."""
        if self.running:
            self._process.kill()
            self._process.wait()
            reaper.forget(self.pid)

    def _error(self, what: str) -> ServerError:
        text = tail(self.log, self._log_start)
        kind = PortTakenError if "Address already in use" in text else ServerError
        return kind(f"{self.name} {what}. The end of {self.log}:\n{text}")


def open_log(log: Path) -> BinaryIO:
    """Open a log for appending; only its owner may read it, since it may quote people's data."""
    return open(log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600))


def tail(log: Path, start: int = 0) -> str:
    """The last lines of what `log` holds from byte `start` on."""
    with log.open("rb") as lines:
        lines.seek(start)
        return "\n".join(lines.read().decode(errors="replace").splitlines()[-TAIL_LINES:])


def run(name: str, command: Sequence[str], log: Path) -> None:
    """Run a program to its end with its output in `log`, or raise ServerError with the end of that log."""
    with open_log(log) as out:
        start = out.tell()
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=plain_environment(),
            check=False,
        )
    if done.returncode != 0:
        raise ServerError(f"{name} failed with status {done.returncode}. The end of {log}:\n{tail(log, start)}")


def plain_environment() -> dict[str, str]:
    """The environment for a server: messages in English (they are read here), no PG* or LDAP* settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LDAP", "LC_"))}
    return kept | {"LC_ALL": "C.UTF-8"}


def on_free_port(launch: Callable[[int], T], port: int | None) -> T:
    """Call `launch` with the port wanted, or with free ports until one is not taken away meanwhile."""
    if port is not None:
        return launch(port)
    for _ in range(ATTEMPTS - 1):
        try:
            return launch(free_port())
        except PortTakenError:
            continue
    return launch(free_port())
