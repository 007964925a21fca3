"""What has changed lists of users, by whom: the acts and runs that changed anybody, newest first.

Changes of settings are not on record.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import joinedload

from console.core.address import parse
from console.core.errors import AddressError
from console.models import Admin, Change, Run, RunKind, RunState, Source
from console.models.run import CHANGING
from console.store import users
from console.store.paging import SHOWN, TOP, Page, Place, page

KINDS = (RunKind.SYNC, RunKind.MANUAL, RunKind.IMPORT, RunKind.DISCOVERY, RunKind.GRACE, RunKind.UNDO)
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show. `domains` are ids, None for every one. `q` is looked for in what was done and in names of sources;
    the address of somebody on the list finds all that changed them. `who` is looked for in the accounts' addresses.
    `since` and `until` are days in UTC, both included."""

    domains: Sequence[int] | None = None
    q: str = ""
    who: str = ""
    kind: RunKind | None = None
    since: dt.date | None = None
    until: dt.date | None = None


def at(filters: Filters, place: Place = TOP, limit: int = SHOWN) -> Page[Run]:
    """A page of what the filters match."""
    return page(_query(filters), Run.id, place, newest_first=True, limit=limit)


def every(filters: Filters, chunk: int = CHUNK) -> Iterator[Run]:
    """All of it, read a chunk at a time: memory stays the same however much it is."""
    found = at(filters, TOP, chunk)
    yield from found.rows
    while found.after is not None:
        found = at(filters, Place(after=found.after), chunk)
        yield from found.rows


def _query(filters: Filters) -> Select[Run]:
    changes = [func.coalesce(Run.counts[name].as_integer(), 0) for name in CHANGING]
    query = select(Run).where(Run.state == RunState.SUCCEEDED, Run.kind.in_(KINDS), sum(changes[1:], changes[0]) > 0)
    if filters.domains is not None:
        query = query.where(Run.domain_id.in_(filters.domains))
    if filters.kind is not None:
        query = query.where(Run.kind == filters.kind)
    if filters.since is not None:
        query = query.where(Run.ended_at >= _begin(filters.since))
    if filters.until is not None and filters.until < dt.date.max:
        query = query.where(Run.ended_at < _begin(filters.until + dt.timedelta(days=1)))
    if filters.who:
        query = query.where(
            Run.admin_id.in_(select(Admin.id).where(Admin.email.icontains(filters.who, autoescape=True)))
        )
    if filters.q:
        query = query.where(or_(*_matching(filters.q)))
    return query.options(joinedload(Run.admin), joinedload(Run.source), joinedload(Run.domain))


def _matching(q: str) -> list[ColumnElement[bool]]:
    named = select(Source.id).where(Source.name.icontains(q, autoescape=True))
    found: list[ColumnElement[bool]] = [Run.title.icontains(q, autoescape=True), Run.source_id.in_(named)]
    try:
        holder = users.holder(parse(q))
    except AddressError:
        holder = None
    if holder is not None:
        found.append(Run.id.in_(select(Change.run_id).where(Change.user_id == holder.id)))
    return found


def _begin(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)
