"""A console that nobody uses yet: its first account, and whether there is anything in it."""

from sqlalchemy import func, select, text

from console.core.errors import RefusedError
from console.models import Admin, Domain, Role, admin_domains, db
from console.store import admins

LATE = "Somebody made the first account meanwhile: sign in, or ask them for an invitation."


def make_owner(email: str, name: str, password: str) -> Admin:
    """The first account, an owner, while there is no other.

    Raises RefusedError where there is one, or for a password that will not do. Of two who come at the same moment one
    gets it: the table is locked from the look until the commit.
    """
    admin = Admin(email=email.strip().lower(), name=name, role=Role.OWNER.value, password_hash="")
    admins.put_password(admin, password)
    db.session.execute(text("lock table admins in share row exclusive mode"))
    if admins.any_exist():
        db.session.rollback()
        raise RefusedError(LATE)
    admins.add(admin)
    return admin


def domains_up_to_two(admin: Admin) -> int:
    """How many domains the administrator may see, counted no further than two."""
    query = select(Domain.id)
    if admin.limited:
        query = query.join(admin_domains).where(admin_domains.c.admin_id == admin.id)
    return db.session.scalar(select(func.count()).select_from(query.limit(2).subquery())) or 0
