"""The users of a domain as core records: what reconcile compares with, and what a plan is checked against."""

import datetime as dt
from collections.abc import Iterable

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.core.address import Address, key
from console.core.person import Kind, Origin, Status, User
from console.models import Address as AddressRow
from console.models import db

_KINDS = {kind.value: kind for kind in Kind}
_ORIGINS = {origin.value: origin for origin in Origin}
_STATUSES = {status.value: status for status in Status}
_NOTHING: frozenset[str] = frozenset()

_USERS = """
    select id, address, group_id, origin, first_name, last_name, kind, source_id, source_key, status, reason,
           missing_since, by_hand, exempt
      from users
"""
_ALIASES = """
    select a.user_id, a.address
      from users u join addresses a on a.user_id = u.id and a.address <> u.address
"""


def driver(session: Session) -> psycopg.Connection[TupleRow]:
    """The psycopg connection of the session's transaction, for COPY and for reading a hundred thousand rows."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the session is not on psycopg")
    return connection


def of_domain(domain_id: int) -> list[User]:
    """All users of a domain, in no particular order."""
    return _load("where domain_id = %s", "where u.domain_id = %s", domain_id)


def by_ids(user_ids: Iterable[int]) -> dict[int, User]:
    """The users with these ids that are on the list, by id."""
    users = _load("where id = any(%s)", "where u.id = any(%s)", list(user_ids))
    return {user.id: user for user in users if user.id is not None}


def holding(addresses: Iterable[Address]) -> list[User]:
    """The users that have any of these addresses."""
    ids = select(AddressRow.user_id).where(AddressRow.key.in_([key(address) for address in addresses])).distinct()
    return list(by_ids(db.session.scalars(ids)).values())


def _load(users_where: str, aliases_where: str, value: object) -> list[User]:
    connection = driver(db.session())
    aliases: dict[int, list[Address]] = {}
    with connection.cursor() as cursor:
        for user_id, alias in cursor.execute((_ALIASES + aliases_where).encode(), (value,)):
            aliases.setdefault(user_id, []).append(alias)
        return [_user(*row, aliases) for row in cursor.execute((_USERS + users_where).encode(), (value,))]


def _user(
    user_id: int,
    address: Address,
    group_id: int,
    origin: str,
    first_name: str,
    last_name: str,
    kind: str,
    source_id: int | None,
    source_key: str | None,
    status: str,
    reason: str,
    missing_since: dt.datetime | None,
    by_hand: list[str],
    exempt: bool,
    aliases: dict[int, list[Address]],
) -> User:
    mine = aliases.get(user_id)
    return User(
        address,
        group_id,
        _ORIGINS[origin],
        tuple(sorted(mine)) if mine else (),
        first_name,
        last_name,
        _KINDS[kind],
        source_id,
        source_key,
        _STATUSES[status],
        reason,
        missing_since,
        frozenset(by_hand) if by_hand else _NOTHING,
        exempt,
        user_id,
    )
