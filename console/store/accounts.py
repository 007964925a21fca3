"""What an owner may do with accounts: give them another role or other domains, and remove them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, select

from console.core.errors import RefusedError
from console.models import Admin, Domain, EventKind, Role, db
from console.store import admins, events

LAST_OWNER = "{email} is the last owner, and somebody has to manage the accounts: make another account an owner first."
OWNERS_SEE_ALL = "An owner manages every account and so sees every domain: choose every domain, or another role."


def owners() -> Sequence[Admin]:
    return db.session.scalars(select(Admin).where(Admin.role == Role.OWNER.value).order_by(Admin.id)).all()


def allow(admin: Admin, role: Role, only: Iterable[Domain] | None) -> None:
    """Give an account a role, for some domains or, with None, for every one.

    Raises RefusedError where no owner would be left, or for an owner of some domains.
    """
    check_limits(role, only)
    if role is not Role.OWNER:
        _another_owner(admin)
    was = {"role": admin.role, "sees": admins.sees(admin)}
    admin.role = role.value
    admin.limited = only is not None
    admin.domains = list(only or ())
    now = {"role": admin.role, "sees": admins.sees(admin)}
    changes = events.compared(was, now, {"role": "Role", "sees": "Sees"})
    if changes:
        events.note(EventKind.ACCOUNT_CHANGED, f"Changed what {admin.email} may do", changes=changes)
    db.session.commit()


def check_limits(role: Role, only: Iterable[Domain] | None) -> None:
    """An owner who sees some domains alone could let themselves, or anybody, see the others. Raises RefusedError."""
    if role is Role.OWNER and only is not None:
        raise RefusedError(OWNERS_SEE_ALL)


def remove(admin: Admin) -> None:
    """Delete an account, with its sessions. What it did stays on record, without its name.

    Raises RefusedError for the last owner.
    """
    _another_owner(admin)
    events.note(EventKind.ACCOUNT_REMOVED, f"Removed the account of {admin.email}")
    db.session.execute(delete(Admin).where(Admin.id == admin.id))
    db.session.commit()


def _another_owner(admin: Admin) -> None:
    """Make sure, until the end of the transaction, of an owner besides this account. Raises RefusedError.

    Two owners may be taken away at the same moment, so all of them are locked, always in the same order.
    """
    locked = select(Admin.id).where(Admin.role == Role.OWNER.value).order_by(Admin.id).with_for_update()
    if list(db.session.scalars(locked)) == [admin.id]:
        email = admin.email
        db.session.rollback()
        raise RefusedError(LAST_OWNER.format(email=email))
