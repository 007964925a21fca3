"""Invitations: an owner says who may have an account; whoever has the link makes it, once and in time."""

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from console.core.errors import RefusedError
from console.models import Admin, Domain, EventKind, Invitation, NoticeKind, Role, db, now
from console.store import accounts, admins, events, notices
from console.store.sessions import digest

LASTS = dt.timedelta(days=7)
GONE = "This invitation was used already, or taken back, or its seven days are over. Ask for another."


def every() -> Sequence[Invitation]:
    return db.session.scalars(
        select(Invitation).options(selectinload(Invitation.domains)).order_by(Invitation.email)
    ).all()


def get(invitation_id: int) -> Invitation | None:
    return db.session.get(Invitation, invitation_id)


def of(email: str) -> Invitation | None:
    return db.session.scalars(select(Invitation).where(Invitation.email == email.strip().lower())).one_or_none()


def make(email: str, role: Role, only: Iterable[Domain] | None, by: Admin | None) -> Invitation:
    """An invitation, as yet without a link: for some domains or, with None, for every one.

    Raises RefusedError for an address that has an account or an invitation, or an owner of some domains.
    """
    email = email.strip().lower()
    accounts.check_limits(role, only)
    if admins.by_email(email) is not None:
        raise RefusedError(f"There is an account for {email} already.")
    found = Invitation(
        email=email,
        role=role.value,
        limited=only is not None,
        domains=list(only or ()),
        invited_by_id=by.id if by else None,
    )
    db.session.add(found)
    changes = events.compared({}, {"role": found.role, "sees": admins.sees(found)}, {"role": "Role", "sees": "Sees"})
    events.note(EventKind.INVITED, f"Invited {email}", changes=changes)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(f"{email} is invited already: send that invitation again, or take it back first.") from None
    return found


def renew(invitation: Invitation) -> str:
    """The text of a new link, which is shown or sent once. An earlier link works no more."""
    token = secrets.token_urlsafe(32)
    invitation.digest, invitation.expires_at = digest(token), now() + LASTS
    events.note(EventKind.INVITATION_LINK, f"Made a link of the invitation of {invitation.email}")
    db.session.commit()
    return token


def send(invitation: Invitation) -> int:
    """Have the invitation sent by mail; the notice."""
    notice = notices.invite(invitation)
    db.session.commit()
    return notice.id


def revoke(invitation: Invitation) -> None:
    events.note(EventKind.INVITATION_REVOKED, f"Took back the invitation of {invitation.email}")
    db.session.delete(invitation)
    db.session.commit()


def find(token: str) -> Invitation | None:
    """The invitation of a link, while it works."""
    query = select(Invitation).where(Invitation.digest == digest(token), Invitation.expires_at > now())
    return db.session.scalars(query).one_or_none()


def accept(token: str, name: str, password: str) -> Admin:
    """Make the account, for the first who comes with the link; the owners are told by mail.

    Raises RefusedError for a link that does not work, or a password that will not do, after which the link still works.
    """
    held = select(Invitation).where(Invitation.digest == digest(token), Invitation.expires_at > now())
    invitation = db.session.scalars(held.with_for_update()).one_or_none()
    if invitation is None:
        db.session.rollback()
        raise RefusedError(GONE)
    admin = Admin(
        email=invitation.email,
        name=name,
        role=invitation.role,
        limited=invitation.limited,
        domains=list(invitation.domains),
        password_hash="",
    )
    try:
        admins.put_password(admin, password)
    except RefusedError:
        db.session.rollback()
        raise
    db.session.delete(invitation)
    for owner in accounts.owners():
        notices.tell_person(NoticeKind.ACCEPTED, owner, f"{admin.email}, {admin.role}")
    admins.add(admin, EventKind.INVITATION_ACCEPTED)
    return admin
