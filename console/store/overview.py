"""What the overview of a domain is made of: a number of queries that is the same for any domain, none over its list."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from console.core.days import DayCount, Make, count
from console.core.discovery import SightingState
from console.core.person import Status
from console.models import (
    DeliveryServer,
    Discovery,
    Domain,
    DomainDay,
    Rejection,
    Run,
    RunKind,
    Source,
    UserCount,
    db,
    now,
)
from console.store import conflicts, days, discovery, records, rejections, sightings, smtp, sources

SHOWN_DAYS = 90
RECENT = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Facts:
    """A domain as it stands now. `owned`, `last` and `contested` are by source id: how many users of it receive mail,
    its newest sync, and its conflicts. `rejected` counts addresses of RECENT. `days` are those of SHOWN_DAYS that are
    on record, the oldest first."""

    domain: Domain
    today: DayCount
    users: int
    sources: Sequence[Source]
    owned: Mapping[int, int]
    last: Mapping[int, Run]
    contested: Mapping[int, int]
    open_runs: Sequence[Run]
    review: int
    rejected: int
    switch: Discovery | None
    check: Run | None
    servers: Sequence[DeliveryServer]
    days: Sequence[DomainDay]


def facts(domain: Domain) -> Facts:
    """Everything that the overview tells of a domain."""
    today, owned = _now(domain.id)
    return Facts(
        domain=domain,
        today=today,
        users=sum(today.kinds.values()),
        sources=sources.of_domain(domain.id),
        owned=owned,
        last=last_syncs(domain.id),
        contested=conflicts.counts(domain.id),
        open_runs=records.open_runs(domain.id),
        review=sightings.counts(domain.id)[SightingState.REVIEW],
        rejected=_rejected(domain.id),
        switch=discovery.of_domain(domain.id),
        check=smtp.last_check(domain.id),
        servers=smtp.of_domain(domain.id),
        days=days.since(domain.id, today.day - dt.timedelta(days=SHOWN_DAYS - 1)),
    )


def put_away_checklist(domain: Domain) -> None:
    """Show the checklist of a new domain no more."""
    domain.checklist_done = True
    db.session.commit()


def last_syncs(domain_id: int) -> Mapping[int, Run]:
    """The newest sync of each source of a domain, by source id."""
    newest = select(func.max(Run.id)).where(Run.source_id == Source.id, Run.kind == RunKind.SYNC).scalar_subquery()
    query = select(Run).join(Source, Run.id == newest.correlate(Source)).where(Source.domain_id == domain_id)
    return {run.source_id: run for run in db.session.scalars(query.options(joinedload(Run.admin))) if run.source_id}


def _now(domain_id: int) -> tuple[DayCount, Mapping[int, int]]:
    """What there is at this moment, and how many users of each source receive mail, from the counts beside the list."""
    columns = UserCount.origin, UserCount.kind, UserCount.status, UserCount.source_id
    sums = func.sum(UserCount.users), func.sum(UserCount.addresses)
    query = select(*columns, *sums).where(UserCount.domain_id == domain_id).group_by(*columns)
    users: dict[Make, int] = {}
    addresses: dict[Make, int] = {}
    owned: dict[int, int] = {}
    for origin, kind, status, source_id, some, theirs in db.session.execute(query):
        make = Make(origin, kind, status)
        users[make] = users.get(make, 0) + int(some)
        addresses[make] = addresses.get(make, 0) + int(theirs)
        if source_id and status != Status.DISABLED:
            owned[source_id] = owned.get(source_id, 0) + int(some)
    return count(now().date(), users, addresses), owned


def _rejected(domain_id: int) -> int:
    """How many addresses that are not on the list mail came for lately, but for those that a person ignores."""
    recent = Rejection.last_at > now() - RECENT, Rejection.address != rejections.OTHERS, Rejection.ignored.is_(False)
    query = select(func.count()).select_from(Rejection).where(Rejection.domain_id == domain_id, *recent)
    return db.session.scalar(query) or 0
