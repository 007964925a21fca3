"""Start a run and see it to its end: in this process by default, so that no worker and no Redis is needed."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

import click
from flask import Flask, current_app

from console import queue
from console.cli.output import note
from console.core.errors import RefusedError
from console.models import WORKING, DatabaseError, Run, RunKind, RunState, Source
from console.store import runs

F = TypeVar("F", bound=Callable[..., Any])

LOOK_SECONDS = 0.2
STOPPED = "It was stopped on the command line before it had ended. Nothing was changed: run it again."
NOT_TOLD = (
    "Redis does not answer, so no worker was told. The run stays queued, and the clock hands it on when Redis is back."
)
STAGES = {"binding": "signing in"}


def run_options(command: F) -> F:
    """Gives a command --queue and --quiet, as the arguments `queued` and `quiet`."""
    command = click.option("--quiet", is_flag=True, help="Show no progress on standard error.")(command)
    return click.option("--queue", "queued", is_flag=True, help="Hand the run to a worker, and do not wait.")(command)


def begin(kind: RunKind, source: Source) -> Run:
    """A new run of a source. One of the same kind that still waits for a worker is taken instead: it is the same work.

    Raises RefusedError while another run of the source is in the way.
    """
    runs.sweep()
    try:
        return runs.start(kind, source.domain_id, source=source, title="from the command line")
    except RefusedError:
        busy = runs.open_run(source.id, kind)
    if busy is None:
        raise RefusedError("This source was busy until a moment ago: try again.")
    if busy.kind == kind and busy.state == RunState.QUEUED:
        note(f"Run {busy.id} waited for a worker and is taken up.")
        return busy
    if busy.state == RunState.NEEDS_APPROVAL:
        raise RefusedError(
            f"Run {busy.id} of this source waits for approval. Decide first: flask runs approve {busy.id}, "
            f"or flask runs discard {busy.id}"
        )
    raise RefusedError(f"This source is busy with run {busy.id}. Wait until it has ended.")


def begin_undo(run: Run) -> Run:
    """A run that takes another one back. Raises RefusedError for a run that changed nothing."""
    if run.kind in (RunKind.TEST, RunKind.PREVIEW, RunKind.CHECK) or run.state != RunState.SUCCEEDED:
        raise RefusedError(f"Run {run.id} changed nothing, so there is nothing to take back.")
    runs.sweep()
    title = f"Take back run {run.id}, from the command line"
    return runs.start(RunKind.UNDO, run.domain_id, source=run.source, undoes=run, title=title)


def carry_out(run: Run, *, queued: bool, quiet: bool) -> str | None:
    """Hand the run to a worker, or do it here to its end. A sentence if it could not be handed over."""
    if queued:
        with without_redis_warnings():
            return None if queue.start(current_app.extensions["redis"], run) else NOT_TOLD
    with without_redis_warnings(), _Watch(run.id, quiet):
        _work(run)
    return None


def _work(run: Run) -> None:
    """Do it here; if another process has it, wait for that one."""
    run_id = run.id
    try:
        while True:
            queue.run_here(run)
            now = runs.get(run_id)
            if now is None or not now.is_working:
                return
            time.sleep(LOOK_SECONDS)
            runs.sweep()
    except KeyboardInterrupt:
        runs.interrupt(run_id, STOPPED)
        raise


def stage_line(run: Run) -> str:
    """Where a run stands, as a line: reading 1,500 of about 5,200."""
    stage = STAGES.get(run.stage, run.stage)
    if run.stage == "asking" and run.total:
        return f"{stage} {run.done:,} of {run.total:,}"
    if run.stage != "reading" or not run.done:
        return stage
    about = f" of about {run.total:,}" if run.total and run.total >= run.done else ""
    return f"{stage} {run.done:,}{about}"


class _Watch:
    """Shows on standard error how far a run has come, as its row tells it, while this process works on it."""

    def __init__(self, run_id: int, quiet: bool) -> None:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self._app = app
        self._run_id = run_id
        self._ended = threading.Event()
        self._thread = None if quiet else threading.Thread(target=self._look, daemon=True)
        self._shown = ""

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread:
            self._thread.join()

    def _look(self) -> None:
        while not self._ended.is_set():
            try:
                with self._app.app_context():
                    run = runs.get(self._run_id)
                    line = stage_line(run) if run is not None and run.state in WORKING else ""
            except DatabaseError:
                return  # Whoever works on the run meets the same trouble, and tells of it.
            if line and line != self._shown:
                self._shown = line
                note(f"Run {self._run_id}: {line}")
            self._ended.wait(LOOK_SECONDS)


@contextmanager
def without_redis_warnings() -> Iterator[None]:
    """A command needs no Redis, so that it is away is not worth a warning for every step."""
    loggers = [logging.getLogger(name) for name in ("console.live", "console.queue")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
