"""Find users: pages that stay fast however long the list is, counts, one user."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, load_only, selectinload

from console.core.address import Address as MailAddress
from console.core.address import key, split
from console.core.recipient import spellings
from console.models import Address, Admin, Domain, DomainName, Source, User, UserCount, db
from console.store import search, user_order
from console.store.user_order import BY_ADDRESS, Order

PAGE = 50
# A search is counted to this many: further on the exact number says nothing that a person acts on.
COUNTED = 1_000
# So many that match are sorted in the time that it takes to show a page; where they are a good part of all, there is no
# need to.
SORTED = 20_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show: `q` in addresses and names, the rest exact; None for any.

    `origin` is an origin or "source:<id>". Of a `q` of several words each is looked for on its own.
    """

    q: str = ""
    kind: str | None = None
    status: str | None = None
    origin: str | None = None
    group: int | None = None

    @property
    def any(self) -> bool:
        return bool(self.q or self.kind or self.status or self.origin or self.group)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of users. `before` and `after` name the spots in their order to go on from, None at an end.

    `total` is the number that the filters match, `more` is true when it stopped counting there.
    """

    users: Sequence[User]
    before: str | None
    after: str | None
    total: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """The numbers above the list."""

    users: int
    accepted: int
    billable: int
    missing: int
    disabled: int
    by_kind: dict[str, int]
    by_origin: dict[str, int]


def page(
    domain_id: int,
    filters: Filters,
    *,
    order: Order = BY_ADDRESS,
    after: str | None = None,
    before: str | None = None,
) -> Page:
    """The page after, or before, a spot in the order; the first one without either, and where that is no spot.

    Without an order spots are addresses, and the order is that of the C collation.
    """
    backwards = before is not None
    spot = user_order.spot(order, before if backwards else after)
    backwards = backwards and spot is not None
    total, more = count(domain_id, filters)
    found = user_order.page(
        domain_id,
        conditions(domain_id, filters),
        _count_conditions(filters),
        order,
        spot,
        backwards=backwards,
        limit=PAGE,
        few=not more and _few(domain_id, filters, total),
    )
    has_before = found.further if backwards else spot is not None
    has_after = bool(found.ids) if backwards else found.further
    return Page(
        users=_shown(found.ids),
        before=found.first if found.ids and has_before else None,
        after=found.last if found.ids and has_after else None,
        total=total,
        more=more,
    )


def _few(domain_id: int, filters: Filters, total: int) -> bool:
    """Whether those that match are sorted faster than found among all users in their order."""
    # By address, the index that finds what matches a filter has it in order, too; other orders are sorted anyway.
    if not filters.q:
        return False
    return total <= min(SORTED, count(domain_id, Filters())[0] // 5)


def _shown(ids: Sequence[int]) -> Sequence[User]:
    """The users with these ids, in their order, with what the list shows of them."""
    query = (
        select(User)
        .where(User.id.in_(ids))
        .options(
            load_only(
                User.address,
                User.first_name,
                User.last_name,
                User.kind,
                User.status,
                User.reason,
                User.missing_since,
                User.origin,
                User.source_id,
                User.group_id,
                User.exempt,
                User.changed_at,
                User.domain_id,
                User.billable,
            ),
            selectinload(User.addresses),
            selectinload(User.group),
            selectinload(User.source),
        )
    )
    found = {user.id: user for user in db.session.scalars(query)} if ids else {}
    return [found[user_id] for user_id in ids if user_id in found]


def count(domain_id: int, filters: Filters) -> tuple[int, bool]:
    """How many users the filters match, and whether it stopped counting there (a search is counted to COUNTED)."""
    if not filters.q:
        query = select(func.coalesce(func.sum(UserCount.users), 0)).where(UserCount.domain_id == domain_id)
        return int(db.session.scalar(query.where(*_count_conditions(filters))) or 0), False
    matching = select(User.id).where(User.domain_id == domain_id, *conditions(domain_id, filters)).limit(COUNTED + 1)
    found = db.session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    return min(found, COUNTED), found > COUNTED


def totals(domain_id: int) -> Totals:
    """The domain's numbers, from the counts kept beside the list."""
    rows = db.session.execute(
        select(
            UserCount.kind,
            UserCount.status,
            UserCount.origin,
            UserCount.source_id,
            func.sum(UserCount.users),
            func.sum(UserCount.addresses),
        )
        .where(UserCount.domain_id == domain_id)
        .group_by(UserCount.kind, UserCount.status, UserCount.origin, UserCount.source_id)
    ).all()
    by_kind: dict[str, int] = {}
    by_origin: dict[str, int] = {}
    by_status: dict[str, int] = {}
    accepted = billable = 0
    for kind, status, origin, source_id, users, addresses in rows:
        n = int(users)
        by_kind[kind] = by_kind.get(kind, 0) + n
        by_status[status] = by_status.get(status, 0) + n
        name = f"source:{source_id}" if source_id else origin
        by_origin[name] = by_origin.get(name, 0) + n
        if status != "disabled":
            accepted += int(addresses)
            billable += n if kind == "mailbox" else 0
    return Totals(
        users=sum(by_kind.values()),
        accepted=accepted,
        billable=billable,
        missing=by_status.get("missing", 0),
        disabled=by_status.get("disabled", 0),
        by_kind={name: n for name, n in by_kind.items() if n},
        by_origin={name: n for name, n in by_origin.items() if n},
    )


