"""Runs and their states. A state changes only by a conditional UPDATE, so two workers cannot run one run."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from console.core.errors import RefusedError
from console.core.plan import Plan
from console.models import OPEN, WORKING, Admin, EventKind, Issue, Run, RunKind, RunState, Source, db, now
from console.store import decided, driver, locks
from console.store.apply import new_ids, record

INTERRUPTED = "The worker stopped before this run had ended. Nothing was changed: run it again."
READERS = (RunKind.TEST, RunKind.PREVIEW)


def start(
    kind: RunKind,
    domain_id: int,
    *,
    source: Source | None = None,
    admin: Admin | None = None,
    title: str = "",
    undoes: Run | None = None,
    by_schedule: bool = False,
) -> Run:
    """A queued run, committed; the caller enqueues it then. Raises RefusedError while another one is open."""
    run = Run(
        kind=kind.value,
        domain_id=domain_id,
        source_id=source.id if source else None,
        admin_id=admin.id if admin else None,
        undoes_id=undoes.id if undoes else None,
        title=title,
        by_schedule=by_schedule,
        stage="queued",
    )
    db.session.add(run)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError("This source is busy with another run. Wait until it has ended, or cancel it.") from None
    return run


def open_run(source_id: int, kind: RunKind) -> Run | None:
    """The run that a start of this kind would meet: it has not ended, and no second one may be open beside it."""
    query = select(Run).where(Run.source_id == source_id, Run.state.in_(OPEN))
    query = query.where(Run.kind == kind) if kind in READERS else query.where(Run.kind.not_in(READERS))
    return db.session.scalars(query).first()


def get(run_id: int) -> Run | None:
    """A run as it stands in the database now, whatever the session remembers. For workers; pages use `visible`."""
    return db.session.get(Run, run_id, populate_existing=True)


def visible(admin: Admin, run_id: int) -> Run | None:
    """The run, if the administrator may see its domain."""
    run = db.session.scalars(
        select(Run)
        .where(Run.id == run_id)
        .options(joinedload(Run.domain), joinedload(Run.source), joinedload(Run.admin))
    ).one_or_none()
    if run is None or (admin.limited and run.domain not in admin.domains):
        return None
    return run


@contextmanager
def held(run_id: int) -> Iterator[bool]:
    """Hold the run's advisory lock on a connection of its own for as long as a process works on it.

    PostgreSQL frees it the moment the process dies, however it dies, which is how a sweep tells a dead run from a
    slow one. False when another process holds it.
    """
    with locks.held(locks.RUNS + run_id) as mine:
        yield mine


def claim(run_id: int) -> bool:
    """Take a queued run into hand: true for exactly one caller."""
    return _move(run_id, (RunState.QUEUED,), RunState.RUNNING, started_at=now(), stage="starting", done=0)


def progress(run_id: int, stage: str, done: int, total: int | None) -> bool:
    """Note how far a run has come, and commit; true while nobody asked for it to be cancelled."""
    asked = db.session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == RunState.RUNNING)
        .values(stage=stage, done=done, total=total)
        .returning(Run.cancel_requested)
    ).scalar_one_or_none()
    db.session.commit()
    return asked is False


def note_beside(run_id: int, stage: str, done: int) -> None:
    """Note how far an applying run has come, beside the transaction in which it changes the list."""
    with db.engine.begin() as connection:
        applying = Run.id == run_id, Run.state == RunState.APPLYING
        connection.execute(update(Run).where(*applying).values(stage=stage, done=done))


def read_as(run_id: int, reading: str, why: str) -> None:
    """Note how a run read its source ("full" or "changes"), and why in full where changes were asked for; commits."""
    db.session.execute(update(Run).where(Run.id == run_id).values(reading=reading, reading_why=why))
    db.session.commit()


def applying(run_id: int) -> bool:
    """From here on the run can no longer be cancelled; false if it was, or is no longer ours."""
    moved = db.session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == RunState.RUNNING, Run.cancel_requested.is_(False))
        .values(state=RunState.APPLYING, stage="applying")
    )
    db.session.commit()
    return _rows(moved) == 1


def again(run_id: int) -> bool:
    """Back from applying to reading: the list had changed, and nothing was written."""
    return _move(run_id, (RunState.APPLYING,), RunState.RUNNING)


def succeed(run_id: int, **values: Any) -> None:
    """End a run well, in the caller's transaction: what it wrote and its state are committed as one."""
    moved = db.session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state.in_(WORKING))
        .values(state=RunState.SUCCEEDED, stage="", ended_at=now(), **values)
    )
    if _rows(moved) != 1:
        raise RefusedError("This run had ended already, so it changed nothing.")


def fail(run_id: int, sentence: str, detail: str = "") -> bool:
    """End a run that could not be done; the list is as it was."""
    return _move(run_id, tuple(WORKING), RunState.FAILED, error=sentence, error_detail=detail, ended_at=now())


def interrupt(run_id: int, sentence: str) -> bool:
    """End a run whose worker stopped; the list is as it was, and it can be run again."""
    return _move(run_id, tuple(WORKING), RunState.INTERRUPTED, error=sentence, ended_at=now())


def cancelled(run_id: int) -> bool:
    """End a run that a person cancelled."""
    return _move(run_id, tuple(WORKING), RunState.CANCELLED, ended_at=now(), stage="")


