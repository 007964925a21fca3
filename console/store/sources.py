"""User Sources: their settings, their schedule and how they fare."""

import datetime as dt
import random
from collections.abc import Iterable, Sequence, Set
from dataclasses import replace
from typing import Any

from sqlalchemy import delete, func, null, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from console.core.errors import RefusedError
from console.core.person import Origin, Status
from console.core.person import User as ListedUser
from console.core.plan import Plan, change
from console.models import Admin, EventKind, NoticeKind, Run, RunKind, Source, User, UserCount, db, now
from console.store import acts, events, notices, roster, source_changes

MANY_FAILURES = 3
LONGEST_WAIT_MINUTES = 24 * 60


def of_domain(domain_id: int) -> Sequence[Source]:
    """A domain's sources in the order in which they were added."""
    query = select(Source).where(Source.domain_id == domain_id).options(joinedload(Source.group)).order_by(Source.id)
    return db.session.scalars(query).all()


def gone(source_ids: Set[int]) -> set[int]:
    """Those of the sources that are no longer there."""
    if not source_ids:
        return set()
    return set(source_ids) - set(db.session.scalars(select(Source.id).where(Source.id.in_(source_ids))))


def every() -> Sequence[Source]:
    return db.session.scalars(select(Source).options(joinedload(Source.domain)).order_by(Source.id)).all()


def visible(admin: Admin, source_id: int) -> Source | None:
    """The source, if the administrator may see its domain."""
    source = db.session.get(Source, source_id)
    if source is None or (admin.limited and source.domain not in admin.domains):
        return None
    return source


def in_trouble(domain_ids: Iterable[int]) -> dict[int, list[Source]]:
    """Sources whose last sync failed, by domain id."""
    query = select(Source).where(Source.domain_id.in_(list(domain_ids)), Source.failures > 0).order_by(Source.id)
    found: dict[int, list[Source]] = {}
    for source in db.session.scalars(query):
        found.setdefault(source.domain_id, []).append(source)
    return found


def get(source_id: int) -> Source | None:
    return db.session.get(Source, source_id)


def save(source: Source) -> Source:
    """Store a new or changed source; its first time by schedule is an interval away."""
    new = source.id is None
    changes = [] if new else source_changes.of(source)
    db.session.add(source)
    db.session.flush()
    if new or changes:
        done = "Added" if new else "Changed"
        kind = EventKind.ADDED if new else EventKind.CHANGED
        events.note(kind, f"{done} the source {source.label}", domain=source.domain, changes=changes)
    if source.interval_minutes is None:
        source.next_run_at = None
    elif source.next_run_at is None or source.next_run_at > now() + dt.timedelta(minutes=source.interval_minutes):
        source.next_run_at = next_run(source.interval_minutes)
    db.session.commit()
    return source


def remove(source: Source, admin: Admin | None) -> Run:
    """Delete a source. Its users stay on the list and are kept by hand from then on: no mail is lost by it.

    Raises RefusedError while a run of the source is open, StaleError when its users changed in the meantime.
    """
    steps = [
        change(user, _kept_by_hand(user), why=f"{source.label} was deleted").steps[0]
        for user in roster.of_domain(source.domain_id)
        if user.source_id == source.id
    ]
    plan = Plan(steps=tuple(steps), read=len(steps), usable=len(steps))
    title = f"Deleted the source {source.label}"
    source_id, domain_id = source.id, source.domain_id

    def also(_: Run) -> None:
        db.session.execute(delete(Source).where(Source.id == source_id))
        events.note_of(domain_id, EventKind.REMOVED, title)

    try:
        return acts.act(domain_id, admin, title, plan, source_id=source_id, also=also)
    except IntegrityError:
        raise RefusedError("This source has an open run. Cancel or discard it first.") from None


def _kept_by_hand(user: ListedUser) -> ListedUser:
    """The user without its source. One that was missing there is nobody's to disable any more."""
    kept = replace(user, origin=Origin.MANUAL, source_id=None, source_key=None, by_hand=frozenset(), exempt=False)
    if kept.status is Status.MISSING:
        return replace(kept, status=Status.ACTIVE, reason="", missing_since=None)
    return kept


