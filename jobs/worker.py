"""The worker process: works on queued runs, and tells the truth about runs whose worker died.

Heroku and most process managers stop a process with SIGTERM and kill it 30 seconds later: a run that still reads is
then given a few seconds to end and else left as interrupted; one that applies its plan is let finish.
"""

import contextlib
import importlib
import logging
import signal
import sys
import time
from types import FrameType
from typing import Any

from flask import Flask
from redis import RedisError
from rq.job import Job
from rq.worker import HerokuWorker

from console import create_app, live, logs, queue, sentry
from console.models import DatabaseError, db
from console.settings import Settings, SettingsError
from console.store import events, runs
from jobs.interrupt import Interrupted

log = logging.getLogger(__name__)

# Loaded before the first run, since each run's process is forked from here and would else load it anew. The clock
# imports this module too, and has no use for it.
TASKS = "jobs.tasks"
RETRY_SECONDS = 2
# An idle worker says that it is alive every 15 seconds less than this, and counts as dead a minute after it.
ALIVE_SECONDS = 45
# How often, and how many seconds apart, a worker looks whether a killed process has let go of its run.
LOOKS, LOOK_SECONDS = 10, 0.2


class Worker(HerokuWorker):
    """An RQ worker that forks a process for each run, inside the application's context."""

    imminent_shutdown_delay = 5
    app: Flask
    told_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.told_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # it has no types

    def maintain_heartbeats(self, *args: Any, **kwargs: Any) -> None:
        """A run needs no Redis, so one that is away meanwhile does not end the process that waits for the run."""
        with contextlib.suppress(RedisError):
            super().maintain_heartbeats(*args, **kwargs)

    def perform_job(self, *args: Any, **kwargs: Any) -> bool:
        """Runs in the forked process, which must not share a database connection with its parent."""
        with self.app.app_context():
            db.engine.dispose(close=False)
            try:
                return bool(super().perform_job(*args, **kwargs))
            finally:
                sentry.flush()  # This process ends without telling Python.

    def request_force_stop_sigrtmin(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002 - RQ's signature
        """Raise where the run is; not RQ's own exception, which carries the local variables of the frame."""
        if _applying(frame):
            log.warning("stopping after the plan is applied")
            signal.alarm(1)
            return
        log.warning("stopping the run")
        raise Interrupted

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:  # noqa: ARG002
        """The forked process was killed: its run is interrupted, and the page shows it at once.

        PostgreSQL may notice later than we do, and keeps the run's lock until then.
        """
        log.warning("the process of job %s ended with %s", job.id, ret_val)
        for _ in range(LOOKS):
            if sweep(self.app):
                break
            time.sleep(LOOK_SECONDS)


def _applying(frame: FrameType | None) -> bool:
    """Whether the signal met the process between the first and the last statement of a plan's transaction."""
    while frame is not None:
        if frame.f_code.co_name == "_apply" and frame.f_globals.get("__name__") == "jobs.pipeline":
            return True
        frame = frame.f_back
    return False


def sweep(app: Flask) -> bool:
    """Mark runs as interrupted whose process is gone; whether there were any."""
    with app.app_context():
        swept = runs.sweep()
        for run_id, domain_id in swept:
            log.warning("run %s was interrupted", run_id)
            live.tick(app.extensions["redis"], run_id, domain_id)
        db.session.remove()
    return bool(swept)


def main() -> int:
    """Run a worker until it is told to stop. Exit status 2 for wrong settings."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.start(settings.log_format)
    sentry.start(settings)
    app = create_app(settings)
    app.extensions["actor"] = lambda: events.BY_ITSELF
    run(app)
    return 0


def run(app: Flask) -> None:
    """Work until told to stop; Redis and the database are waited for when they are away."""
    importlib.import_module(TASKS)
    while True:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: sys.exit(0))  # Until RQ puts its own there, and after it is done.
        try:
            sweep(app)
        except DatabaseError as error:
            log.warning("dead runs are not looked for: the database does not answer: %s", type(error).__name__)
        if work(app):
            return
        time.sleep(RETRY_SECONDS)


def ready(app: Flask) -> Worker:
    """A worker for all that waits. Raises RedisError."""
    redis = app.extensions["redis"]
    worker = Worker(queue.queues(redis), connection=redis, worker_ttl=ALIVE_SECONDS)
    worker.app = app
    return worker


def work(app: Flask) -> bool:
    """Work on queued runs: true when it was told to stop, false when it ended because Redis went away."""
    worker = None
    try:
        worker = ready(app)
        worker.work(with_scheduler=False, logging_level="WARNING")
    except RedisError as error:
        log.warning("Redis does not answer: %s", type(error).__name__)
    return worker is not None and worker.told_to_stop


if __name__ == "__main__":
    sys.exit(main())
