"""Who did what: the acts and runs that changed lists of users, and the events of an audit, newest first in one list."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, text
from sqlalchemy.orm import joinedload

from console.core.address import parse
from console.core.errors import AddressError
from console.models import Admin, Change, Domain, Event, Run, RunKind, Source, Topic, db
from console.models.run import LISTED
from console.store import users
from console.store.paging import SHOWN

KINDS = (RunKind.SYNC, RunKind.MANUAL, RunKind.IMPORT, RunKind.DISCOVERY, RunKind.GRACE, RunKind.UNDO)
OPEN_TO_ALL = (Topic.SETTINGS, Topic.APPROVALS)
"""What everybody sees of the domains that they see. The rest is for owners, but one's own sign-ins."""
CHUNK = 1_000
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LATEST = (dt.datetime.max.replace(tzinfo=dt.UTC) - _EPOCH) // _MICROSECOND

Entry = Run | Event


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show. `domains` are ids, None for every one and for what is no domain's. `own` is the account whose own
    sign-ins are shown too, where not all of everybody is shown: the operator and owners see `all`.

    `q` is looked for in what was done and in names of sources; the address of somebody on the list finds all that
    changed them. `who` is looked for in the accounts' addresses. With `lists` it is what changed lists alone, with
    `kind` of one kind, with `topic` the events of one. `since` and `until` are days in UTC, both included.
    """

    domains: Sequence[int] | None = None
    own: int | None = None
    all: bool = True
    q: str = ""
    who: str = ""
    lists: bool = False
    kind: RunKind | None = None
    topic: Topic | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    @classmethod
    def of(cls, reader: Admin, domain: Domain | None, **values: Any) -> "Filters":
        """For what an account may see, of one domain or of all of theirs."""
        if domain is not None:
            return cls(domains=[domain.id], all=reader.is_owner, **values)
        domains = [item.id for item in reader.domains] if reader.limited else None
        return cls(domains=domains, own=reader.id, all=reader.is_owner, **values)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """Where an entry stands: its moment, and a number that no other of that moment has: even of runs, odd of events."""

    at: dt.datetime
    number: int

    @classmethod
    def of(cls, entry: Entry) -> "Mark":
        if isinstance(entry, Event):
            return cls(entry.at, entry.id * 2 + 1)
        return cls(entry.ended_at or entry.created_at, entry.id * 2)

    @classmethod
    def read(cls, written: str) -> "Mark | None":
        """A mark as an address has it; None for what is none."""
        moment, _, number = written.partition("-")
        if not all(part.isascii() and part.isdigit() and len(part) < 20 for part in (moment, number)):
            return None
        if int(moment) > _LATEST or int(number) >= 2**63:
            return None
        return cls(_EPOCH + int(moment) * _MICROSECOND, int(number))

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.number}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some entries, and the marks to go on from: None where there is nothing further."""

    rows: Sequence[Entry]
    before: Mark | None = None
    after: Mark | None = None


def at(filters: Filters, *, after: Mark | None = None, before: Mark | None = None, limit: int = SHOWN) -> Stretch:
    """The entries below one, or above another; the first page where less than a page stands above it."""
    backwards = before is not None
    here = before if backwards else after
    rows = _merged(filters, here, rising=backwards, limit=limit + 1)
    further = len(rows) > limit
    if backwards and not further:
        return at(filters, limit=limit)
    rows = rows[:limit]
    if backwards:
        rows.reverse()
    return Stretch(
        rows,
        before=Mark.of(rows[0]) if rows and here is not None else None,
        after=Mark.of(rows[-1]) if rows and (further or backwards) else None,
    )


def every(filters: Filters, chunk: int = CHUNK) -> Iterator[Entry]:
    """All of it, read a chunk at a time: memory stays the same however much it is."""
    found = at(filters, limit=chunk)
    yield from found.rows
    while found.after is not None:
        found = at(filters, after=found.after, limit=chunk)
        yield from found.rows


def _merged(filters: Filters, here: Mark | None, *, rising: bool, limit: int) -> list[Entry]:
    """The first entries of each kind from a mark on, in one order: each query goes along an index of its own."""
    found: list[Entry] = []
    if filters.topic is None:
        at, number = Run.ended_at, Run.id * 2
        found += db.session.scalars(_placed(_runs(filters), at, number, here, rising=rising).limit(limit))
    if not filters.lists and filters.kind is None:
        for query in _events(filters):
            found += db.session.scalars(_placed(query, Event.at, Event.id * 2 + 1, here, rising=rising).limit(limit))
    return sorted(found, key=Mark.of, reverse=not rising)[:limit]


def _placed(query: Select[Any], at: Any, number: Any, here: Mark | None, *, rising: bool) -> Select[Any]:
    """The query in the order of time, from a mark on. The first condition is what an index serves."""
    ids = Run.id if at is Run.ended_at else Event.id
    ordered = query.order_by(at if rising else at.desc(), ids if rising else ids.desc())
    if here is None:
        return ordered
    if rising:
        return ordered.where(at >= here.at, or_(at > here.at, number > here.number))
    return ordered.where(at <= here.at, or_(at < here.at, number < here.number))


def _runs(filters: Filters) -> Select[Run]:
    query = select(Run).where(text(LISTED), Run.kind.in_(KINDS), *_days(filters, Run.ended_at))
    if filters.domains is not None:
        query = query.where(Run.domain_id.in_(filters.domains))
    if filters.kind is not None:
        query = query.where(Run.kind == filters.kind)
    if filters.who:
        named = select(Admin.id).where(Admin.email.icontains(filters.who, autoescape=True))
        query = query.where(Run.admin_id.in_(named))
    if filters.q:
        query = query.where(or_(*_matching(filters.q)))
    return query.options(joinedload(Run.admin), joinedload(Run.source), joinedload(Run.domain))


def _events(filters: Filters) -> list[Select[Event]]:
    """What the reader may see, as queries that have nothing in common."""
    query = select(Event).where(*_days(filters, Event.at))
    if filters.topic is not None:
        query = query.where(Event.topic == filters.topic)
    if filters.who:
        who = filters.who.lower()
        # What is searched has who it was in it, and an index.
        query = query.where(Event.search.contains(who, autoescape=True), Event.who.icontains(who, autoescape=True))
    if filters.q:
        query = query.where(Event.search.contains(filters.q.lower(), autoescape=True))
    of_domains = query.where(Event.domain_id.in_(filters.domains)) if filters.domains is not None else query
    if filters.all:
        return [of_domains]
    open_to_all = of_domains.where(Event.topic.in_(OPEN_TO_ALL))
    if filters.own is None:
        return [open_to_all]
    return [open_to_all, query.where(Event.admin_id == filters.own, Event.topic == Topic.SIGN_INS)]


def _days(filters: Filters, at: Any) -> list[ColumnElement[bool]]:
    found = []
    if filters.since is not None:
        found.append(at >= _begin(filters.since))
    if filters.until is not None and filters.until < dt.date.max:
        found.append(at < _begin(filters.until + dt.timedelta(days=1)))
    return found


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