def owned(source_id: int) -> int:
    """How many users of this source receive mail."""
    query = select(func.coalesce(func.sum(UserCount.users), 0)).where(
        UserCount.source_id == source_id, UserCount.status != "disabled"
    )
    return int(db.session.scalar(query) or 0)


def failing_beside(source: Source) -> Sequence[str]:
    """Labels of the domain's other sources whose last sync failed: while there are any, nobody is removed."""
    others = db.session.scalars(
        select(Source).where(Source.domain_id == source.domain_id, Source.id != source.id, Source.failures > 0)
    )
    return [other.label for other in others]


def leavers_due(source_id: int, before: dt.datetime) -> bool:
    """Whether a missing user of the source has been so since before then, and may be disabled by the next full read."""
    due = select(User.id).where(
        User.source_id == source_id,
        User.status == Status.MISSING.value,
        User.missing_since <= before,
        User.exempt.is_(False),
    )
    return db.session.scalar(due.limit(1)) is not None


def has_exempt(source_id: int) -> bool:
    """Whether any user of the source is exempt from sync."""
    return db.session.scalar(select(User.id).where(User.source_id == source_id, User.exempt).limit(1)) is not None


def mark(source_id: int, watermark: dict[str, Any] | None, *, full: bool) -> None:
    """Keep where the next read of changes starts, in the caller's transaction; without one it is in full."""
    values: dict[str, Any] = {"watermark": watermark if watermark is not None else null()}
    if full:
        values["full_read_at"] = now()
    db.session.execute(update(Source).where(Source.id == source_id).values(values))


def succeeded(source_id: int) -> None:
    """Note a sync that was read to its end, in the caller's transaction; after a long trouble its people are told."""
    source = db.session.get_one(Source, source_id, populate_existing=True, with_for_update=True)
    if source.failures >= MANY_FAILURES:
        notices.note(NoticeKind.RECOVERED, source)
        source.next_run_at = next_run(source.interval_minutes) if source.interval_minutes else None
    source.failures, source.last_success_at, source.last_error = 0, now(), ""
    db.session.flush()


def failed(source_id: int, sentence: str) -> None:
    """Note a sync that could not be read, and commit.

    From the third in a row on it is tried less often, twice as long after each, and its people are told once.
    """
    source = db.session.get(Source, source_id, populate_existing=True, with_for_update=True)
    if source is None:
        return
    source.failures += 1
    source.last_error, source.last_error_at = sentence, now()
    if source.failures >= MANY_FAILURES and source.interval_minutes:
        doublings = min(source.failures - MANY_FAILURES + 1, 10)
        wait = min(source.interval_minutes * 2**doublings, max(LONGEST_WAIT_MINUTES, source.interval_minutes))
        source.next_run_at = next_run(wait)
    if source.failures == MANY_FAILURES:
        notices.note(NoticeKind.FAILING, source, detail=sentence)
    db.session.commit()


def next_run(interval_minutes: int) -> dt.datetime:
    """The next time by schedule, up to a tenth of the interval late, so that many sources do not start at once."""
    minutes = interval_minutes * (1 + random.uniform(0, 0.1))  # noqa: S311 - spreads load, guards nothing
    return now() + dt.timedelta(minutes=minutes)


def due() -> Sequence[int]:
    """The sources whose time has come."""
    return db.session.scalars(select(Source.id).where(Source.next_run_at <= now()).order_by(Source.next_run_at)).all()


def take_turn(source_id: int) -> Source | None:
    """Claim a due source for this tick and set its next time: one of two clocks gets it, the other gets None."""
    source = db.session.scalars(
        select(Source).where(Source.id == source_id, Source.next_run_at <= now()).with_for_update(skip_locked=True)
    ).one_or_none()
    if source is not None:
        source.next_run_at = next_run(source.interval_minutes) if source.interval_minutes else None
    db.session.commit()
    return source


def history(source_id: int, limit: int = 24) -> Sequence[Run]:
    """The last syncs of a source, newest last: the small chart in the list."""
    query = select(Run).where(Run.source_id == source_id, Run.kind == RunKind.SYNC).order_by(Run.id.desc()).limit(limit)
    return list(reversed(db.session.scalars(query).all()))
