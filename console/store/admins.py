"""Accounts of the console and their passwords (argon2id, RFC 9106)."""

import datetime as dt
import secrets
from collections.abc import Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from console import passwords
from console.core.errors import RefusedError
from console.models import Admin, EventKind, Invitation, NoticeKind, Role, db, now
from console.store import events, notices, sessions

ONE_TIME_HOURS = 24


@cache
def hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash to check against when there is no such account, so that both take the same time."""
    return hasher().hash(secrets.token_urlsafe())


def get(admin_id: int) -> Admin | None:
    return db.session.get(Admin, admin_id)


def by_email(email: str) -> Admin | None:
    return db.session.scalars(select(Admin).where(Admin.email == email.strip().lower())).one_or_none()


def every() -> Sequence[Admin]:
    return db.session.scalars(select(Admin).options(selectinload(Admin.domains)).order_by(Admin.email)).all()


def any_exist() -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(Admin)))


def create(email: str, role: Role, password: str | None = None, name: str = "") -> tuple[Admin, str | None]:
    """A new account; without a password it gets a one-time password, which is returned to be shown once.

    Raises RefusedError for an address that has an account, or a password that will not do.
    """
    admin = Admin(email=email.strip().lower(), role=role.value, name=name, password_hash="")
    if by_email(admin.email) is not None:
        raise RefusedError(_taken(admin.email))
    shown = put_password(admin, password)
    add(admin)
    return admin, shown


def add(admin: Admin, kind: EventKind = EventKind.ACCOUNT_ADDED) -> None:
    """Commit a new account. Raises RefusedError where somebody else made it at the same moment."""
    email = admin.email
    db.session.add(admin)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(_taken(email)) from None
    changes = events.compared({}, {"role": admin.role, "sees": sees(admin)}, {"role": "Role", "sees": "Sees"})
    events.note(kind, f"Made the account of {email}", changes=changes, by=events.actor().or_of(admin))
    db.session.commit()


def sees(account: Admin | Invitation) -> str:
    """The domains of an account, or of one to come, in words."""
    return ", ".join(sorted(domain.name for domain in account.domains)) if account.limited else "every domain"


def set_password(admin: Admin, password: str | None, told: NoticeKind | None = None) -> str | None:
    """Change a password, which ends the sessions of the account; None sets a one-time password and returns it.

    `told` is what the account hears of it by mail. Raises RefusedError for a password that will not do.
    """
    shown = put_password(admin, password)
    sessions.end_all(admin.id)
    if told is not None:
        notices.tell_person(told, admin)
    how = " by a link" if told is NoticeKind.PASSWORD_RESET else " to one that works once" if shown else ""
    said = f"Changed the password of {admin.email}{how}, which ended the account's sessions"
    events.note(EventKind.PASSWORD_CHANGED, said, by=events.actor().or_of(admin))
    db.session.commit()
    return shown


def put_password(admin: Admin, password: str | None) -> str | None:
    """The same in the caller's transaction, without its consequences. A link for a new password is of no use then."""
    admin.reset_digest = admin.reset_until = None
    if password is None:
        one_time = "-".join(secrets.token_hex(2) for _ in range(4))
        admin.password_hash = hasher().hash(one_time)
        admin.password_expires_at = now() + dt.timedelta(hours=ONE_TIME_HOURS)
        return one_time
    passwords.check(password, admin.email)
    admin.password_hash = hasher().hash(passwords.spelled(password))
    admin.password_expires_at = None
    return None


def check(email: str, password: str) -> Admin | None:
    """The account that this e-mail address and password open."""
    admin = by_email(email)
    password = passwords.spelled(password)
    try:
        hasher().verify(admin.password_hash if admin else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    if admin is None or (admin.password_expires_at is not None and admin.password_expires_at < now()):
        return None
    if hasher().check_needs_rehash(admin.password_hash):
        admin.password_hash = hasher().hash(password)
        db.session.commit()
    return admin


def _taken(email: str) -> str:
    return f"There is an account for {email} already."
