"""The clock with a short day, as a process: it ticks ten times a second and takes a run for lost after a moment."""

import datetime as dt
import signal
import sys
import threading

from console import create_app
from console.settings import Settings
from jobs import clock

SECONDS = 0.1


def main() -> int:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    clock.run(create_app(Settings.from_env()), stop, SECONDS, dt.timedelta(seconds=0.5))
    return 0


if __name__ == "__main__":
    sys.exit(main())
