"""Runs: the record of every execution, and the changes and remarks that it left."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.admin import Admin
from console.models.base import Base, now
from console.models.domain import Domain
from console.models.source import Source


class RunKind(StrEnum):
    """What was executed.

    A manual run is an act of a person on the Users pages. A grace run disables users that a file left out and whose
    grace period has ended. A check asks a domain's delivery servers what they accept. A discovery adds addresses that
    these servers accept: those that mail came for, or, on demand, those of a list.
    """

    SYNC = "sync"
    PREVIEW = "preview"
    TEST = "test"
    MANUAL = "manual"
    UNDO = "undo"
    IMPORT = "import"
    GRACE = "grace"
    CHECK = "check"
    DISCOVERY = "discovery"


class RunState(StrEnum):
    """A run's way: queued, running, then either ended or waiting for approval, then applying."""

    QUEUED = "queued"
    RUNNING = "running"
    NEEDS_APPROVAL = "needs_approval"
    APPLYING = "applying"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"


OPEN = frozenset({RunState.QUEUED, RunState.RUNNING, RunState.NEEDS_APPROVAL, RunState.APPLYING})
WORKING = frozenset({RunState.RUNNING, RunState.APPLYING})
CHANGING = ("created", "updated", "restored", "missing", "disabled", "deleted")
_CHANGED = " + ".join(f"coalesce((counts ->> '{name}')::integer, 0)" for name in CHANGING)
LISTED = f"state = 'succeeded' and {_CHANGED} > 0"
"""A run that changed somebody: what Activity lists."""
_OPEN = "state in ('queued', 'running', 'needs_approval', 'applying')"


class Run(Base):
    """One execution: written before the act, finished after it.

    Partial unique indexes keep its source to one open run that may change the list, and to one open test and one
    open preview, which change nothing and so need not wait for an approval; and its domain to one open import, one
    open grace run, one open check and one open discovery on demand. `approved` tells that the plan on record may be
    applied. `done` and `total` count entries while it reads. `by_schedule` is whether the clock started it. `reading`
    is "full" or "changes" once its source was read to the end, by what was asked of it, and `reading_why` says why it
    was full although changes would have done. `waits_because` holds the guard's reasons, `trial` what a test, a check,
    the verifying of a file or a discovery found.
    """

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint(
            "kind in ('sync', 'preview', 'test', 'manual', 'undo', 'import', 'grace', 'check', 'discovery')",
            name="kind",
        ),
        CheckConstraint(
            "state in ('queued', 'running', 'needs_approval', 'applying', 'succeeded', 'failed', 'interrupted',"
            " 'cancelled', 'discarded')",
            name="state",
        ),
        Index(
            "uq_runs_open_writer",
            "source_id",
            unique=True,
            postgresql_where=text(f"{_OPEN} and kind not in ('test', 'preview')"),
        ),
        Index(
            "uq_runs_open_reader",
            "source_id",
            "kind",
            unique=True,
            postgresql_where=text(f"{_OPEN} and kind in ('test', 'preview')"),
        ),
        Index(
            "uq_runs_open_import",
            "domain_id",
            "kind",
            unique=True,
            postgresql_where=text(f"{_OPEN} and kind in ('import', 'grace')"),
        ),
        Index("uq_runs_open_check", "domain_id", unique=True, postgresql_where=text(f"{_OPEN} and kind = 'check'")),
        # What arriving mail adds is applied at once, also while a list waits to be looked at.
        Index(
            "uq_runs_open_discovery",
            "domain_id",
            unique=True,
            postgresql_where=text("state in ('queued', 'running', 'needs_approval') and kind = 'discovery'"),
        ),
        Index("ix_runs_open", "state", postgresql_where=text(_OPEN)),
        Index("ix_runs_domain_id", "domain_id", text("id desc")),
        Index("ix_runs_source_id", "source_id", text("id desc")),
        Index("ix_runs_listed", text("ended_at desc"), text("id desc"), postgresql_where=text(LISTED)),
        Index(
            "ix_runs_listed_of_domain",
            "domain_id",
            text("ended_at desc"),
            text("id desc"),
            postgresql_where=text(LISTED),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="SET NULL"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default=RunState.QUEUED.value)
    title: Mapped[str] = mapped_column(default="")
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id", ondelete="SET NULL"))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    approved: Mapped[bool] = mapped_column(default=False)
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str] = mapped_column(default="")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    by_schedule: Mapped[bool] = mapped_column(default=False)
    reading: Mapped[str] = mapped_column(default="")
    reading_why: Mapped[str] = mapped_column(default="")
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    waits_because: Mapped[list[Any]] = mapped_column(default=list)
    trial: Mapped[dict[str, Any] | None]
    error: Mapped[str] = mapped_column(default="")
    error_detail: Mapped[str] = mapped_column(default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]

    domain: Mapped[Domain] = relationship()
    source: Mapped[Source | None] = relationship()
    admin: Mapped[Admin | None] = relationship()

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def changed(self) -> int:
        """How many steps of its plan were about a user of the list."""
        return sum(int(self.counts.get(name, 0)) for name in CHANGING)

    @property
    def seconds(self) -> float | None:
        """How long the worker took; of a run that waited for approval, the applying alone."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0.0, (self.ended_at - self.started_at).total_seconds())

    @property
    def is_working(self) -> bool:
        """Queued or in the hands of a worker: the page follows it."""
        return self.is_open and self.state != RunState.NEEDS_APPROVAL


class Change(Base):
    """One step of a run's plan: planned while the run waits or is a preview, done once it has succeeded.

    `before` and `after` are users as JSON (core.plan.user_to_json). `user_id` is no foreign key: the record outlives
    the user.
    """

    __tablename__ = "changes"
    __table_args__ = (
        Index("ix_changes_run_id", "run_id", "id"),
        Index("ix_changes_user_id", "user_id", text("id desc")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    user_id: Mapped[int | None]
    action: Mapped[str]
    address: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    place: Mapped[str] = mapped_column(default="")
    why: Mapped[str] = mapped_column(default="")
    contested: Mapped[list[Any]] = mapped_column(default=list)
    rival_id: Mapped[int | None]
    run: Mapped[Run] = relationship()


class Issue(Base):
    """An entry that a run skipped, or a remark on one that it used: where, what, why."""

    __tablename__ = "issues"
    __table_args__ = (Index("ix_issues_run_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    place: Mapped[str]
    what: Mapped[str]
    why: Mapped[str]
