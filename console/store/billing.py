"""What has changed the number of billable mailboxes: the runs of a time, and how much each of them did."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import selectinload

from console.models import Run, RunKind, db
from console.models.run import LISTED
from console.store import driver

MOST_RUNS = 200
# To count what a run did its changes are read again: so many in all, the newest first.
MOST_CHANGES = 50_000


@dataclass(frozen=True, slots=True)
class Effect:
    """A run, and how many billable mailboxes more there were by it; None where it was not counted."""

    run: Run
    more: int | None


def effects(domain_id: int, first: dt.date) -> Sequence[Effect]:
    """The runs since the beginning of a day, in UTC, that changed the list, the newest first: MOST_RUNS at most.

    Those that are known to have left the number as it was are left out.
    """
    begun = dt.datetime.combine(first, dt.time(), dt.UTC)
    query = (
        select(Run)
        .where(
            text(LISTED),
            Run.domain_id == domain_id,
            Run.ended_at >= begun,
            Run.kind.not_in((RunKind.TEST, RunKind.PREVIEW, RunKind.CHECK)),
        )
        .options(selectinload(Run.source), selectinload(Run.admin))
        .order_by(Run.ended_at.desc(), Run.id.desc())
        .limit(MOST_RUNS)
    )
    runs = db.session.scalars(query).all()
    counted, left = [], MOST_CHANGES
    for run in runs:
        left -= run.changed
        if left < 0:
            break
        counted.append(run.id)
    more = _more(counted)
    known = [Effect(run, more.get(run.id, 0) if run.id in counted else None) for run in runs]
    return [effect for effect in known if effect.more != 0]


def _more(run_ids: Sequence[int]) -> Mapping[int, int]:
    with driver.cursor() as cursor:
        return {run_id: int(more) for run_id, more in cursor.execute(_MORE, (list(run_ids),))}


# A user on record has what is not at its default alone (core.plan.user_to_json).
_MORE = """
    select run_id, sum(sign)
      from changes cross join lateral (values (before, -1), (after, 1)) as side(u, sign)
     where run_id = any(%s) and u is not null
       and coalesce(u ->> 'kind', 'mailbox') = 'mailbox' and coalesce(u ->> 'status', 'active') <> 'disabled'
     group by run_id
"""
