"""Processes of Rollcall that are forked from one that has loaded the program, since loading is most of a start.

What is forked runs a module's `main` in an environment, a folder, a session and with a log of its own, as if Python
had been started with `-m`; `make demo` and its tests start everything the long way. A thread or a connection of the
tests' own process is not inherited, which is why that process does not fork them itself.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import logging
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOADED = (
    *("console.web", "console.cli", "flask_migrate", "whitenoise", "jobs.tasks", "jobs.worker", "jobs.clock"),
    "jobs.perimeter.__main__",
)
LONGEST = 65536
"""Bytes of a message."""


class Forked:
    """A process, with what subprocess.Popen has of one."""

    def __init__(self, nursery: "_Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid

    def poll(self) -> int | None:
        return self._nursery.status(self.pid)

    def wait(self, timeout: float) -> int:
        """Its exit status. Raises TimeoutExpired as subprocess does."""
        deadline = time.monotonic() + timeout
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired(str(self.pid), timeout)
            time.sleep(0.01)
        return status

    def send_signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


def start(module: str, arguments: Sequence[str], env: dict[str, str], log: int) -> Forked:
    """Run a module's `main` in a new process, its output in the open file `log`."""
    nursery = _nursery()
    return Forked(nursery, nursery.fork({"module": module, "arguments": list(arguments), "env": env}, log))


class _Nursery:
    """The way to the process that forks, which ends with this one."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-m", "tests.forked", str(theirs.fileno())]
        # It leaves its parent at once, so that nobody has to wait for its end.
        subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], check=True)
        theirs.close()
        self._ended: dict[int, int] = {}
        self._lock = threading.Lock()
        atexit.register(self._line.close)

    def fork(self, wanted: dict[str, object], log: int) -> int:
        with self._lock:
            socket.send_fds(self._line, [json.dumps(wanted).encode()], [log])
            self._line.setblocking(True)
            while "pid" not in (told := self._hear()):
                self._ended[told["ended"]] = told["status"]
            self._ended.pop(told["pid"], None)
            return told["pid"]

    def status(self, pid: int) -> int | None:
        with self._lock:
            self._line.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while told := self._hear():
                    self._ended[told["ended"]] = told["status"]
            return self._ended.get(pid)

    def _hear(self) -> dict[str, int]:
        said = self._line.recv(LONGEST)
        assert said, "the process that forks others has ended"
        told: dict[str, int] = json.loads(said)
        return told


@functools.cache
def _nursery() -> _Nursery:
    return _Nursery()


def _main(line: socket.socket) -> None:
    """Load the program, then fork what is asked for and tell how each ended, until nobody asks any more."""
    if os.fork():
        os._exit(0)
    os.setsid()
    for name in LOADED:
        importlib.import_module(name)
    gc.freeze()  # so that a collection in what is forked does not copy all of it
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    with selectors.DefaultSelector() as selector:
        for file in (woken, line.fileno()):
            selector.register(file, selectors.EVENT_READ)
        while True:
            ready = {key.fd for key, _ in selector.select()}
            try:
                if woken in ready:
                    os.read(woken, LONGEST)
                    _tell_ends(line)
                if line.fileno() in ready and not _fork(line, (woken, wakes)):
                    return
            except ConnectionError:
                return


def _tell_ends(line: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while (found := os.waitpid(-1, os.WNOHANG))[0]:
            line.send(json.dumps({"ended": found[0], "status": os.waitstatus_to_exitcode(found[1])}).encode())


def _fork(line: socket.socket, pipe: tuple[int, int]) -> bool:
    """Fork what is asked for; false when nobody is there any more."""
    asked, files, _, _ = socket.recv_fds(line, LONGEST, 1)
    if not asked:
        return False
    pid = os.fork()
    if not pid:
        line.close()
        _become(json.loads(asked), files[0], pipe)
    os.close(files[0])
    line.send(json.dumps({"pid": pid}).encode())
    return True


def _become(wanted: dict[str, object], log: int, pipe: tuple[int, int]) -> None:
    """Be the process that was asked for, to its end."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        for output in (1, 2):
            os.dup2(log, output)
        for file in (log, *pipe):
            os.close(file)
        module, arguments, env = wanted["module"], wanted["arguments"], wanted["env"]
        assert isinstance(module, str)
        assert isinstance(arguments, list)
        assert isinstance(env, dict)
        os.environ.clear()
        os.environ.update(env)
        sys.argv[:] = [module, *arguments]
        found = importlib.import_module(module)
        sys.exit((importlib.import_module(f"{module}.__main__") if hasattr(found, "__path__") else found).main())
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        traceback.print_exc()
    finally:
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _main(socket.socket(fileno=int(sys.argv[1])))
