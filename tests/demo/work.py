"""Runs of the sample's sources, done by the workers as any other."""

import time
from collections.abc import Callable

from flask import current_app

from console import queue
from console.models import Admin, Run, RunKind, RunState, Source, db
from console.store import runs

RUN_SECONDS = 120.0
LOOK_SECONDS = 0.1

Watch = Callable[[], None]
"""Called while waiting: raises when it is not worth waiting on."""

Say = Callable[[str], None]


class CompanyError(RuntimeError):
    """The sample could not be loaded to its end; the message says why."""


def work(kind: RunKind, source: Source, owner: Admin, watch: Watch) -> Run:
    """Let a worker do a run of the source to its end, approving it if it waits. Raises CompanyError."""
    run_id, source_id = _begin(kind, source, owner), source.id
    run = _ended(run_id, watch)
    if run.state == RunState.NEEDS_APPROVAL and runs.approve(run_id):
        queue.start(current_app.extensions["redis"], run)
        run = _ended(run_id, watch)
    if run.state != RunState.SUCCEEDED:
        raise CompanyError(f"The {kind.value} of source {source_id} {run.state}: {run.error or 'see its page'}")
    return run


def _begin(kind: RunKind, source: Source, owner: Admin) -> int:
    run = runs.start(kind, source.domain_id, source=source, admin=owner, title="sample")
    queue.start(current_app.extensions["redis"], run)
    return run.id


def _ended(run_id: int, watch: Watch) -> Run:
    """The run as it is when it has ended or waits for approval. Raises CompanyError when it takes too long."""
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        watch()
        db.session.rollback()
        run = runs.get(run_id)
        if run is None:
            raise CompanyError("Somebody deleted the sample domain while it was loaded.")
        if not run.is_working:
            return run
        time.sleep(LOOK_SECONDS)
    raise CompanyError(f"No worker ended run {run_id} within {RUN_SECONDS:.0f} seconds.")
