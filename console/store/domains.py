"""Domains, their alias domains and their groups."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from console.core.errors import RefusedError
from console.core.recipient import Mode
from console.models import (
    Admin,
    Domain,
    DomainName,
    EventKind,
    Group,
    Rejection,
    Run,
    Source,
    User,
    UserCount,
    db,
)
from console.store import events
from console.store.events import Difference

DEFAULT_GROUP = "Default"
_QUIETLY = {"synchronize_session": False}


def visible(admin: Admin) -> Sequence[Domain]:
    """The domains that the administrator may see, by name."""
    query = select(Domain).options(selectinload(Domain.names)).order_by(Domain.name)
    if admin.limited:
        query = query.where(Domain.id.in_([domain.id for domain in admin.domains]))
    return db.session.scalars(query).all()


def every() -> Sequence[Domain]:
    return db.session.scalars(select(Domain).options(selectinload(Domain.names)).order_by(Domain.name)).all()


def find(admin: Admin, name: str) -> Domain | None:
    """The domain of this name, if the administrator may see it."""
    domain = named(name)
    if domain is None or (admin.limited and domain not in admin.domains):
        return None
    return domain


def named(name: str) -> Domain | None:
    return db.session.scalars(select(Domain).where(Domain.name == name)).one_or_none()


def get(domain_id: int) -> Domain | None:
    """A domain as it stands in the database now. For workers; pages use `find`."""
    return db.session.get(Domain, domain_id, populate_existing=True)


def list_version(domain_id: int) -> int:
    """How often the users of the domain were changed, as it stands in the database now."""
    return db.session.execute(select(Domain.list_version).where(Domain.id == domain_id)).scalar_one()


def add(name: str, aliases: Iterable[str] = (), admin: Admin | None = None) -> Domain:
    """A new domain with its group "Default". `name` and `aliases` are in A-label form (core.address.parse_domain).

    An administrator who is limited to some domains gets this one too. Raises RefusedError for a name that is in use.
    """
    wanted = [name, *(alias for alias in dict.fromkeys(aliases) if alias != name)]
    taken = db.session.scalars(select(DomainName.name).where(DomainName.name.in_(wanted))).first()
    if taken:
        raise RefusedError(f"{taken} is already in use here, as a domain or as an alias domain.")
    domain = Domain(name=name, names=[DomainName(name=item) for item in wanted])
    domain.groups = [Group(name=DEFAULT_GROUP, is_default=True)]
    if admin is not None and admin.limited:
        admin.domains.append(domain)
    db.session.add(domain)
    _flush(f"{name} is already in use here, as a domain or as an alias domain.")
    also = [Difference("Alias domains", "", ", ".join(wanted[1:]))] if wanted[1:] else []
    events.note(EventKind.ADDED, "Added the domain", domain=domain, changes=also)
    db.session.commit()
    return domain


def add_alias(domain: Domain, name: str) -> None:
    """Raises RefusedError for a name that is in use."""
    if db.session.get(DomainName, name) is not None:
        raise RefusedError(f"{name} is already in use here, as a domain or as an alias domain.")
    db.session.add(DomainName(name=name, domain_id=domain.id))
    _flush(f"{name} is already in use here, as a domain or as an alias domain.")
    events.note(EventKind.ADDED, f"Added the alias domain {name}", domain=domain)
    db.session.commit()


def remove_alias(domain: Domain, name: str) -> bool:
    """Mail to this name is no longer accepted as the domain's. The domain's own name stays."""
    row = db.session.get(DomainName, name)
    if row is None or row.domain_id != domain.id or name == domain.name:
        return False
    db.session.delete(row)
    events.note(EventKind.REMOVED, f"Removed the alias domain {name}", domain=domain)
    db.session.commit()
    return True


def set_plus_tags(domain: Domain, on: bool) -> None:
    domain.plus_tags = on
    events.note_changed(domain, "Changed the domain's settings", domain, {"plus_tags": "Plus tags"})
    db.session.commit()


def set_perimeter(domain: Domain, mode: Mode) -> None:
    """What mail servers are told of this domain; the perimeter knows within a second."""
    domain.perimeter_mode = mode.value
    events.note_changed(domain, "Changed what mail servers are told", domain, {"perimeter_mode": "Perimeter"})
    db.session.commit()


def delete(domain: Domain) -> None:
    """Delete a domain with its users, sources and runs. All but the users go with it by themselves."""
    events.note(EventKind.REMOVED, "Deleted the domain, with its users and sources", domain=domain)
    db.session.execute(sql_delete(User).where(User.domain_id == domain.id), execution_options=_QUIETLY)
    db.session.execute(sql_delete(Domain).where(Domain.id == domain.id))
    db.session.commit()


def default_group(domain_id: int) -> Group:
    return db.session.scalars(select(Group).where(Group.domain_id == domain_id, Group.is_default)).one()


def having(kind: type[Group] | type[Rejection] | type[Run] | type[Source] | type[User], row_id: int) -> Domain | None:
    """The domain of a row of this kind, whoever may see it: for the record."""
    return db.session.scalars(select(Domain).join(kind, kind.domain_id == Domain.id).where(kind.id == row_id)).first()


def of_group(group_id: int) -> Domain:
    return db.session.scalars(select(Domain).join(Group).where(Group.id == group_id)).one()


def group(domain_id: int, group_id: int) -> Group | None:
    """A group of this domain."""
    return db.session.scalars(select(Group).where(Group.domain_id == domain_id, Group.id == group_id)).one_or_none()


def visible_group(admin: Admin, group_id: int) -> Group | None:
    """The group, if the administrator may see its domain."""
    found = db.session.get(Group, group_id)
    return None if found is None or (admin.limited and found.domain not in admin.domains) else found


def groups(domain_id: int) -> Sequence[Group]:
    """Groups of a domain, "Default" first."""
    query = select(Group).where(Group.domain_id == domain_id).order_by(Group.is_default.desc(), func.lower(Group.name))
    return db.session.scalars(query).all()


def add_group(domain: Domain, name: str) -> Group:
    """Raises RefusedError for a name that the domain has already, in whatever case."""
    new = Group(domain_id=domain.id, name=name)
    db.session.add(new)
    _flush(f"{domain.name} has a group named {name} already.")
    events.note(EventKind.ADDED, f"Added the group {name}", domain=domain)
    db.session.commit()
    return new


def rename_group(changed: Group, name: str) -> None:
    """Raises RefusedError for a name that the domain has already, in whatever case."""
    domain = changed.domain
    changed.name = name
    events.note_changed(changed, "Renamed a group", domain, {"name": "Name"})
    _flush(f"This domain has a group named {name} already.")
    db.session.commit()


def group_sizes(domain_id: int) -> dict[int, int]:
    """Users of each group, by group id."""
    rows = db.session.execute(
        select(UserCount.group_id, func.sum(UserCount.users))
        .where(UserCount.domain_id == domain_id)
        .group_by(UserCount.group_id)
    )
    return {group_id: int(users) for group_id, users in rows}


def totals(domain_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """Users and billable mailboxes of each domain, by domain id."""
    billable = func.sum(UserCount.users).filter(UserCount.kind == "mailbox", UserCount.status != "disabled")
    rows = db.session.execute(
        select(UserCount.domain_id, func.sum(UserCount.users), billable)
        .where(UserCount.domain_id.in_(list(domain_ids)))
        .group_by(UserCount.domain_id)
    )
    return {domain_id: (int(users or 0), int(paid or 0)) for domain_id, users, paid in rows}


def _flush(taken: str) -> None:
    """Flush, turning the database's word that a name is taken into a sentence: two may add it at the same moment."""
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(taken) from None
