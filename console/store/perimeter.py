"""What the perimeter asks: the domains and their modes, and who has an address."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import and_, func, select

from console.core.recipient import Asked, Mode
from console.models import Discovery, Domain, DomainName, User, UserCount, db, now
from console.store import driver, users


@dataclass(frozen=True, slots=True)
class Kept:
    """A domain as the perimeter needs it. `version` goes up with every change of its users.

    While it is `discovering`, its own mail server is asked about addresses that nobody has.
    """

    id: int
    name: str
    mode: Mode
    plus_tags: bool
    version: int
    discovering: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Who has an address: what the decision needs of a user."""

    address: str
    status: str
    reason: str
    missing_since: dt.datetime | None


def kept() -> dict[str, Kept]:
    """The domains by each of their names."""
    columns = (Domain.id, Domain.name, Domain.perimeter_mode, Domain.plus_tags, Domain.list_version)
    on = and_(Discovery.domain_id == Domain.id, Discovery.state == "on", Discovery.ends_at > now())
    rows = db.session.execute(
        select(DomainName.name, *columns, Discovery.domain_id.is_not(None))
        .join(Domain, Domain.id == DomainName.domain_id)
        .outerjoin(Discovery, on)
    )
    found: dict[int, Kept] = {}
    return {
        name: found.setdefault(domain_id, Kept(domain_id, own, Mode(mode), plus_tags, version, discovering))
        for name, domain_id, own, mode, plus_tags, version, discovering in rows
    }


def holders(keys: Iterable[str]) -> dict[str, Held]:
    """Who has these addresses (as core.address.key gives them), by key."""
    with driver.cursor() as cursor:
        rows = cursor.execute(_HOLDERS, (list(keys),)).fetchall()
    return {row[0]: Held(*row[1:]) for row in rows}


def accepted(domain_id: int, after: str, limit: int) -> tuple[list[str], str | None]:
    """The keys of all addresses of some users who receive mail, and the user to go on after; None at the end.

    The users are those after one, by their addresses.
    """
    with driver.cursor() as cursor:
        rows = cursor.execute(_ACCEPTED, {"domain": domain_id, "after": after, "limit": limit}).fetchall()
    addresses = {row[0] for row in rows}
    return [row[1] for row in rows], max(addresses) if len(addresses) == limit else None


def sizes() -> dict[int, int]:
    """How many addresses of each domain receive mail."""
    query = (
        select(UserCount.domain_id, func.sum(UserCount.addresses))
        .where(UserCount.status != "disabled")
        .group_by(UserCount.domain_id)
    )
    return {domain_id: int(addresses) for domain_id, addresses in db.session.execute(query)}


def recipient(asked: Asked) -> tuple[Domain | None, User | None]:
    """The domain that is asked about, if it is kept here, and the user who receives the mail."""
    if asked.address is not None:
        return users.recipient(asked.address)
    name = db.session.get(DomainName, asked.domain) if asked.domain else None
    return (name.domain if name is not None else None), None


_HOLDERS = """
    select a.key, u.address, u.status, u.reason, u.missing_since
      from addresses a join users u on u.id = a.user_id where a.key = any(%s)
"""
_ACCEPTED = """
    select u.address, a.key
      from (select id, address from users
             where domain_id = %(domain)s and address > %(after)s and status <> 'disabled'
             order by address limit %(limit)s) u
      join addresses a on a.user_id = u.id
"""
