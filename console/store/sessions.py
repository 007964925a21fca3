"""Sessions of accounts: begun at a sign-in, ended by their time, by their owner or by a new password.

What the cookie of a session holds is a random text, of which the table has the hash alone: whoever reads the database
cannot sign in with it, and a cookie opens nothing once its row has ended.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, exists, false, or_, select, update
from sqlalchemy.orm import joinedload, with_expression

from console.core.errors import RefusedError
from console.models import Admin, AdminSession, HalfSignIn, Organisation, SecondStep, db, now

# How exactly a session's last use is known: each is one more write.
EXACTLY = dt.timedelta(minutes=1)
# For so long a browser or an address is known again after its last session.
KNOWN = dt.timedelta(days=90)
OVERTAKEN = "The password of this account was changed just now. Sign in with the new one."
_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts at most, and how long one that nobody uses."""

    longest: dt.timedelta
    idle: dt.timedelta


@dataclass(frozen=True, slots=True)
class Visitor:
    """From where somebody asks: the network address, the browser in words, and what its cookie `device` holds."""

    address: str
    browser: str
    device: str = ""


def digest(token: str) -> str:
    """What is stored of a random text that opens something: there is nothing in it to guess, so no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def known(email: str, visitor: Visitor) -> tuple[bool, bool]:
    """Whether the account of this address was signed in to before from this browser, and from this network address.

    One statement whether there is such an account or not, so that its time does not tell.
    """
    begun = (
        select(AdminSession.id)
        .join(Admin)
        .where(Admin.email == email.strip().lower(), AdminSession.began_at > now() - KNOWN)
    )
    found = db.session.execute(
        select(
            exists(begun.where(AdminSession.device == digest(visitor.device))),
            exists(begun.where(AdminSession.address == visitor.address)),
        )
    ).one()
    return bool(visitor.device and found[0]), bool(found[1])


def is_new(admin: Admin, visitor: Visitor) -> bool:
    """Whether the account knows nothing like this browser: neither its cookie nor one of its kind at this address.

    The first session of an account is nothing new.
    """
    alike = or_(
        AdminSession.device == digest(visitor.device) if visitor.device else false(),
        and_(AdminSession.address == visitor.address, AdminSession.browser == visitor.browser),
    )
    before = select(AdminSession.id).where(AdminSession.admin_id == admin.id)
    any_before, alike_before = db.session.execute(select(exists(before), exists(before.where(alike)))).one()
    return bool(any_before and not alike_before)


def begin(admin: Admin, visitor: Visitor) -> str:
    """A new session; what its cookie is to hold. `visitor.device` must not be empty.

    Raises RefusedError where the password was changed since the account was read.
    """
    hold_unchanged(admin)
    token = secrets.token_urlsafe(32)
    admin.signed_in_at = now()
    db.session.add(
        AdminSession(
            admin_id=admin.id,
            digest=digest(token),
            device=digest(visitor.device),
            address=visitor.address,
            browser=visitor.browser,
        )
    )
    db.session.commit()
    return token


def hold_unchanged(admin: Admin) -> None:
    """Make sure, until the end of the transaction, that the account's password is the one that was read.

    Raises RefusedError where it was changed: that ended the sessions that there were, and would miss a new one.
    """
    hashed = select(Admin.password_hash).where(Admin.id == admin.id).with_for_update()
    if db.session.scalar(hashed) != admin.password_hash:
        db.session.rollback()
        raise RefusedError(OVERTAKEN)


def find(token: str, limits: Limits, *, use: bool) -> AdminSession | None:
    """The session whose cookie holds this, with its account, while it lasts; `use` prolongs it, with a write a minute.

    What a page asks for by itself must not prolong it: a forgotten window would stay signed in.
    """
    query = select(AdminSession).where(AdminSession.digest == digest(token), *_lasts(limits))
    options = joinedload(AdminSession.admin), with_expression(AdminSession.must_set_up, _must_set_up())
    found = db.session.scalars(query.options(*options)).one_or_none()
    if found is not None and use and now() - found.used_at >= EXACTLY:
        # By a condition, since other requests of the same page do it at the same moment.
        since = update(AdminSession).where(AdminSession.id == found.id, AdminSession.used_at <= now() - EXACTLY)
        db.session.execute(since.values(used_at=now()), execution_options=_QUIETLY)
        db.session.commit()
    return found


def of_admin(admin_id: int, limits: Limits) -> Sequence[AdminSession]:
    """The sessions of an account that last, the one used last first."""
    query = select(AdminSession).where(AdminSession.admin_id == admin_id, *_lasts(limits))
    return db.session.scalars(query.order_by(AdminSession.used_at.desc(), AdminSession.id.desc())).all()


def get(session_id: int) -> AdminSession | None:
    return db.session.get(AdminSession, session_id)


def end(session_id: int) -> None:
    _end(AdminSession.id == session_id)
    db.session.commit()


def end_others(admin_id: int, kept_id: int) -> None:
    """End every session of an account but one."""
    _end(AdminSession.admin_id == admin_id, AdminSession.id != kept_id)
    db.session.commit()


def end_all(admin_id: int) -> None:
    """End every session of an account, and what is to become one, in the caller's transaction."""
    _end(AdminSession.admin_id == admin_id)
    db.session.execute(delete(HalfSignIn).where(HalfSignIn.admin_id == admin_id), execution_options=_QUIETLY)


def forget() -> None:
    """Drop sessions from which no browser or address is known any more, and sign-ins that nobody finished."""
    db.session.execute(delete(HalfSignIn).where(HalfSignIn.until < now()), execution_options=_QUIETLY)
    db.session.execute(delete(AdminSession).where(AdminSession.used_at < now() - KNOWN), execution_options=_QUIETLY)
    db.session.commit()


def _end(*which: ColumnElement[bool]) -> None:
    ended = update(AdminSession).where(*which, AdminSession.ended_at.is_(None)).values(ended_at=now())
    db.session.execute(ended, execution_options=_QUIETLY)


def _lasts(limits: Limits) -> tuple[ColumnElement[bool], ...]:
    return (
        AdminSession.ended_at.is_(None),
        AdminSession.began_at > now() - limits.longest,
        AdminSession.used_at > now() - limits.idle,
    )


def _must_set_up() -> ColumnElement[bool]:
    """Two-step sign-in is required, and the account of the session has none."""
    own = select(SecondStep.admin_id).where(SecondStep.admin_id == AdminSession.admin_id)
    return and_(exists(select(Organisation.single).where(Organisation.two_steps_required)), ~exists(own))
