"""Find users, addresses and domains over all that an administrator may see, in a time that is bounded.

Three questions, each served by an index and each with a limit: who has this very address, whose address begins so, and
whose addresses or name have these letters in them. The last can be asked for letters that nearly everybody has or that
are in a corner of a million users, so it is given up after PATIENCE and the answer says so.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import psycopg
from sqlalchemy import ColumnElement, Select, or_, select, text, true
from sqlalchemy.orm import joinedload, load_only, selectinload

from console.core import lookup
from console.core.address import Address, display_domain
from console.core.lookup import Closeness, Wanted
from console.models import Admin, DatabaseError, Domain, DomainName, User, db
from console.store import users
from console.store.search import TRIGRAM

PATIENCE = 1_500
"""Milliseconds."""
ONE_BY_ONE = 25
"""So many domains are looked through one by one."""
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hit:
    """A user that was found. `alias` is the address by which, where it is not plain to see."""

    user: User
    closeness: Closeness
    alias: Address | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, the closest first; `more` and `more_domains` where there is more than was asked for, and
    `given_up` where users with these letters somewhere in their addresses or names could not be looked for in time."""

    text: str = ""
    domains: Sequence[Domain] = ()
    users: Sequence[Hit] = ()
    more_domains: bool = False
    more: bool = False
    given_up: bool = False


def find(admin: Admin, typed: str, *, users_limit: int, domains_limit: int) -> Found:
    """What an administrator may see and what answers to a text."""
    wanted = lookup.read(typed)
    if not wanted.words:
        return Found()
    scope = [domain.id for domain in admin.domains] if admin.limited else None
    named = _domains(wanted.text, scope, domains_limit + 1)
    ids = dict.fromkeys(_exact(wanted))
    if wanted.word is not None:
        ids.update(dict.fromkeys(_beginning(wanted.word, scope, users_limit + 1)))
    within = None
    if len(ids) <= users_limit and any(len(word) >= TRIGRAM for word in wanted.words):
        within = _patiently(_within(_conditions(wanted, scope), scope, users_limit + 1))
        ids.update(dict.fromkeys(within or ()))
    else:
        within = []
    hits = _hits(wanted, ids, scope)
    return Found(
        wanted.text,
        named[:domains_limit],
        hits[:users_limit],
        more_domains=len(named) > domains_limit,
        more=len(hits) > users_limit,
        given_up=within is None,
    )


def domains_named(admin: Admin, typed: str, limit: int) -> tuple[list[Domain], bool]:
    """Some of the domains that an administrator may see, by name, and whether there are more; `typed` narrows them."""
    scope = [domain.id for domain in admin.domains] if admin.limited else None
    if typed:
        found = _domains(typed, scope, limit + 1)
    else:
        query = select(Domain).order_by(Domain.name).limit(limit + 1)
        found = list(db.session.scalars(query if scope is None else query.where(Domain.id.in_(scope))))
    return found[:limit], len(found) > limit


def _domains(typed: str, scope: Sequence[int] | None, limit: int) -> list[Domain]:
    """Domains with the text in one of their names, as it is stored or as people write it; those that begin so first."""
    names = select(DomainName)
    if scope is not None:
        names = names.where(DomainName.domain_id.in_(scope))
    plain = DomainName.name.contains(typed, autoescape=True)
    # An international name is stored in a form that has nothing of what one types.
    names = names.where(plain if typed.isascii() else DomainName.name.contains("xn--"))
    rows = db.session.scalars(
        names.options(joinedload(DomainName.domain).selectinload(Domain.names)).order_by(
            DomainName.name.startswith(typed, autoescape=True).desc(), DomainName.name
        )
    )
    found = (row.domain for row in rows if typed.isascii() or typed in display_domain(row.name))
    return list(dict.fromkeys(found))[:limit]


def _exact(wanted: Wanted) -> list[int]:
    """Who receives the mail of the very address, also by the name of an alias domain or without a plus tag."""
    if wanted.address is None:
        return []
    _, holder = users.recipient(wanted.address)
    return [holder.id] if holder is not None else []


