"""An act or a run in words, and all of them as CSV."""

from collections.abc import Iterable, Iterator

from console.core.user_csv import guarded
from console.models import Run, RunKind
from console.models.run import CHANGING

KINDS = {
    RunKind.SYNC: "Syncs",
    RunKind.MANUAL: "Acts by hand",
    RunKind.IMPORT: "Imports",
    RunKind.DISCOVERY: "Discovery",
    RunKind.GRACE: "Grace periods over",
    RunKind.UNDO: "Taken back",
}
NO_ACCOUNT = "no account"
HEADER = ("run", "ended", "domain", "kind", "what", "by", *CHANGING)


def what(run: Run) -> str:
    """What was done: all but a sync have it in their title."""
    if run.kind == RunKind.SYNC:
        return f"Sync of {run.source.label}" if run.source is not None else "Sync of a source that was deleted"
    return run.title or run.kind.capitalize()


def by(run: Run) -> str:
    """Who did it. The command line has no account, and one that was removed is on record no more."""
    if run.admin is not None:
        return run.admin.email
    if run.by_schedule:
        return "by schedule"
    # A list that a person gave has a record of what was found; what mail brings has none.
    if run.kind == RunKind.DISCOVERY and run.trial is None:
        return "arriving mail"
    return "by itself" if run.kind == RunKind.GRACE else NO_ACCOUNT


def rows(runs: Iterable[Run]) -> Iterator[tuple[str, ...]]:
    """The header and a row for each; times in UTC as ISO 8601, and no cell is one that a spreadsheet runs."""
    yield HEADER
    for run in runs:
        ended = run.ended_at or run.created_at
        numbers = (str(run.counts.get(name, 0)) for name in CHANGING)
        cells = (
            str(run.id),
            f"{ended:%Y-%m-%dT%H:%M:%S+00:00}",
            run.domain.name,
            run.kind,
            what(run),
            by(run),
            *numbers,
        )
        yield tuple(map(guarded, cells))
