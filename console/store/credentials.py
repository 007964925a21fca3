"""The names and passwords with which mail servers ask over HTTP."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from console.core.errors import RefusedError
from console.models import Credential, EventKind, db, now
from console.store import driver, events

# 256 bits that nobody has to remember: a hash made to be slow would only make every answer slow.
SECRET_BYTES = 32
GRACE = dt.timedelta(hours=1)
# How exactly it is kept when a password was used last: not every question is worth a write.
USED_TO_THE = dt.timedelta(minutes=1)
_NOBODY = "0" * 64


def create(name: str) -> str:
    """A password for a mail server; it is kept nowhere. Raises RefusedError for a name that is in use."""
    if not name or ":" in name or not name.isprintable():
        raise RefusedError("The name must have at least one character, and no colon.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    db.session.add(Credential(name=name, digest=_digest(secret)))
    events.note(EventKind.ADDED, f"Made a password for the mail server {name}")
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(
            f"There are credentials named {name} already. Rotate or revoke them, or choose another name."
        ) from None
    return secret


def rotate(name: str, grace: dt.timedelta = GRACE) -> str:
    """A new password in place of the present one, which stays valid for so long. Raises RefusedError without one.

    Of three passwords in a row the first is invalid at once.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    change = update(Credential).where(Credential.name == name)
    values = {"digest": _digest(secret), "old_digest": Credential.digest, "old_until": now() + grace}
    found = db.session.execute(change.values(**values).returning(Credential.id)).all()
    if found:
        events.note(EventKind.CHANGED, f"Made a new password for the mail server {name}")
    db.session.commit()
    if not found:
        raise _none(name)
    return secret


def every() -> Sequence[Credential]:
    return db.session.scalars(select(Credential).order_by(Credential.name)).all()


def exist(name: str) -> bool:
    """Whether a mail server has this name."""
    return db.session.scalar(select(Credential.id).where(Credential.name == driver.plain(name))) is not None


def revoke(name: str) -> None:
    """Raises RefusedError when there are none of this name."""
    gone = db.session.execute(delete(Credential).where(Credential.name == name).returning(Credential.id)).all()
    if gone:
        events.note(EventKind.REMOVED, f"Revoked the password of the mail server {name}")
    db.session.commit()
    if not gone:
        raise _none(name)


def admit(name: str, secret: str) -> int | None:
    """The id of the credentials that a name and a password open. A name that nobody has takes as long."""
    columns = (Credential.id, Credential.digest, Credential.old_digest, Credential.old_until, Credential.used_at)
    row = db.session.execute(select(*columns).where(Credential.name == driver.plain(name))).first()
    at, given = now(), _digest(secret)
    present = hmac.compare_digest(given, row.digest if row else _NOBODY)
    former = hmac.compare_digest(given, row.old_digest if row and row.old_digest else _NOBODY)
    if row is None or not (present or (former and row.old_until is not None and at < row.old_until)):
        return None
    if row.used_at is None or at - row.used_at >= USED_TO_THE:
        _used(row.id, at)
    credential_id: int = row.id
    return credential_id


def _used(credential_id: int, at: dt.datetime) -> None:
    """Conditional, so that of many questions at the same time one writes."""
    outdated = or_(Credential.used_at.is_(None), Credential.used_at <= at - USED_TO_THE)
    db.session.execute(update(Credential).where(Credential.id == credential_id, outdated).values(used_at=at))
    db.session.commit()


def _none(name: str) -> RefusedError:
    return RefusedError(f"There are no credentials named {name}. See: flask perimeter credentials list")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
