"""A small watcher process that stops the servers when the process that started them is gone.

Neither `atexit` nor a signal handler runs when a test run is killed with SIGKILL, and a server that lives on
keeps its port and its data folder. The watcher holds the read end of a pipe; the kernel closes the write end
however its owner ends. PR_SET_PDEATHSIG would not do: it fires when the thread that started the server ends,
not the process.
"""

import os
import signal
import subprocess
import sys
import threading
import time

GRACE = 10.0
"""Seconds between the polite signal and SIGKILL."""


class _Pipe:
    """The way to the watcher, which is started with the first server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._end: int | None = None

    def tell(self, line: str) -> None:
        with self._lock:
            if self._end is None:
                self._end = _start()
            os.write(self._end, line.encode())


_pipe = _Pipe()


def watch(pid: int, stop_signal: signal.Signals) -> None:
    """Have `pid` stopped with `stop_signal` when this process ends."""
    _pipe.tell(f"+ {pid} {stop_signal.value}\n")


def forget(pid: int) -> None:
    """`pid` has ended; its number may now belong to somebody else."""
    _pipe.tell(f"- {pid} 0\n")


def _start() -> int:
    """Start the watcher and return the write end of its pipe, which is not inherited by other programs."""
    read_end, write_end = os.pipe()
    try:
        subprocess.run(
            [sys.executable, "-I", "-S", __file__],
            stdin=read_end,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
            cwd="/",
        )
    finally:
        os.close(read_end)
    return write_end


def _main() -> None:
    """Detach, read lines until the owner is gone, then stop what it has left behind."""
    if os.fork():
        os._exit(0)
    os.setsid()
    watched: dict[int, int] = {}
    for line in sys.stdin:
        act, pid, stop_signal = line.split()
        if act == "+":
            watched[int(pid)] = int(stop_signal)
        else:
            watched.pop(int(pid), None)
    _stop(watched)


def _stop(watched: dict[int, int]) -> None:
    deadline = time.monotonic() + GRACE
    left = {pid for pid, stop_signal in watched.items() if _send(pid, stop_signal)}
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = {pid for pid in left if _send(pid, 0)}
    for pid in left:
        _send(pid, signal.SIGKILL)


def _send(pid: int, number: int) -> bool:
    """Whether there was such a process to signal."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    _main()
