"""The numbers of a domain's days: counted by the clock once a day is over, whatever it missed meanwhile."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert

from console.core.days import ONE_DAY, Counted, DayCount, Make, back
from console.models import Domain, DomainDay, db


def count_ended(today: dt.date) -> None:
    """Count the days before this one that are not counted yet, of every domain, and commit.

    The first time these are all since the domain was added. Two clocks that do so at once count the same.
    """
    counted = (
        select(DomainDay.domain_id, func.max(DomainDay.day).label("last"))
        .where(DomainDay.billable.is_not(None))
        .group_by(DomainDay.domain_id)
        .subquery()
    )
    query = select(Domain.id, Domain.created_at, counted.c.last).join(
        counted, counted.c.domain_id == Domain.id, isouter=True
    )
    yesterday = today - ONE_DAY
    for domain_id, created_at, last in db.session.execute(query.order_by(Domain.id)).all():
        first = last + ONE_DAY if last else created_at.astimezone(dt.UTC).date()
        if first <= yesterday:
            _count(domain_id, first, yesterday)
        db.session.commit()


def _count(domain_id: int, first: dt.date, last: dt.date) -> None:
    """What there is and what has changed is read by one statement: what is applied meanwhile is in both or in none."""
    begun = dt.datetime.combine(first, dt.time(), dt.UTC)
    rows = db.session.execute(text(_COUNTED), {"domain": domain_id, "since": begun})
    counted = [Counted(row.day, Make(row.origin, row.kind, row.status), row.users, row.addresses) for row in rows]
    # A domain that was deleted meanwhile has no more days.
    if db.session.scalar(select(Domain.id).where(Domain.id == domain_id).with_for_update(key_share=True, read=True)):
        values = [_row(domain_id, day) for day in back(counted, first, last)]
        made = insert(DomainDay).values(values)
        names = ("origins", "kinds", "billable", "accepted")
        new = {name: made.excluded[name] for name in names}
        db.session.execute(made.on_conflict_do_update(index_elements=["domain_id", "day"], set_=new))


def _row(domain_id: int, day: DayCount) -> dict[str, object]:
    numbers = {"billable": day.billable, "accepted": day.accepted}
    return {"domain_id": domain_id, "day": day.day, "origins": dict(day.origins), "kinds": dict(day.kinds), **numbers}


def add_rejected(domain_id: int, day: dt.date, times: int) -> None:
    """Count mail for addresses that are not on the list, in the caller's transaction."""
    if times:
        made = insert(DomainDay).values(domain_id=domain_id, day=day, rejected=times)
        more = {"rejected": DomainDay.rejected + made.excluded.rejected}
        db.session.execute(made.on_conflict_do_update(index_elements=["domain_id", "day"], set_=more))


def since(domain_id: int, first: dt.date) -> Sequence[DomainDay]:
    """The days on record from this one on, the oldest first; the last are not counted yet."""
    query = select(DomainDay).where(DomainDay.domain_id == domain_id, DomainDay.day >= first)
    return db.session.scalars(query.order_by(DomainDay.day)).all()


# A user on record has what is not at its default alone (core.plan.user_to_json).
_COUNTED = """
    select null::date as day, origin, kind, status, sum(users)::bigint as users, sum(addresses)::bigint as addresses
      from user_counts where domain_id = :domain group by origin, kind, status
    union all
    select (r.ended_at at time zone 'UTC')::date, u ->> 'origin', coalesce(u ->> 'kind', 'mailbox'),
           coalesce(u ->> 'status', 'active'), sum(sign)::bigint,
           sum(sign * (1 + coalesce(jsonb_array_length(u -> 'aliases'), 0)))::bigint
      from runs r join changes c on c.run_id = r.id
     cross join lateral (values (c.before, -1), (c.after, 1)) as side(u, sign)
     where r.domain_id = :domain and r.state = 'succeeded' and r.ended_at >= :since
       and r.kind not in ('preview', 'test', 'check') and u is not null
     group by 1, 2, 3, 4
"""
