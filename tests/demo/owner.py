"""Who signs in to a Rollcall on one machine."""

from dataclasses import dataclass

from console.models import Admin, Role
from console.store import admins


@dataclass(frozen=True)
class SignIn:
    """An account and its one-time password; None where its owner has chosen a password, which nobody can show."""

    admin: Admin
    password: str | None


def sign_in(wanted: str, default: str, *, anew: bool) -> SignIn:
    """The account `wanted`, or without a wish the first owner; it is made if there is none, as `default`.

    A one-time password that was shown at an earlier start may be lost or too old, so there is a new one at every start
    until a password is chosen, and with `anew` even then.
    """
    admin = admins.by_email(wanted) if wanted else _first_owner()
    if admin is None:
        return SignIn(*admins.create(wanted or default, Role.OWNER))
    if anew or admin.password_expires_at is not None:
        return SignIn(admin, admins.set_password(admin, None))
    return SignIn(admin, None)


def _first_owner() -> Admin | None:
    owners = [admin for admin in admins.every() if admin.role == Role.OWNER]
    return min(owners, key=lambda owner: owner.id, default=None)
