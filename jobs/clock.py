"""The clock process: starts the syncs that are due, and picks up what was lost.

Everything it does is a conditional UPDATE or harmless twice, so two clocks do no more than one.
"""

import contextlib
import datetime as dt
import logging
import signal
import sys
import threading
import time

from flask import Flask
from redis import Redis, RedisError

from console import create_app, live, logs, pulse, queue, sentry
from console.core.discovery import Ended
from console.core.errors import RefusedError
from console.core.imports import GRACE
from console.models import DatabaseError, RunKind, db, now
from console.settings import Settings, SettingsError
from console.store import (
    days,
    discovery,
    events,
    expiry,
    grace,
    notices,
    rejections,
    resets,
    runs,
    sessions,
    sightings,
    sources,
    uploads,
)
from jobs.worker import sweep

log = logging.getLogger(__name__)

TICK_SECONDS = 10
TIDY_SECONDS = 3600
# A job that no worker took up in this time may have been lost with Redis; to enqueue it again does no harm.
LOST_AFTER = dt.timedelta(minutes=2)
KEEP_REMARKS = dt.timedelta(days=30)
KEEP_UPLOADS = dt.timedelta(days=7)
KEEP_SIGHTINGS = dt.timedelta(days=90)
WARNED_BEFORE = dt.timedelta(days=2)
OVER = "Its time is over, as it was chosen. Turn it on again on its page if people are still missing from the list."


def tick(app: Flask, lost_after: dt.timedelta = LOST_AFTER) -> None:
    """Start each source that is due unless it is busy, sweep dead runs, and enqueue runs whose job was lost."""
    with app.app_context():
        redis: Redis = app.extensions["redis"]
        for source_id in sources.due():
            source = sources.take_turn(source_id)
            if source is None:
                continue
            try:
                run = runs.start(RunKind.SYNC, source.domain_id, source=source, title="by schedule", by_schedule=True)
            except RefusedError:
                log.info("source %s is due but busy", source_id)
            else:
                queue.start(redis, run)
        # While jobs wait, none of them is lost: there are only too few workers, and more jobs would not help.
        if queue.is_empty(redis):
            for run_id in runs.unstarted(lost_after):
                queue.start_id(redis, run_id)
            for notice_id in notices.due() if app.extensions["settings"].sends_mail else ():
                queue.send_notice(redis, notice_id)
        _discover(redis)
        db.session.remove()
    sweep(app)
    with contextlib.suppress(RedisError):
        pulse.beat(app.extensions["soon"])


def _discover(redis: Redis) -> None:
    """Turn Address Discovery off where its time is over, tell of ends that come, and have asked what is due."""
    for domain_id, _ in discovery.settle():
        live.tick_domain(redis, domain_id)
    for domain_id in discovery.over():
        if discovery.turn_off(domain_id, Ended.IN_TIME, notice=OVER):
            live.tick_domain(redis, domain_id)
    discovery.warn_of_ends(WARNED_BEFORE)
    for domain_id in discovery.at_work():
        queue.probe(redis, domain_id)


def tidy(app: Flask) -> None:
    """Drop what is of no use any more (remarks of old runs, notices that were sent long ago, uploaded files), disable
    users that a file left out and whose grace period is over, tell of secrets that are about to end, and count what
    lists were at the end of each day."""
    with app.app_context():
        runs.forget_remarks(now() - KEEP_REMARKS)
        notices.forget()
        sessions.forget()
        resets.forget()
        uploads.forget(now() - KEEP_UPLOADS)
        events.forget(now() - dt.timedelta(days=app.extensions["settings"].events_days))
        rejections.forget()
        sightings.forget(now() - KEEP_SIGHTINGS)
        days.count_ended(now().date())
        expiry.note()
        expiry.note_own(app.extensions["settings"].microsoft)
        for domain_id in grace.due(now() - GRACE):
            with contextlib.suppress(RefusedError):
                run = runs.start(RunKind.GRACE, domain_id, title="Grace period over")
                queue.start(app.extensions["redis"], run)
        db.session.remove()


def run(
    app: Flask, stop: threading.Event, seconds: float = TICK_SECONDS, lost_after: dt.timedelta = LOST_AFTER
) -> None:
    """Tick until told to stop; a database that is away for a while is waited for."""
    tidied = float("-inf")
    while not stop.is_set():
        try:
            tick(app, lost_after)
            if time.monotonic() - tidied >= TIDY_SECONDS:
                tidy(app)
                tidied = time.monotonic()
        except DatabaseError as error:
            log.warning("no tick: the database does not answer: %s", type(error).__name__)
        stop.wait(seconds)


def main() -> int:
    """Run the clock until SIGTERM. Exit status 2 for wrong settings."""
    try:
        settings = Settings.from_env()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    logs.start(settings.log_format)
    sentry.start(settings)
    app = create_app(settings)
    app.extensions["actor"] = lambda: events.BY_ITSELF
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    run(app, stop)
    return 0


if __name__ == "__main__":
    sys.exit(main())
