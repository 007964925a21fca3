"""Long lists in pages by key, both ways: a page costs the same however far down it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute

from console.models import db

T = TypeVar("T")
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins or ends: after the row with one id, or before the row with another; at the top without."""

    after: int | None = None
    before: int | None = None


TOP = Place()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, and the ids to go on from: None where there is nothing further."""

    rows: Sequence[T]
    before: int | None = None
    after: int | None = None


def page(
    query: Select[T],
    key: InstrumentedAttribute[int],
    place: Place = TOP,
    *,
    newest_first: bool = False,
    limit: int = SHOWN,
) -> Page[T]:
    """The rows at a place, in the order of the key. Where less than a page stands before a row, the first page."""
    backwards = place.before is not None
    here = place.before if backwards else place.after
    falling = newest_first != backwards
    found = query.order_by(key.desc() if falling else key)
    if here is not None:
        found = found.where(key < here if falling else key > here)
    rows = list(db.session.scalars(found.limit(limit + 1)))
    further = len(rows) > limit
    if backwards and not further:
        return page(query, key, newest_first=newest_first, limit=limit)
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    return Page(
        rows,
        before=_id(rows[0], key) if rows and place != TOP else None,
        after=_id(rows[-1], key) if rows and (further or backwards) else None,
    )


def _id(row: object, key: InstrumentedAttribute[int]) -> int:
    return int(getattr(row, key.key))
