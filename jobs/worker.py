"""The worker process: works on queued runs, and tells the truth about runs whose worker died.

Heroku and most process managers stop a process with SIGTERM and kill it 30 seconds later: a run that still reads is
then given a few seconds to end and else left as interrupted; one that applies its plan is let finish.
"""

import logging
import signal
import sys
from types import FrameType
from typing import Any

from flask import Flask
from rq.job import Job
from rq.worker import HerokuWorker

from console import create_app, live, queue
from console.models import db
from console.settings import Settings, SettingsError
from console.store import runs
from jobs.interrupt import Interrupted

log = logging.getLogger(__name__)


class Worker(HerokuWorker):
    """An RQ worker that forks a process for each run, inside the application's context."""

    imminent_shutdown_delay = 5
    app: Flask

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        """Runs in the forked process, which must not share a database connection with its parent."""
        with self.app.app_context():
            db.engine.dispose(close=False)
            return bool(super().perform_job(*args, **kwargs))

    def request_force_stop_sigrtmin(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - RQ's signature
        """Raise where the run is; not RQ's own exception, which carries the local variables of the frame."""
        if _applying(frame):
            log.warning("stopping after the plan is applied")
            signal.alarm(1)
            return
        log.warning("stopping the run")
        raise Interrupted

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:  # noqa: ARG002
        """The forked process was killed: its run is interrupted, and the page shows it at once."""
        log.warning("the process of job %s ended with %s", job.id, ret_val)
        sweep(self.app)


def _applying(frame: FrameType | None) -> bool:
    """Whether the signal met the process between the first and the last statement of a plan's transaction."""
    while frame is not None:
        if frame.f_code.co_name == "_apply" and frame.f_globals.get("__name__") == "jobs.pipeline":
            return True
        frame = frame.f_back
    return False


def sweep(app: Flask) -> None:
    """Mark runs as interrupted whose process is gone."""
    with app.app_context():
        for run_id, domain_id in runs.sweep():
            log.warning("run %s was interrupted", run_id)
            live.tick(app.extensions["redis"], run_id, domain_id)
        db.session.remove()


def main() -> int:
    """Run a worker until it is told to stop. Exit status 2 for wrong settings."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        app = create_app(Settings.from_env())
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sweep(app)
    work(app)
    return 0


def work(app: Flask, *, burst: bool = False) -> None:
    """Work on queued runs; with `burst` until the queue is empty."""
    redis = app.extensions["redis"]
    worker = Worker([queue.queue(redis)], connection=redis)
    worker.app = app
    worker.work(burst=burst, with_scheduler=False, logging_level="WARNING")


if __name__ == "__main__":
    sys.exit(main())