def visible(admin: Admin, user_id: int) -> User | None:
    """The user, if the administrator may see its domain."""
    user = db.session.scalars(
        select(User)
        .where(User.id == user_id)
        .options(joinedload(User.domain), joinedload(User.group), joinedload(User.source), selectinload(User.addresses))
    ).one_or_none()
    if user is None or (admin.limited and user.domain not in admin.domains):
        return None
    return user


def holder(address: MailAddress) -> User | None:
    """The user that has this very address, primary or alias."""
    return db.session.scalars(
        select(User).join(Address, Address.user_id == User.id).where(Address.key == key(address))
    ).first()


def recipient(address: MailAddress) -> tuple[Domain | None, User | None]:
    """The domain that an address belongs to (None: not ours) and the user who receives its mail (None: nobody).

    An alias domain stands for its domain, and where the domain allows plus tags the part after the plus is left off.
    """
    name = db.session.get(DomainName, split(address)[1], options=[joinedload(DomainName.domain)])
    if name is None:
        return None, None
    keys = spellings(address, name.domain.name, plus_tags=name.domain.plus_tags)
    rows = db.session.execute(
        select(Address.key, User).join(User, User.id == Address.user_id).where(Address.key.in_(keys))
    )
    found = {stored: user for stored, user in rows}  # noqa: C416 - dict() has no type for rows
    return name.domain, next((found[item] for item in keys if item in found), None)


def every(domain_id: int) -> Sequence[User]:
    """All users of a domain by address, for a list on the command line."""
    query = (
        select(User)
        .where(User.domain_id == domain_id)
        .options(selectinload(User.addresses), selectinload(User.group), selectinload(User.source))
        .order_by(User.address)
    )
    return db.session.scalars(query).all()


def sources(domain_id: int) -> Sequence[Source]:
    return db.session.scalars(select(Source).where(Source.domain_id == domain_id).order_by(Source.id)).all()


def conditions(domain_id: int, filters: Filters) -> list[ColumnElement[bool]]:
    """The filters as conditions on users of the domain."""
    found: list[ColumnElement[bool]] = []
    if filters.q:
        domain = db.session.get_one(Domain, domain_id)
        found += search.conditions(filters.q, (domain.name, *domain.aliases))
    if filters.kind:
        found.append(User.kind == filters.kind)
    if filters.status:
        found.append(User.status == filters.status)
    if filters.group:
        found.append(User.group_id == filters.group)
    if filters.origin:
        source_id = _source_id(filters.origin)
        found.append(User.source_id == source_id if source_id else User.origin == filters.origin)
    return found


def _count_conditions(filters: Filters) -> list[ColumnElement[bool]]:
    exact: list[tuple[Any, Any]] = [
        (UserCount.kind, filters.kind),
        (UserCount.status, filters.status),
        (UserCount.group_id, filters.group),
    ]
    if filters.origin:
        source_id = _source_id(filters.origin)
        exact.append((UserCount.source_id, source_id) if source_id else (UserCount.origin, filters.origin))
    return [column == value for column, value in exact if value]


def _source_id(origin: str) -> int | None:
    prefix, _, number = origin.partition(":")
    return int(number) if prefix == "source" and number.isdigit() else None
