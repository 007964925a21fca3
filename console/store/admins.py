"""Accounts of the console and their passwords (argon2id, RFC 9106)."""

import datetime as dt
import secrets
from collections.abc import Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from console.core.errors import RefusedError
from console.models import Admin, Role, db, now

MINIMUM_LENGTH = 12
ONE_TIME_HOURS = 24


@cache
def hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash to check against when there is no such account, so that both take the same time."""
    return hasher().hash(secrets.token_urlsafe())


def by_email(email: str) -> Admin | None:
    return db.session.scalars(select(Admin).where(Admin.email == email.strip().lower())).one_or_none()


def by_session(session_id: str) -> Admin | None:
    """The account of a session id (Admin.get_id), unless its password was changed since."""
    ident, _, version = session_id.partition(".")
    if not (ident.isdecimal() and version.isdecimal()):
        return None
    admin = db.session.get(Admin, int(ident))
    return admin if admin is not None and admin.session_version == int(version) else None


def every() -> Sequence[Admin]:
    return db.session.scalars(select(Admin).order_by(Admin.email)).all()


def any_exist() -> bool:
    return bool(db.session.scalar(select(func.count()).select_from(Admin)))


def create(email: str, role: Role, password: str | None = None, name: str = "") -> tuple[Admin, str | None]:
    """A new account; without a password it gets a one-time password, which is returned to be shown once.

    Raises RefusedError for an address that has an account, or a password that is too short.
    """
    email = email.strip().lower()
    taken = f"There is an account for {email} already."
    if by_email(email) is not None:
        raise RefusedError(taken)
    admin = Admin(email=email, role=role.value, name=name, password_hash="")
    shown = _set(admin, password)
    db.session.add(admin)
    try:
        db.session.commit()
    except IntegrityError:  # Somebody else made it at the same moment.
        db.session.rollback()
        raise RefusedError(taken) from None
    return admin, shown


def set_password(admin: Admin, password: str | None) -> str | None:
    """Change a password, which ends the account's other sessions; None sets a one-time password and returns it."""
    shown = _set(admin, password)
    admin.session_version += 1
    db.session.commit()
    return shown


def check(email: str, password: str) -> Admin | None:
    """The account that this e-mail address and password open."""
    admin = by_email(email)
    try:
        hasher().verify(admin.password_hash if admin else _nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    if admin is None or (admin.password_expires_at is not None and admin.password_expires_at < now()):
        return None
    if hasher().check_needs_rehash(admin.password_hash):
        admin.password_hash = hasher().hash(password)
    admin.signed_in_at = now()
    db.session.commit()
    return admin


def signed_in(admin: Admin) -> None:
    """Note a sign-in that needed no password."""
    admin.signed_in_at = now()
    db.session.commit()


def _set(admin: Admin, password: str | None) -> str | None:
    if password is None:
        one_time = "-".join(secrets.token_hex(2) for _ in range(4))
        admin.password_hash = hasher().hash(one_time)
        admin.password_expires_at = now() + dt.timedelta(hours=ONE_TIME_HOURS)
        return one_time
    if len(password) < MINIMUM_LENGTH:
        raise RefusedError(f"A password needs at least {MINIMUM_LENGTH} characters; a sentence of four words is good.")
    admin.password_hash = hasher().hash(password)
    admin.password_expires_at = None
    return None
