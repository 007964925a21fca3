"""The users of a domain as core records: what reconcile compares with, and what a plan is checked against."""

from collections.abc import Iterable
from typing import Any, LiteralString

from console.core.address import Address, key
from console.core.person import Kind, Origin, Status, User
from console.core.plan import Step
from console.store import driver

_KINDS = {kind.value: kind for kind in Kind}
_ORIGINS = {origin.value: origin for origin in Origin}
_STATUSES = {status.value: status for status in Status}
_NOTHING: frozenset[str] = frozenset()

# One statement, so that a user and its aliases are of one moment. No address has a line break in it.
_USERS = """
    select u.address, u.group_id, u.origin,
           (select string_agg(a.address, E'\\n' order by a.address)
              from addresses a where a.user_id = u.id and a.address <> u.address),
           u.first_name, u.last_name, u.kind, u.source_id, u.source_key, u.status, u.reason, u.missing_since,
           u.by_hand, u.exempt, u.id
      from users u
"""
# Joins with the arrays, since a condition on each of them with "or" in between would read the whole list for each.
_AROUND = """
    where u.id in (
        select unnest(%(ids)s::bigint[])
        union select user_id from addresses where key in (select unnest(%(names)s::text[]))
        union select id from users
               where source_id = any(%(sources)s) and source_key in (select unnest(%(keys)s::text[]))
    )
"""

_NEAR = """
    where u.domain_id = %(domain)s and u.id in (
        select id from users where source_id = %(source)s and source_key in (select unnest(%(keys)s::text[]))
        union select user_id from addresses where key in (select unnest(%(names)s::text[]))
    )
"""


def of_domain(domain_id: int) -> list[User]:
    """All users of a domain, in no particular order."""
    return _load("where u.domain_id = %(domain)s", domain=domain_id)


def left_out(domain_id: int) -> list[User]:
    """The users of a domain who are missing since a file that says who there is left them out."""
    return _load("where u.domain_id = %(domain)s and u.origin = 'csv' and u.status = 'missing'", domain=domain_id)


def near(domain_id: int, source_id: int, keys: Iterable[str], names: Iterable[str]) -> list[User]:
    """The users of a domain that an entry of the source with one of these keys is, or that have one of these addresses
    (as core.address.key gives them)."""
    return _load(_NEAR, domain=domain_id, source=source_id, keys=list(keys), names=list(names))


def by_ids(user_ids: Iterable[int]) -> dict[int, User]:
    """The users with these ids that are on the list, by id."""
    return _by_id(_load("where u.id = any(%(ids)s)", ids=list(user_ids)))


def holding(addresses: Iterable[Address]) -> list[User]:
    """The users that have any of these addresses."""
    names = [key(address) for address in addresses]
    return _load("where u.id in (select user_id from addresses where key = any(%(names)s))", names=names)


def around(steps: Iterable[Step]) -> dict[int, User]:
    """What an undo of steps has to look at, by id: the users that they changed, and those that have now what the
    users had before."""
    listed = list(steps)
    befores = [step.before for step in listed if step.before is not None]
    return _by_id(
        _load(
            _AROUND,
            ids=[step.user.id for step in listed if step.user is not None and step.user.id is not None],
            names=[key(address) for before in befores for address in before.addresses],
            sources=list({before.source_id for before in befores if before.source_id is not None}),
            keys=[before.source_key for before in befores if before.source_key is not None],
        )
    )


def _load(where: LiteralString, **values: Any) -> list[User]:
    with driver.cursor() as cursor:
        return [_user(row) for row in cursor.execute(_USERS + where, values)]


def _user(row: tuple[Any, ...]) -> User:
    """A row of _USERS: the columns are in the order of the record's fields."""
    address, group, origin, aliases, first, last, kind, source, source_key, *state = row
    status, reason, since, by_hand, exempt, user_id = state
    return User(
        address,
        group,
        _ORIGINS[origin],
        tuple(aliases.split("\n")) if aliases else (),
        first,
        last,
        _KINDS[kind],
        source,
        source_key,
        _STATUSES[status],
        reason,
        since,
        frozenset(by_hand) if by_hand else _NOTHING,
        exempt,
        user_id,
    )


def _by_id(users: Iterable[User]) -> dict[int, User]:
    return {user.id: user for user in users if user.id is not None}
