"""Secrets of sources that are about to end: their people are told by mail, once for each step."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select

from console.core import expiry
from console.models import Domain, NoticeKind, Source, db, now
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
