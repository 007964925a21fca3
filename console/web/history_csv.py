"""The history of a source as CSV, one row a sync."""

import datetime as dt
from collections.abc import Iterable, Iterator

from console.core.user_csv import guarded
from console.models import Run

COUNTS = ("read", "created", "updated", "restored", "missing", "disabled", "unchanged", "conflicts", "skipped")
HEADER = ("run", "started", "ended", "state", "reading", *COUNTS, "seconds", "by", "error")


def rows(runs: Iterable[Run]) -> Iterator[tuple[str, ...]]:
    """The header and a row for each run; times in UTC as ISO 8601, and no cell is one that a spreadsheet runs."""
    yield HEADER
    for run in runs:
        cells = (
            str(run.id),
            _time(run.started_at or run.created_at),
            _time(run.ended_at),
            run.state,
            run.reading,
            *(str(run.counts.get(name, "")) for name in COUNTS),
            f"{run.seconds:.1f}" if run.seconds is not None else "",
            run.admin.email if run.admin is not None else run.title,
            run.error,
        )
        yield tuple(map(guarded, cells))


def _time(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment is not None else ""
