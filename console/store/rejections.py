"""The report of rejected recipients: written in batches, and never more than a bounded number of rows a domain."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.orm import joinedload

from console.core.rejections import SENDERS, DomainTally
from console.models import Admin, Domain, Rejection, db, now
from console.store import days, driver

# Rows a domain; what is beyond is counted in the one row of no address.
LIMIT = 10_000
PAGE = 50
KEPT = dt.timedelta(days=90)
OTHERS = ""


class Order(StrEnum):
    """What comes first: the latest, or what is asked for most."""

    LAST = "last"
    TIMES = "times"


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the report. `others` is how much mail came for addresses that have no row of their own."""

    rows: Sequence[Rejection]
    total: int
    ignored: int
    others: int
    further: bool


def record(tallies: Mapping[int, DomainTally]) -> None:
    """Add what was counted, all of it or nothing; what belongs to a deleted domain is left out."""
    # In one order, so that two processes do not wait for each other.
    for domain_id, tally in sorted(tallies.items()):
        _record(domain_id, tally)
    db.session.commit()


def page(domain_id: int, *, q: str = "", order: Order = Order.LAST, ignored: bool = False, number: int = 1) -> Page:
    """One page of the report, counted from 1; `q` is looked for in addresses and senders."""
    found = select(Rejection).where(*_matching(domain_id, q, ignored))
    first = Rejection.times.desc() if order is Order.TIMES else Rejection.last_at.desc()
    found = found.order_by(first, Rejection.address).limit(PAGE + 1).offset((number - 1) * PAGE)
    rows = db.session.scalars(found).all()
    counted = select(func.count()).select_from(Rejection)
    return Page(
        rows=rows[:PAGE],
        total=db.session.scalar(counted.where(*_matching(domain_id, q, ignored))) or 0,
        ignored=db.session.scalar(counted.where(*_matching(domain_id, "", True))) or 0,
        others=db.session.scalar(
            select(Rejection.times).where(Rejection.domain_id == domain_id, Rejection.address == OTHERS)
        )
        or 0,
        further=len(rows) > PAGE,
    )


def find(domain_id: int, address: str) -> Rejection | None:
    """What stands in the report about an address."""
    named = select(Rejection).where(Rejection.domain_id == domain_id, Rejection.address == address)
    return db.session.scalars(named).one_or_none()


def visible(admin: Admin, rejection_id: int) -> Rejection | None:
    """The address in the report, if the administrator may see its domain."""
    row = db.session.get(Rejection, rejection_id, options=[joinedload(Rejection.domain)])
    if row is None or row.address == OTHERS or (admin.limited and row.domain not in admin.domains):
        return None
    return row


def totals(domain_id: int) -> tuple[int, int]:
    """Addresses in the report, and how much mail came for them and for all others."""
    addresses = func.count().filter(Rejection.address != OTHERS)
    query = select(addresses, func.coalesce(func.sum(Rejection.times), 0)).where(Rejection.domain_id == domain_id)
    found, times = db.session.execute(query).one()
    return int(found), int(times)


def ignore(row: Rejection, on: bool) -> None:
    """Keep an address out of sight, or show it again."""
    row.ignored = on
    db.session.commit()


def drop(row: Rejection) -> None:
    """Take an address off the report: it has become a recipient."""
    db.session.delete(row)
    db.session.commit()


def forget() -> None:
    """Drop what nobody has asked for in a long time."""
    db.session.execute(delete(Rejection).where(Rejection.last_at < now() - KEPT))
    db.session.commit()


def _matching(domain_id: int, q: str, ignored: bool) -> list[ColumnElement[bool]]:
    found = [Rejection.domain_id == domain_id, Rejection.address != OTHERS, Rejection.ignored.is_(ignored)]
    if wanted := q.strip().lower():
        senders = func.lower(func.array_to_string(Rejection.senders, " "))
        found.append(Rejection.address.contains(wanted, autoescape=True) | senders.contains(wanted, autoescape=True))
    return found


def _record(domain_id: int, tally: DomainTally) -> None:
    """The row of no address is locked first, so that two processes do not both fill the last room."""
    here = db.session.scalar(select(Domain.id).where(Domain.id == domain_id).with_for_update(key_share=True, read=True))
    if here is None:
        return
    at = now()
    given = {"domain": domain_id, "at": at}
    db.session.execute(text(_OTHERS), given)
    others = (Rejection.domain_id == domain_id) & (Rejection.address == OTHERS)
    db.session.execute(select(Rejection.times).where(others).with_for_update())
    rows = [
        {
            "address": address,
            "times": count.times,
            "first_at": count.first_at.isoformat(),
            "last_at": count.last_at.isoformat(),
            "senders": [driver.plain(sender) for sender in count.senders],
            "client": driver.plain(count.client),
            "would": count.would,
        }
        for address, count in tally.counts.items()
    ]
    days.add_rejected(domain_id, at.date(), sum(count.times for count in tally.counts.values()) + tally.beyond)
    given |= {"rows": json.dumps(driver.plain_json(rows)), "senders": SENDERS, "limit": LIMIT}
    db.session.execute(text(_ADD), given)
    # The statement above does not see its own rows, so that what has found no room is told by another.
    left = db.session.scalar(text(_LEFT), given) or 0
    if left + tally.beyond:
        changed = {Rejection.times: Rejection.times + left + tally.beyond, Rejection.last_at: at}
        db.session.execute(update(Rejection).where(others).values(changed))


_GIVEN = """
    select n.* from jsonb_to_recordset(cast(:rows as jsonb)) as n(
        address text collate "C", times bigint, first_at timestamptz, last_at timestamptz, senders text[], client text,
        would boolean)
"""
_OTHERS = """
    insert into rejections (domain_id, address, times, first_at, last_at, client)
    values (:domain, '', 0, :at, :at, '') on conflict do nothing
"""
_ADD = f"""
    with n as ({_GIVEN}),
    known as (
        update rejections r set
            times = r.times + n.times, last_at = greatest(r.last_at, n.last_at), would = n.would,
            client = case when n.client = '' then r.client else n.client end,
            senders = array(
                select s from unnest(n.senders || r.senders) with ordinality as told(s, place)
                 group by s order by min(place) limit :senders)
          from n where r.domain_id = :domain and r.address = n.address
        returning r.address
    )
    insert into rejections (domain_id, address, times, first_at, last_at, senders, client, would)
    select :domain, n.address, n.times, n.first_at, n.last_at, n.senders, n.client, n.would
      from n where n.address not in (select address from known)
     order by n.times desc, n.address
     limit greatest(0, :limit - (select count(*) from rejections where domain_id = :domain and address <> ''))
"""  # noqa: S608 - made of constants
_LEFT = f"""
    select sum(n.times) from ({_GIVEN}) as n
     where not exists (select from rejections r where r.domain_id = :domain and r.address = n.address)
"""  # noqa: S608 - made of constants
