"""The passkeys of accounts."""

import secrets
from collections.abc import Sequence

from sqlalchemy import exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from console.core.errors import RefusedError
from console.models import Admin, EventKind, NoticeKind, Passkey, db, now
from console.passkeys import Made
from console.store import events, notices

TAKEN = "This passkey is registered already."
# Nobody has so many devices.
MOST = 20
TOO_MANY = f"An account has at most {MOST} passkeys: remove one that you do not use any more."


def of_admin(admin_id: int) -> Sequence[Passkey]:
    return db.session.scalars(select(Passkey).where(Passkey.admin_id == admin_id).order_by(Passkey.id)).all()


def any_exist() -> bool:
    return bool(db.session.scalar(select(exists(select(Passkey.id)))))


def get(passkey_id: int) -> Passkey | None:
    return db.session.get(Passkey, passkey_id)


def handle(admin_id: int) -> str:
    """By what authenticators know the account; a new one for its first passkey. It tells nothing about the person."""
    found = db.session.scalar(select(Passkey.handle).where(Passkey.admin_id == admin_id).limit(1))
    return found or secrets.token_urlsafe(32)


def by_credential(credential_id: str) -> Passkey | None:
    """The passkey with this id, with its account."""
    query = select(Passkey).where(Passkey.credential_id == credential_id).options(joinedload(Passkey.admin))
    return db.session.scalars(query).one_or_none()


def add(admin: Admin, name: str, made: Made, handle: str) -> Passkey:
    """A new passkey of an account, which is told by mail. Raises RefusedError for one that somebody has."""
    if len(of_admin(admin.id)) >= MOST:
        raise RefusedError(TOO_MANY)
    found = Passkey(
        admin_id=admin.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.public_key,
        handle=handle,
        sign_count=made.sign_count,
    )
    db.session.add(found)
    notices.tell_person(NoticeKind.PASSKEY_ADDED, admin, name)
    events.note(EventKind.SECOND_STEP_CHANGED, f"Added the passkey “{name}”")
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(TAKEN) from None
    return found


def used(passkey: Passkey, sign_count: int) -> bool:
    """Note that a passkey was used. False where it was used at the same moment elsewhere: one of the two is a copy."""
    same = update(Passkey).where(Passkey.id == passkey.id, Passkey.sign_count == passkey.sign_count)
    noted = same.values(sign_count=sign_count, used_at=now()).returning(Passkey.id)
    found = db.session.scalar(noted, execution_options={"synchronize_session": False})
    db.session.commit()
    return found is not None


def remove(passkey: Passkey, admin: Admin) -> None:
    """Remove a passkey of an account, which is told by mail."""
    notices.tell_person(NoticeKind.PASSKEY_REMOVED, admin, passkey.name)
    events.note(EventKind.SECOND_STEP_CHANGED, f"Removed the passkey “{passkey.name}”")
    db.session.delete(passkey)
    db.session.commit()
