"""Rollcall's own processes, started as the Procfile says, to be stopped, killed and paused."""

import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from console.settings import Settings
from tests import forked, watch
from tests.servers import reaper
from tests.servers.ports import LOOPBACK, answers, free_port
from tests.servers.process import open_log, tail

ROOT = Path(__file__).parent.parent
T = TypeVar("T")


def until(look: Callable[[], T], what: str, seconds: float = 60.0) -> T:
    """The first true value of `look()`; AssertionError naming `what` when there is none in time, which is generous:
    a machine that is busy starts a process in ten times as long as others do."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} seconds: {what}")
        time.sleep(0.02)
    return found


class Program:
    """A process of Rollcall, with those that it forks. It never outlives the tests."""

    def __init__(self, name: str, command: Sequence[str], env: dict[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        with open_log(log) as out:
            self._process = _started(command, env, out)
        self.pid = self._process.pid
        reaper.watch(self.pid, signal.SIGTERM)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def said(self) -> str:
        """Everything in its log."""
        return self.log.read_text(errors="replace")

    def forked(self) -> list[int]:
        """The pids of the processes that it forked and that run now."""
        try:
            return [child.pid for child in psutil.Process(self.pid).children(recursive=True)]
        except psutil.NoSuchProcess:
            return []

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process itself alone."""
        self._process.send_signal(number)

    def send_all(self, number: signal.Signals) -> None:
        """Send a signal to the process and all that it forked, as Heroku does to a dyno."""
        for pid in [*self.forked(), self.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self) -> None:
        """End it and all that it forked as a power cut would."""
        self.send_all(signal.SIGKILL)
        self._ended(5)

    def pause(self) -> None:
        """Stop it where it is, as on a machine without a free moment; what it forked goes on."""
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)

    def wait(self, seconds: float) -> int:
        """Its exit status; AssertionError with the end of its log when it goes on."""
        try:
            return self._ended(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end in {seconds:g} seconds:\n{tail(self.log)}") from None

    def stop(self) -> None:
        """Ask it to end; kill it, and what it forked, when it takes longer than a moment."""
        if not self.running:
            return
        self.resume()
        self.send(signal.SIGTERM)
        try:
            self._ended(3)
        except subprocess.TimeoutExpired:
            self.kill()

    def _ended(self, seconds: float) -> int:
        status = self._process.wait(seconds)
        reaper.forget(self.pid)
        return status


def _started(command: Sequence[str], env: dict[str, str], out: BinaryIO) -> forked.Forked | subprocess.Popen[bytes]:
    """Start a command; what this Python would only load first is forked from where it is loaded already."""
    if command[:2] == (sys.executable, "-m"):
        return forked.start(command[2], command[3:], env, out.fileno())
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


class Web(Program):
    """A web process, on a port of this machine."""

    port = 0

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def answers(self) -> bool:
        """Whether it answers; AssertionError with its log when it has ended."""
        assert self.running, self.said
        try:
            with urlopen(f"{self.url}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False


class Perimeter(Program):
    """A perimeter process, on two ports of this machine."""

    policy_port = 0
    socketmap_port = 0

    def listens(self) -> bool:
        """Whether both doors are open; AssertionError with its log when it has ended."""
        assert self.running, self.said
        return answers(self.policy_port) and answers(self.socketmap_port)


@dataclass
class Deployment:
    """The processes on one database and one Redis, with their logs in a folder. Leaving it stops them all."""

    settings: Settings
    folder: Path
    programs: list[Program] = field(default_factory=list)

    def web(self, *options: str, port: int | None = None, **more: str) -> "Web":
        """A web process that answers, on a free port if none is given.

        `options` are further ones for gunicorn, `more` variables of its environment.
        """
        command = f"exec {procfile('web').replace('0.0.0.0', LOOPBACK)} {shlex.join(options)}"
        port = port or free_port()
        env = {**environment(self.settings), "PORT": str(port), "WEB_CONCURRENCY": "1", **more}
        web = Web("web", ["sh", "-c", command], env, self._log("web"))
        self.programs.append(web)
        web.port = port
        until(web.answers, "the web process answers")
        return web

    def worker(self, **more: str) -> Program:
        return self.start("worker", *_program("worker"), **more)

    def clock(self) -> Program:
        return self.start("clock", *_program("clock"))

    def perimeter(self, policy_port: int = 0, socketmap_port: int = 0, **variables: str) -> "Perimeter":
        """A perimeter that listens, on free ports unless they are given."""
        ports = (policy_port or free_port(), socketmap_port or free_port())
        listen = [f"{LOOPBACK}:{port}" for port in ports]
        more = {"PERIMETER_POLICY_LISTEN": listen[0], "PERIMETER_SOCKETMAP_LISTEN": listen[1]}
        command = _program("perimeter")
        env = {**environment(self.settings), **more, **variables}
        perimeter = Perimeter("perimeter", command, env, self._log("perimeter"))
        self.programs.append(perimeter)
        perimeter.policy_port, perimeter.socketmap_port = ports
        until(perimeter.listens, "the perimeter listens")
        return perimeter

    def start(self, name: str, *command: str, **more: str) -> Program:
        """Start any command with the environment of a deployment, `more` added to it."""
        self.programs.append(Program(name, command, {**environment(self.settings), **more}, self._log(name)))
        return self.programs[-1]

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}-{len(self.programs)}.log"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for program in self.programs:
            program.stop()
        for program in self.programs if error is None else ():
            watch.check(program.said, f"the log of {program.name}")
        if error is not None:
            for program in self.programs:
                print(f"--- the end of {program.log}\n{tail(program.log)}")


def procfile(name: str) -> str:
    """The command of a process in the Procfile."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return next(line.partition(": ")[2] for line in lines if line.startswith(f"{name}: "))


def _program(name: str) -> tuple[str, ...]:
    """The words of a process in the Procfile, its Python as this one."""
    first, *words = shlex.split(procfile(name))
    assert first == "python", "it is no module of ours"
    return (sys.executable, *words)


def environment(settings: Settings) -> dict[str, str]:
    """The environment variables that say what the settings say, and the path to the programs of this Python."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": settings.secret_key,
        "SEALING_KEYS": ",".join(settings.sealing_keys),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "ALLOW_LOCAL_TARGETS": "1" if settings.allow_local_targets else "0",
    }
