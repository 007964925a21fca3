"""The syncs and the days that a domain has behind it: some months of them, without having to be there."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from console.models import Domain, DomainDay, Run, RunKind, RunState, Source, db, now
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
        state=state.value,
        title="by schedule",
        created_at=started,
        started_at=started,
        ended_at=ended if state is not RunState.NEEDS_APPROVAL else None,
        counts={} if failed else {**dict.fromkeys(COUNTS, 0), **counts},
        **{"kind": RunKind.SYNC.value, "reading": "" if failed else "full", **values},
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


def days(domain: Domain, count: int = 75) -> None:
    """A list that begins by hand, is filled by a source and a file, and loses some; mail for nobody comes at times."""
    today = now().date()
    for ago in range(count, 0, -1):
        age = count - ago
        synced = 0 if age < 12 else 940 + age * 3 - (180 if age > 50 else 0)
        parts = {"manual": 24 + age // 6, "source": synced, "csv": 0 if age < 30 else 210, "discovery": age // 9}
        origins = {name: number for name, number in parts.items() if number}
        total = sum(origins.values())
        kinds = {"mailbox": total * 4 // 5, "shared": total // 12, "resource": total // 20, "list": total // 15}
        db.session.add(
            DomainDay(
                domain_id=domain.id,
                day=today - dt.timedelta(days=ago),
                origins=origins,
                kinds={**kinds, "mailbox": total - sum(kinds.values()) + kinds["mailbox"]},
                billable=kinds["mailbox"],
                accepted=total * 2,
                rejected=0 if age < 20 else age % 7 * 12,
            )
        )
    db.session.commit()