def _beginning(word: str, scope: Sequence[int] | None, limit: int) -> Iterable[int]:
    values = {"first": word, "last": word + _LAST, "limit": limit}
    if scope is None:
        return db.session.scalars(text(_BEGINNING), values).all()
    return db.session.scalars(text(_BEGINNING_OF), {**values, "scope": list(scope)}).all()


_BEGINNING = "select user_id from addresses where key >= :first and key < :last order by key limit :limit"
# A few of each domain: those of the others, of whom there may be a million, are not looked at.
_BEGINNING_OF = """
    select found.id
      from unnest(cast(:scope as bigint[])) as domain(id)
     cross join lateral (
        select u.id, u.address from users u
         where u.domain_id = domain.id and u.address >= :first and u.address < :last
         order by u.address limit :limit
     ) as found
     order by found.address
     limit :limit
"""


def _conditions(wanted: Wanted, scope: Sequence[int] | None) -> list[ColumnElement[bool]]:
    """Each word in an address or the name. Beside another word it may also be part of the domain's name."""
    return [_has(word, alone=len(wanted.words) == 1, scope=scope) for word in wanted.words]


def _has(word: str, *, alone: bool, scope: Sequence[int] | None) -> ColumnElement[bool]:
    """The search text leaves the domain's name out of addresses (store.search)."""
    within = User.search.contains(word, autoescape=True)
    local, at, domain = word.rpartition("@")
    if not at and alone:
        return within
    of = select(DomainName.domain_id).where(
        DomainName.name.startswith(domain, autoescape=True) if at else DomainName.name.contains(domain, autoescape=True)
    )
    if scope is not None:
        of = of.where(DomainName.domain_id.in_(scope))
    named = db.session.scalars(of.distinct().limit(1000)).all()
    if not named:
        return within
    if not at:
        return or_(within, User.domain_id.in_(named))
    return or_(within, User.search.contains(f"{local}@ ", autoescape=True) & User.domain_id.in_(named))


def _within(conditions: Sequence[ColumnElement[bool]], scope: Sequence[int] | None, limit: int) -> Select[int]:
    """The ids of some users that the conditions are true of: the newest, or of a few domains the first ones of each.

    What is common among a million users of others would be gone through, newest first, for a few domains' sake.
    """
    if scope is not None and len(scope) <= ONE_BY_ONE:
        first = select(User.id).where(User.domain_id == Domain.id, *conditions).order_by(User.address).limit(limit)
        found = first.correlate(Domain).lateral("found")
        return select(found.c.id).select_from(Domain).join(found, true()).where(Domain.id.in_(scope)).limit(limit)
    everywhere = select(User.id).where(*conditions).order_by(User.id.desc()).limit(limit)
    return everywhere if scope is None else everywhere.where(User.domain_id.in_(scope))


def _patiently(query: Select[int]) -> Sequence[int] | None:
    """What a query finds; None when it took too long."""
    try:
        with db.session.begin_nested():
            db.session.execute(text(f"set local statement_timeout = {PATIENCE}"))
            found = db.session.scalars(query).all()
            db.session.execute(text("set local statement_timeout to default"))
            return found
    except DatabaseError as error:
        if isinstance(error.orig, psycopg.errors.QueryCanceled):
            return None
        raise


def _hits(wanted: Wanted, ids: Iterable[int], scope: Sequence[int] | None) -> list[Hit]:
    query = (
        select(User)
        .where(User.id.in_(list(ids)))
        .options(
            load_only(User.address, User.first_name, User.last_name, User.kind, User.status, User.domain_id),
            selectinload(User.addresses),
            joinedload(User.domain).load_only(Domain.name),
        )
    )
    if scope is not None:
        query = query.where(User.domain_id.in_(scope))
    hits = [_hit(wanted, user) for user in db.session.scalars(query)]
    return sorted(hits, key=lambda hit: (hit.closeness, hit.user.address))


def _hit(wanted: Wanted, user: User) -> Hit:
    address, aliases = Address(user.address), [Address(alias) for alias in user.aliases]
    return Hit(
        user,
        lookup.closeness(wanted, address, aliases, user.name),
        lookup.explaining(wanted, address, aliases, user.name),
    )
