"""fetch -> reconcile -> guard -> apply: the imperative shell around the rules."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from redis import Redis

from console import live
from console.core.errors import RefusedError, StaleError
from console.core.guard import Limits, guard
from console.core.imports import expired
from console.core.person import Origin, Reject, Snapshot
from console.core.plan import Plan
from console.core.reconcile import Rules, concerned, reconcile
from console.models import NoticeKind, Run, RunKind, Source, db, now
from console.store import conflicts, domains, notices, roster, runs, sources, uploads
from console.store.apply import apply
from console.store.kept import apply_kept
from jobs import watermark
from jobs.garbage import uncollected
from jobs.interrupt import Cancelled
from jobs.sources.source import Source as Adapter

# A progress bar that moves three times a second is live enough, and each step of it is a commit.
STEP_SECONDS = 0.3
ATTEMPTS = 3


@dataclass
class Progress:
    """Notes on the run's row how far it has come, tells the pages, and raises Cancelled when a person asked for it."""

    redis: Redis
    run_id: int
    domain_id: int
    about: int | None = None
    _stage: str = ""
    _noted: float = field(default=0.0)

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None:
        at = time.monotonic()
        if stage == self._stage and at - self._noted < STEP_SECONDS:
            return
        self._stage, self._noted = stage, at
        going_on = runs.progress(self.run_id, stage, done, total or self.about)
        live.tick(self.redis, self.run_id, self.domain_id)
        if not going_on:
            raise Cancelled

    def beside(self, stage: str, done: int) -> None:
        """The same for what is changing the list: beside its transaction, and no longer to be cancelled."""
        at = time.monotonic()
        if stage == self._stage and at - self._noted < STEP_SECONDS:
            return
        self._stage, self._noted = stage, at
        runs.note_beside(self.run_id, stage, done)
        live.tick(self.redis, self.run_id, self.domain_id)


def execute(run: Run, adapter: Adapter | None, progress: Progress) -> None:
    """Do what a claimed run is for. Raises SourceError, StaleError, RefusedError, Cancelled with the list unchanged."""
    if run.kind == RunKind.GRACE:
        _expire(run, progress)
    elif run.approved:
        _apply(run, None, progress)
    elif adapter is None or run.source is None:
        raise RefusedError("The source of this run was deleted, so there is nothing to read.")
    elif run.kind == RunKind.TEST:
        _test(run, adapter, progress)
    else:
        _sync(run, run.source, adapter, progress)


def _test(run: Run, adapter: Adapter, progress: Progress) -> None:
    trial = adapter.test(progress)
    found = {
        "facts": [list(fact) for fact in trial.facts],
        "found": trial.found,
        "samples": list(trial.samples),
        "warnings": list(trial.warnings),
    }
    runs.succeed(run.id, trial=found, counts={"read": trial.found})
    db.session.commit()


@uncollected()
def _sync(run: Run, source: Source, adapter: Adapter, progress: Progress) -> None:
    """Read what there is to read, then decide: what it means is worked out anew when the list changed under it."""
    start = watermark.start(run, source)
    snapshot = adapter.fetch(progress, start.since)
    why = start.why or snapshot.instead
    for attempt in range(1, ATTEMPTS + 1):
        version = start.list_version if snapshot.changes else domains.list_version(source.domain_id)
        plan = plan_for(source, snapshot)
        if snapshot.changes and (doubt := watermark.too_little(source, plan)):
            snapshot, why = adapter.fetch(progress), doubt
            version = domains.list_version(source.domain_id)
            plan = plan_for(source, snapshot)
        runs.read_as(run.id, "changes" if snapshot.changes else "full", why)
        progress("comparing", snapshot.read, snapshot.read)
        reasons = reasons_to_wait(source, plan, partial=snapshot.changes)
        if run.kind == RunKind.PREVIEW:
            runs.keep(run.id, plan)
            runs.succeed(run.id, counts=plan.counts, waits_because=list(reasons))
            db.session.commit()
            return
        if reasons:
            sources.succeeded(source.id)
            notices.note(NoticeKind.WAITING, source, run=run, detail="\n".join(reasons))
            if not runs.wait(run.id, plan, reasons):
                raise Cancelled
            return
        try:
            _apply(run, plan, progress, Read(source, snapshot, version))
        except StaleError:
            if attempt == ATTEMPTS:
                raise
            runs.again(run.id)
        else:
            return