def wait(run_id: int, plan: Plan, reasons: Sequence[str], trial: dict[str, Any] | None = None) -> bool:
    """Keep a plan for a person to approve or discard, and commit; false, with nothing kept, if it was cancelled.

    `trial` is what else there is to look at before.
    """
    more = {} if trial is None else {"trial": driver.plain_json(trial)}
    moved = db.session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == RunState.RUNNING, Run.cancel_requested.is_(False))
        .values(state=RunState.NEEDS_APPROVAL, counts=plan.counts, waits_because=list(reasons), stage="", **more)
    )
    if _rows(moved) != 1:
        db.session.rollback()
        return False
    # New users have their ids from here on, so that the plan can be applied as it stands on record.
    record(run_id, plan.steps, ids=new_ids(plan.steps))
    remark(run_id, plan)
    db.session.commit()
    return True


def keep(run_id: int, plan: Plan) -> None:
    """Store a plan's steps and remarks with its run, in the caller's transaction."""
    record(run_id, plan.steps)
    remark(run_id, plan)


def remark(run_id: int, plan: Plan) -> None:
    """Store what a plan skipped and noted, in the caller's transaction."""
    command = "copy issues (run_id, place, what, why) from stdin"
    with driver.cursor() as cursor, cursor.copy(command) as copy:
        for issue in (*plan.skips, *plan.notes):
            copy.write_row((run_id, driver.plain(issue.where), driver.plain(issue.what), issue.why))


def approve(run_id: int) -> bool:
    """Queue a waiting run so that a worker applies the plan that was shown.

    False as well for an import that has no plan yet, since nobody has said what its columns are.
    """
    moved = db.session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == RunState.NEEDS_APPROVAL)
        .where(Run.trial["needs_columns"].as_boolean().is_not(True))
        .values(state=RunState.QUEUED, approved=True, stage="queued")
    )
    return decided.note(run_id, EventKind.APPROVED, done=_rows(moved) == 1)


def anew(run_id: int) -> bool:
    """Back from applying what was approved to reading: the list had changed, and nothing was written."""
    return _move(run_id, (RunState.APPLYING,), RunState.RUNNING, approved=False, stage="starting")


def discard(run_id: int) -> bool:
    """End a waiting run without doing what it planned."""
    moved = _moved(run_id, (RunState.NEEDS_APPROVAL,), RunState.DISCARDED, ended_at=now())
    return decided.note(run_id, EventKind.DISCARDED, done=moved)


def cancel(run_id: int) -> bool:
    """End a queued run, or ask the worker of a running one to stop; false once it applies or has ended."""
    if _moved(run_id, (RunState.QUEUED,), RunState.CANCELLED, ended_at=now(), stage=""):
        return decided.note(run_id, EventKind.CANCELLED, done=True)
    asked = db.session.execute(
        update(Run).where(Run.id == run_id, Run.state == RunState.RUNNING).values(cancel_requested=True)
    )
    return decided.note(run_id, EventKind.CANCELLED, done=_rows(asked) == 1)


def sweep() -> list[tuple[int, int]]:
    """Mark runs as interrupted whose process is gone; the run and domain ids of those that were."""
    working = db.session.execute(select(Run.id, Run.domain_id).where(Run.state.in_(WORKING))).all()
    db.session.commit()
    swept = []
    for run_id, domain_id in working:
        with held(run_id) as mine:
            if mine and interrupt(run_id, INTERRUPTED):
                swept.append((run_id, domain_id))
    return swept


def unstarted(older_than: dt.timedelta) -> Sequence[int]:
    """Queued runs that no worker took up in a while: their job may be lost, and to enqueue them again does no harm."""
    return db.session.scalars(
        select(Run.id).where(Run.state == RunState.QUEUED, Run.created_at < now() - older_than).order_by(Run.id)
    ).all()


def first_sync(source_id: int) -> bool:
    """Whether no sync of this source has been applied yet."""
    done = select(Run.id).where(Run.source_id == source_id, Run.kind == RunKind.SYNC, Run.state == RunState.SUCCEEDED)
    return db.session.scalars(done.limit(1)).first() is None


def last_read(source_id: int) -> int | None:
    """How many entries the last full read of this source had: the "about" in a progress bar."""
    counts = db.session.scalars(
        select(Run.counts)
        .where(
            Run.source_id == source_id,
            Run.kind.in_((RunKind.SYNC, RunKind.PREVIEW)),
            Run.state == RunState.SUCCEEDED,
            Run.reading == "full",
        )
        .order_by(Run.id.desc())
        .limit(1)
    ).first()
    return int(counts["read"]) if counts and counts.get("read") else None


def forget_remarks(before: dt.datetime) -> None:
    """Drop the remarks of runs that ended long ago: hourly runs repeat them, and the counts stay with the run."""
    old = select(Run.id).where(Run.ended_at < before)
    db.session.execute(delete(Issue).where(Issue.run_id.in_(old)))
    db.session.commit()


def _move(run_id: int, states: Sequence[RunState], to: RunState, **values: Any) -> bool:
    moved = _moved(run_id, states, to, **values)
    db.session.commit()
    return moved


def _moved(run_id: int, states: Sequence[RunState], to: RunState, **values: Any) -> bool:
    change = update(Run).where(Run.id == run_id, Run.state.in_(states)).values(state=to, **values)
    return _rows(db.session.execute(change)) == 1


def _rows(result: Any) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
