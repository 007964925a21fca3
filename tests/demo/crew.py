"""The processes of the Procfile, each with its log; one that ends by itself is started again."""

import re
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

import psutil

from tests.demo.local import LocalError
from tests.servers import reaper
from tests.servers.process import open_log

ROOT = Path(__file__).parent.parent.parent
PROCFILE = ROOT / "Procfile"
ONCE = "release"
"""The Procfile's name for what is done before the processes start: the migrations."""

EVERYWHERE = "0.0.0.0"
AT_ONCE = 5.0
"""Seconds; a process that lives shorter has not really started."""

TRIES = 3
STOP_SECONDS = 25.0
"""Longer than a worker needs to leave a run or to end applying it, and web to end its requests."""

SHOWN_AT_THE_END = 15

# Lines that only the log needs: web's requests, and what is said at the level of information.
_QUIET = re.compile(r"\S+ - \S+ \[|\[[^]]+\] \[\d+\] \[(INFO|DEBUG)\]|(INFO|DEBUG)\b")


def commands(listen: str) -> dict[str, str]:
    """The Procfile's processes by name. Its web process listens on every address, as platforms want it; here `listen`
    says where."""
    lines = (line.partition(":") for line in PROCFILE.read_text().splitlines() if line.strip())
    found = {name.strip(): command.strip() for name, _, command in lines if not name.startswith("#")}
    found.pop(ONCE, None)
    return {name: command.replace(f"{EVERYWHERE}:", f"{listen}:") for name, command in found.items()}


class Member:
    """One process of the crew, and what it writes: all of it to its log, what matters to `say` as well."""

    def __init__(
        self, name: str, command: str, environment: Mapping[str, str], log: Path, say: Callable[[str], None]
    ) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._environment = environment
        self._say = say
        self._last: deque[str] = deque(maxlen=SHOWN_AT_THE_END)
        self.hushed = False
        self._failures = 0
        self._start()

    @property
    def process(self) -> psutil.Popen:
        return self._process

    def look(self) -> None:
        """Start it again if it has ended. Raises LocalError when it ends right after each start."""
        status = self._process.poll()
        if status is None:
            return
        reaper.forget(self._process.pid)
        self._reader.join(timeout=1)
        self._failures = self._failures + 1 if time.monotonic() - self._started < AT_ONCE else 0
        if self._failures == TRIES:
            end = "\n".join(self._last)
            raise LocalError(f"{self.name} ends right after its start, with status {status}. It wrote:\n{end}")
        self._say(f"{self.name} ended with status {status} and is started again.")
        self._start()

    def _start(self) -> None:
        self._started = time.monotonic()
        self._process = psutil.Popen(
            ["/bin/sh", "-c", f"exec {self._command}"],
            cwd=ROOT,
            env=dict(self._environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that Ctrl-C reaches the runner alone, which stops all in order
        )
        reaper.watch(self._process.pid, signal.SIGTERM)
        self._reader = threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, output: IO[bytes]) -> None:
        with open_log(self.log) as log, output:
            for line in output:
                log.write(line)
                log.flush()
                text = line.decode(errors="replace").rstrip()
                self._last.append(text)
                if text and not self.hushed and not _QUIET.match(text):
                    self._say(f"{self.name}: {text}")


class Crew:
    """All of them. A context manager that stops them."""

    def __init__(self, listen: str, environment: Mapping[str, str], logs: Path, say: Callable[[str], None]) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self._members: list[Member] = []
        try:
            for name, command in commands(listen).items():
                log = logs / f"{name}.log"
                if log.exists():
                    log.replace(log.with_suffix(".log.1"))
                self._members.append(Member(name, command, environment, log, say))
        except BaseException:
            self.stop()
            raise

    @property
    def names(self) -> list[str]:
        return [member.name for member in self._members]

    def look(self) -> None:
        """Start again what has ended. Raises LocalError when that does not help."""
        for member in self._members:
            member.look()

    def stop(self) -> None:
        """Ask all of them to end, wait, and kill what is left of them and of their own children."""
        running = [member.process for member in self._members if member.process.poll() is None]
        family = set(running)
        for member in self._members:
            member.hushed = True  # That it is told to end, and does, is no news.
        for process in running:
            with suppress(psutil.NoSuchProcess):
                family.update(process.children(recursive=True))
                process.terminate()
        _, left = psutil.wait_procs(list(family), timeout=STOP_SECONDS)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for process in running:
            process.wait()
            reaper.forget(process.pid)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
