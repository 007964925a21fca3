"""Numbers for whoever watches over the console: no address, and no names but those of domains, which are public."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from console.models import Domain, Run, RunState, UserCount, db, now


@dataclass(frozen=True, slots=True)
class Figures:
    """`runs` by kind and state; `oldest_queued` in seconds, 0 where no run waits; `users` by domain and status."""

    runs: Mapping[tuple[str, str], int]
    oldest_queued: float
    users: Mapping[tuple[str, str], int]


def read() -> Figures:
    """Raises DatabaseError."""
    runs = db.session.execute(select(Run.kind, Run.state, func.count()).group_by(Run.kind, Run.state)).all()
    oldest = db.session.scalar(select(func.min(Run.created_at)).where(Run.state == RunState.QUEUED))
    users = db.session.execute(
        select(Domain.name, UserCount.status, func.sum(UserCount.users))
        .join(Domain, Domain.id == UserCount.domain_id)
        .group_by(Domain.name, UserCount.status)
    ).all()
    db.session.rollback()
    return Figures(
        {(kind, state): count for kind, state, count in runs},
        max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0,
        {(domain, status): int(count) for domain, status, count in users},
    )
