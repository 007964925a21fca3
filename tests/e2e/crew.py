"""Workers and fast clocks as one process that loads the program, which is most of a start, and forks each of them.

Arguments: how many workers, and how many clocks. It ends when one of them does, and ends the others.
"""

import os
import signal
import sys
from collections.abc import Callable

from console import create_app
from console.settings import Settings
from jobs import worker
from tests.e2e import fast_clock


def main() -> int:
    workers, clocks = map(int, sys.argv[1:])
    crew = [_forked(_work) for _ in range(workers)] + [_forked(fast_clock.main) for _ in range(clocks)]

    def end(*_: object) -> None:
        for pid in crew:
            os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    first, status = os.wait()
    crew.remove(first)
    end()
    for pid in crew:
        os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _forked(work: Callable[[], object]) -> int:
    if pid := os.fork():
        return pid
    try:
        work()
    finally:
        os._exit(0)


def _work() -> None:
    worker.run(create_app(Settings.from_env()))


if __name__ == "__main__":
    sys.exit(main())