@dataclass(frozen=True, slots=True)
class Read:
    """What a plan was made from: a snapshot of a source, and the list as of a version (that of the last sync, for
    changes: what others did to the list since was not looked at)."""

    source: Source
    snapshot: Snapshot
    list_version: int

    def keep(self, plan: Plan) -> None:
        """Note where the source's next read starts, in the transaction that applies the plan.

        When somebody else changed the list since this plan was made, or absence had to mean nothing, the next read
        is in full.
        """
        version = domains.list_version(self.source.domain_id)
        mine = version == self.list_version + bool(plan.writes)
        trusted = mine and not sources.failing_beside(self.source)
        held = watermark.kept(self.source, self.snapshot, version) if trusted else None
        sources.mark(self.source.id, held, full=not self.snapshot.changes)


def plan_for(source: Source, snapshot: Snapshot) -> Plan:
    """The plan that a source's snapshot makes for its domain now."""
    failing = sources.failing_beside(source)
    rules = Rules(
        domain=source.domain.name,
        alias_domains=frozenset(source.domain.aliases),
        group_id=source.group_id,
        origin=Origin.SOURCE,
        source_id=source.id,
        source_name=source.label,
        grace=dt.timedelta(days=source.grace_days),
        removes=not failing,
        kept=conflicts.kept(source.id),
        now=now(),
    )
    if snapshot.changes:
        users = roster.near(source.domain_id, source.id, *concerned(snapshot, rules))
    else:
        users = roster.of_domain(source.domain_id)
    db.session.commit()
    plan = reconcile(snapshot, users, rules)
    if failing:
        said = f"Nobody is removed while {', '.join(failing)} cannot be read."
        plan = replace(plan, notes=(Reject("", source.label, said), *plan.notes))
    return plan


def reasons_to_wait(source: Source, plan: Plan, *, partial: bool = False) -> tuple[str, ...]:
    """Why the plan must wait for a person, by the source's own limits."""
    return guard(
        plan,
        owned=sources.owned(source.id),
        first_run=runs.first_sync(source.id),
        review_first=source.mode == "review",
        limits=Limits(source.guard_percent, source.guard_owned_from),
        partial=partial,
    )


def write(run: Run, plan: Plan | None, progress: Progress, also: Callable[[], object]) -> None:
    """Write a plan, or the one that was kept with the run, and what else belongs to it, and end the run."""
    _apply(run, plan, progress, also=also)


def _apply(
    run: Run,
    plan: Plan | None,
    progress: Progress,
    read: Read | None = None,
    *,
    also: Callable[[], object] = lambda: None,
) -> None:
    """Write the plan and the end of its run as one transaction: the list changed if and only if the run says so.

    Without a plan it is the one that was kept with the run. `also` is done in the same transaction.
    """
    if not runs.applying(run.id):
        raise Cancelled
    live.tick(progress.redis, run.id, run.domain_id)
    try:
        if plan is None:
            uploads.make_groups(run)
            apply_kept(run)
        else:
            apply(run.id, run.domain_id, plan)
            runs.remark(run.id, plan)
        if run.source_id is not None and run.kind == RunKind.SYNC:
            sources.succeeded(run.source_id)
        if read is not None and plan is not None:
            read.keep(plan)
        elif run.source_id is not None:
            sources.mark(run.source_id, None, full=False)
        also()
        runs.succeed(run.id, counts=plan.counts if plan is not None else run.counts)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise


def _expire(run: Run, progress: Progress) -> None:
    """Disable the users that a file left out and whose grace period is over."""
    plan = expired(roster.left_out(run.domain_id), now())
    db.session.commit()
    _apply(run, plan, progress)
