"""Who has taken the first step of signing in, and not the second: for ten minutes, and in one browser."""

import datetime as dt
import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from console.models import Admin, HalfSignIn, db, now
from console.store import sessions

LASTS = dt.timedelta(minutes=10)
_QUIETLY = {"synchronize_session": False}


def begin(admin: Admin, wanted: str, way: str) -> str:
    """What the browser's cookie is to hold until the second step, after which the sign-in leads on to `wanted`.

    Raises RefusedError where the password was changed since the account was read.
    """
    sessions.hold_unchanged(admin)
    token = secrets.token_urlsafe(32)
    db.session.execute(delete(HalfSignIn).where(HalfSignIn.until < now()), execution_options=_QUIETLY)
    digest = sessions.digest(token)
    db.session.add(HalfSignIn(admin_id=admin.id, digest=digest, wanted=wanted, way=way, until=now() + LASTS))
    db.session.commit()
    return token


def find(token: str) -> HalfSignIn | None:
    """The sign-in of this cookie, with its account, while there is time for its second step."""
    query = select(HalfSignIn).where(HalfSignIn.digest == sessions.digest(token), HalfSignIn.until > now())
    return db.session.scalars(query.options(joinedload(HalfSignIn.admin))).one_or_none() if token else None


def end(half_id: int) -> None:
    """It is a whole one now, or given up."""
    db.session.execute(delete(HalfSignIn).where(HalfSignIn.id == half_id), execution_options=_QUIETLY)
    db.session.commit()
