"""Notices that wait to be sent, and what became of them."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import joinedload

from console.models import Admin, Domain, Invitation, Notice, NoticeKind, Run, Source, db, now
from console.store import events

# A relay that is away for a while is tried less and less often; what is a day old is of no use any more.
FIRST_RETRY = dt.timedelta(minutes=2)
LONGEST_RETRY = dt.timedelta(hours=2)
OUTDATED = dt.timedelta(days=1)
KEPT = dt.timedelta(days=30)


def note(kind: NoticeKind, source: Source, *, run: Run | None = None, detail: str = "") -> None:
    """Tell a domain's notification addresses of its source, in the caller's transaction; nothing when it has none."""
    if source.domain.notify:
        values = {"kind": kind.value, "domain_id": source.domain_id, "source_id": source.id, "detail": detail}
        db.session.add(Notice(run_id=run.id if run else None, **values))


def tell(kind: NoticeKind, domain: Domain, detail: str) -> None:
    """Tell a domain's notification addresses of what is no source's, in the caller's transaction."""
    if domain.notify:
        db.session.add(Notice(kind=kind.value, domain_id=domain.id, detail=detail))


def tell_person(kind: NoticeKind, admin: Admin, detail: str = "") -> Notice:
    """Tell an account of something, in the caller's transaction."""
    notice = Notice(kind=kind.value, admin_id=admin.id, detail=detail)
    db.session.add(notice)
    return notice


def invite(invitation: Invitation) -> Notice:
    """Have an invitation sent, in the caller's transaction."""
    notice = Notice(kind=NoticeKind.INVITATION.value, invitation_id=invitation.id)
    db.session.add(notice)
    return notice


def due() -> Sequence[int]:
    """Notices that are to be sent now."""
    query = select(Notice.id).where(
        Notice.sent_at.is_(None), Notice.next_try_at <= now(), Notice.created_at > now() - OUTDATED
    )
    return db.session.scalars(query.order_by(Notice.id)).all()


def take(notice_id: int) -> Notice | None:
    """Claim a due notice for one attempt, and commit: one of two workers gets it, and it is due again if that dies."""
    notice = db.session.scalars(
        select(Notice)
        .where(Notice.id == notice_id, Notice.sent_at.is_(None), Notice.next_try_at <= now())
        .options(joinedload(Notice.domain), joinedload(Notice.source))
        .with_for_update(skip_locked=True, of=Notice)
    ).one_or_none()
    if notice is not None:
        notice.attempts += 1
        notice.next_try_at = now() + min(FIRST_RETRY * 2 ** (notice.attempts - 1), LONGEST_RETRY)
    db.session.commit()
    return notice


def sent(notice_id: int) -> None:
    db.session.execute(update(Notice).where(Notice.id == notice_id).values(sent_at=now(), error=""))
    db.session.commit()


def failed(notice_id: int, error: str) -> None:
    db.session.execute(update(Notice).where(Notice.id == notice_id).values(error=error))
    db.session.commit()


def forget() -> None:
    """Drop notices that were sent, or given up, long ago."""
    db.session.execute(delete(Notice).where(Notice.created_at < now() - KEPT))
    db.session.commit()


def set_addresses(domain: Domain, addresses: Sequence[str]) -> None:
    """Who gets a domain's notices from now on."""
    domain.notify = list(addresses)
    events.note_changed(domain, "Changed who gets notices", domain, {"notify": "Notices go to"})
    db.session.commit()
