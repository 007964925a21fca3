"""Secrets that are about to end, of sources and of the console itself: who can do something is told by mail, once for
each step."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select

from console.core import expiry
from console.microsoft import Microsoft
from console.models import Admin, Domain, Notice, NoticeKind, Role, Source, db, now
from console.store import notices


def note(today: dt.date | None = None) -> None:
    """Note a notice for each source that has reached another step, and commit.

    Two clocks that do so at once note one. Where nobody gets notices, nothing counts as told.
    """
    day = today or now().date()
    for source in _near(day):
        step = expiry.step(source.secret_expires_on, day) if source.secret_expires_on else None
        if step is not None and (source.expiry_warned is None or step < source.expiry_warned):
            notices.note(NoticeKind.EXPIRING, source, detail=told(source, day))
            source.expiry_warned = step
    db.session.commit()


def note_own(microsoft: Microsoft) -> None:
    """Note a notice for each owner who was not told yet of the step that the console's own app has reached, and commit.

    The notices themselves say who was: one of before the step began is of another step.
    """
    day = now().date()
    detail = told_own(microsoft, day)
    if not detail or microsoft.expires_on is None:
        return
    reached = expiry.step(microsoft.expires_on, day)
    begun = expiry.begins(microsoft.expires_on, reached or 0)
    owners = select(Admin).where(Admin.role == Role.OWNER.value).order_by(Admin.id)
    known = select(Notice.admin_id).where(
        Notice.kind == NoticeKind.EXPIRING.value,
        Notice.admin_id.is_not(None),
        Notice.created_at >= dt.datetime.combine(begun, dt.time(), dt.UTC),
    )
    mine = db.session.scalars(owners.with_for_update(key_share=True, skip_locked=True)).all()
    # Asked when the rows are ours, so that what another clock noted before is seen.
    told_already = set(db.session.scalars(known))
    for owner in mine:
        if owner.id not in told_already:
            notices.tell_person(NoticeKind.EXPIRING, owner, detail)
    db.session.commit()


def told_own(microsoft: Microsoft, today: dt.date | None = None) -> str:
    """The sentence about the secret or certificate of the console's own app; empty while there is time."""
    if not microsoft.connects:
        return ""
    return expiry.told_owner(microsoft.expires_on, today or now().date(), certificate=microsoft.by_certificate)


def told(source: Source, today: dt.date | None = None) -> str:
    """The sentence about a source's secret that is about to end, or has; empty while there is time."""
    what = "certificate" if source.settings.get("credential") == "certificate" else "client secret"
    return expiry.told(source.secret_expires_on, today or now().date(), what)


def renew(source: Source, expires_on: dt.date | None) -> None:
    """Put another end into the source, in the caller's transaction: its steps are all told again."""
    if expires_on != source.secret_expires_on:
        source.secret_expires_on, source.expiry_warned = expires_on, None


def _near(day: dt.date) -> Sequence[Source]:
    query = (
        select(Source)
        .join(Domain)
        .where(
            Source.secret_expires_on <= day + dt.timedelta(days=expiry.SOON),
            Source.expiry_warned.is_distinct_from(expiry.ENDED),
            func.cardinality(Domain.notify) > 0,
        )
        .order_by(Source.id)
        .with_for_update(of=Source, skip_locked=True)
    )
    return db.session.scalars(query.execution_options(populate_existing=True)).all()
