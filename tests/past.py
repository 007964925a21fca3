"""The syncs that a source has behind it: some months of them, without having to be there."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from console.models import Run, RunKind, RunState, Source, db, now
from console.store import runs

COUNTS = (
    "read",
    "created",
    "updated",
    "restored",
    "missing",
    "disabled",
    "deleted",
    "unchanged",
    "skipped",
    "conflicts",
)


def sync(source: Source, hours_ago: float = 1, state: RunState = RunState.SUCCEEDED, **values: Any) -> Run:
    """A sync that ended in this state; `counts` are its numbers, those that are not given are 0. `took` in seconds."""
    started = now() - dt.timedelta(hours=hours_ago)
    ended = started + dt.timedelta(seconds=values.pop("took", 1.2))
    counts: Mapping[str, int] = values.pop("counts", {})
    failed = state in (RunState.FAILED, RunState.INTERRUPTED, RunState.CANCELLED)
    run = Run(
        domain_id=source.domain_id,
        source_id=source.id,
        kind=RunKind.SYNC.value,
        state=state.value,
        title="by schedule",
        created_at=started,
        started_at=started,
        ended_at=ended if state is not RunState.NEEDS_APPROVAL else None,
        counts={} if failed else {**dict.fromkeys(COUNTS, 0), **counts},
        **{"reading": "" if failed else "full", **values},
    )
    db.session.add(run)
    db.session.commit()
    return run


def months(source: Source, count: int = 42) -> list[Run]:
    """A life as a source has it, oldest first: a large beginning, quiet hours, a reform, and a bad day."""
    made = []
    for number in range(count):
        hours_ago = float(count - number)
        full = number % 12 == 0
        told: dict[str, Any] = {
            "reading": "full" if full else "changes",
            "took": 64.0 if full else 0.4 + number % 7 / 5,
        }
        counts = {"read": 1_236 if full else number % 9, "skipped": 17 if full else 0}
        if number == 0:
            told |= {"took": 184.0}
            counts |= {"created": 1_204, "conflicts": 3}
        elif number == 17:
            counts |= {"read": 214, "updated": 140, "created": 6, "missing": 31}
        elif number % 5 == 2:
            counts |= {"created": number % 4, "updated": number % 6, "missing": number % 3, "restored": number % 2}
        elif number % 11 == 8:
            counts |= {"disabled": 2}
        state = RunState.SUCCEEDED
        if number in (27, 28, 29):
            state = RunState.FAILED
            told = {
                "took": 10.0,
                "error": "dc1.brightfield.example, port 636, did not answer within 10 seconds: check ",
            }
            told["error"] += "Host and Port, and whether a firewall stands in between."
        elif number == 30:
            state = RunState.INTERRUPTED
            told = {"took": 3.0, "error": runs.INTERRUPTED}
        elif number == 31:
            state = RunState.DISCARDED
            counts |= {"missing": 600}
        made.append(sync(source, hours_ago, state, counts=counts, **told))
    return made
