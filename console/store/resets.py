"""One-time links that set a new password. Each account has one at most, for half an hour, and the hash of it alone."""

import datetime as dt
import secrets

from sqlalchemy import select, update

from console.core.errors import RefusedError
from console.models import Admin, EventKind, NoticeKind, db, now
from console.store import admins, events, notices
from console.store.sessions import digest

LASTS = dt.timedelta(minutes=30)
GONE = "This link was used already, or replaced by a newer one, or its half hour is over. Ask for another."


def make(admin: Admin) -> str:
    """The text of a new link to this account, which is shown or sent once. An earlier link works no more."""
    token = secrets.token_urlsafe(32)
    admin.reset_digest, admin.reset_until = digest(token), now() + LASTS
    events.note(EventKind.PASSWORD_LINK, f"Made a link by which {admin.email} sets a new password")
    db.session.commit()
    return token


def find(token: str) -> Admin | None:
    """The account that the link is for, while it works."""
    query = select(Admin).where(Admin.reset_digest == digest(token), Admin.reset_until > now())
    return db.session.scalars(query).one_or_none()


def use(token: str, password: str) -> Admin:
    """Set a new password by a link, for the first who comes. It ends every session, and the account is told by mail.

    Raises RefusedError for a link that does not work, or a password that will not do, after which the link still works.
    """
    held = select(Admin).where(Admin.reset_digest == digest(token), Admin.reset_until > now()).with_for_update()
    admin = db.session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if admin is None:
        db.session.rollback()
        raise RefusedError(GONE)
    try:
        admins.set_password(admin, password, NoticeKind.PASSWORD_RESET)
    except RefusedError:
        db.session.rollback()
        raise
    return admin


def ask(email: str) -> int | None:
    """Have a link sent to the account of this address; the notice, or None without such an account."""
    admin = admins.by_email(email)
    if admin is None:
        return None
    notice = notices.tell_person(NoticeKind.RESET, admin)
    db.session.commit()
    return notice.id


def forget() -> None:
    """Drop what is left of links whose time is over."""
    over = update(Admin).where(Admin.reset_until < now()).values(reset_digest=None, reset_until=None)
    db.session.execute(over, execution_options={"synchronize_session": False})
    db.session.commit()
