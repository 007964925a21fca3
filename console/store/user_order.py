"""The orders of the Users page, each walked by key in both directions.

By address, kind and status a page costs the same however long the list is and however far down it is. By name and by
the last change PostgreSQL picks it out of all that match: indexes would make every import of users a tenth slower.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, String, func, literal_column, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from console.core.person import Kind, Status
from console.models import User, UserCount, db

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_LATEST = 2**53
Key = ColumnElement[Any] | InstrumentedAttribute[Any]
_NAME: ColumnElement[str] = literal_column("""lower(btrim(first_name || ' ' || last_name) collate "C")""", String)


class Sort(StrEnum):
    """What the list is sorted by."""

    ADDRESS = "address"
    NAME = "name"
    KIND = "kind"
    STATUS = "status"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Order:
    """A column and a direction; "-changed" in an address line is the newest first."""

    sort: Sort = Sort.ADDRESS
    falling: bool = False

    @classmethod
    def parse(cls, text: str) -> "Order":
        """The inverse of `str`; what is no order is the usual one."""
        name = text.removeprefix("-")
        return cls(Sort(name), text.startswith("-")) if name in set(Sort) else cls()

    def __str__(self) -> str:
        return f"-{self.sort}" if self.falling else str(self.sort)


BY_ADDRESS = Order()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the order: who is in it, and the columns that order it, no two users alike in all of them.

    A column of few values is sorted as a stretch of each, which indexes for filters serve, and needs none of its own.
    """

    where: tuple[ColumnElement[bool], ...]
    keys: Sequence[Key]
    value: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a page begins or ends: between two users, in a stretch, beside the keys of one of them."""

    stretch: int
    keys: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The ids of a page in order, and the words for an address line to go on from its first and its last user."""

    ids: Sequence[int]
    first: str = ""
    last: str = ""
    further: bool = False


def page(
    domain_id: int,
    where: Sequence[ColumnElement[bool]],
    present: Sequence[ColumnElement[bool]],
    order: Order,
    spot: Spot | None,
    *,
    backwards: bool,
    limit: int,
    few: bool,
) -> Found:
    """A page of the users that `where` lets through. `present` says the same of their counts, as far as it can.

    `few` is whether they are few enough to be sorted. Else they are picked from all users, who are in order in an
    index where the order is by address, kind or status.
    `further` tells whether there are more in the direction that was gone.
    """
    stretches = _stretches(order.sort)
    rows: list[tuple[int, Row[Any]]] = []
    for index in _walk(domain_id, order, stretches, spot, present, backwards=backwards):
        stretch, falling = stretches[index], order.falling != backwards
        columns: list[Any] = [key.label(f"key{place}") for place, key in enumerate(stretch.keys)]
        query = select(User.id, *columns).where(User.domain_id == domain_id, *where, *stretch.where)
        keys = stretch.keys
        if few:
            # Which PostgreSQL does not see into: these users are looked for first, and sorted then.
            found = query.offset(0).subquery()
            query, keys = select(*found.c), list(found.c)[1:]
        if spot is not None and index == spot.stretch:
            query = query.where(_beyond(keys, spot.keys, falling))
        query = query.order_by(*(key.desc() if falling else key for key in keys))
        rows += [(index, row) for row in db.session.execute(query.limit(limit + 1 - len(rows)))]
        if len(rows) > limit:
            break
    further = len(rows) > limit
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    if not rows:
        return Found(())
    return Found([row[0] for _, row in rows], _words(order, *rows[0]), _words(order, *rows[-1]), further)


def spot(order: Order, words: str | None) -> Spot | None:
    """The spot that an address line names; None for none, and for what is no spot of this order."""
    if words is None:
        return None
    words = words.replace("\x00", "")
    if order.sort is Sort.ADDRESS:
        return Spot(0, (words,))
    head, _, tail = words.partition(":")
    if order.sort in (Sort.KIND, Sort.STATUS):
        values = [stretch.value for stretch in _stretches(order.sort)]
        return Spot(values.index(head), (tail,)) if head in values else None
    if not _is_number(head):
        return None
    if order.sort is Sort.NAME:
        return Spot(0, (tail, int(head))) if tail else Spot(1, (int(head),))
    if not _is_number(tail) or int(tail) > _LATEST:
        return None
    return Spot(0, (_EPOCH + dt.timedelta(microseconds=int(tail)), int(head)))


def _words(order: Order, index: int, row: Row[Any]) -> str:
    """The inverse of `spot`: an id stands before what may be any text."""
    user_id, key = tuple(row)[:2]
    match order.sort:
        case Sort.ADDRESS:
            return str(key)
        case Sort.KIND | Sort.STATUS:
            return f"{_stretches(order.sort)[index].value}:{key}"
        case Sort.NAME:
            return f"{user_id}:{key if index == 0 else ''}"
        case Sort.CHANGED:
            return f"{user_id}:{(key - _EPOCH) // dt.timedelta(microseconds=1)}"


def _stretches(sort: Sort) -> list[Stretch]:
    match sort:
        case Sort.ADDRESS:
            return [Stretch((), (User.address,))]
        case Sort.NAME:
            # Whoever has no name comes last.
            return [Stretch((_NAME > "",), (_NAME, User.id)), Stretch((_NAME == "",), (User.id,))]
        case Sort.KIND:
            return [Stretch((User.kind == kind,), (User.address,), kind) for kind in Kind]
        case Sort.STATUS:
            return [Stretch((User.status == status,), (User.address,), status) for status in Status]
        case Sort.CHANGED:
            return [Stretch((), (User.changed_at, User.id))]


def _walk(
    domain_id: int,
    order: Order,
    stretches: Sequence[Stretch],
    spot: Spot | None,
    present: Sequence[ColumnElement[bool]],
    *,
    backwards: bool,
) -> Iterator[int]:
    """The stretches from a spot on, but for those known to be empty: to search in vain would take the longest."""
    indices = list(range(len(stretches)))
    if order.falling != backwards:
        indices.reverse()
    if spot is not None:
        indices = indices[indices.index(spot.stretch) :]
    column = {Sort.KIND: UserCount.kind, Sort.STATUS: UserCount.status}.get(order.sort)
    if column is not None:
        counted = select(column).where(UserCount.domain_id == domain_id, *present).group_by(column)
        some = set(db.session.scalars(counted.having(func.sum(UserCount.users) > 0)))
        indices = [index for index in indices if stretches[index].value in some]
    return iter(indices)


def _beyond(keys: Sequence[Key], values: Sequence[object], falling: bool) -> ColumnElement[bool]:
    if len(keys) == 1:
        return keys[0] < values[0] if falling else keys[0] > values[0]
    return tuple_(*keys) < tuple(values) if falling else tuple_(*keys) > tuple(values)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
