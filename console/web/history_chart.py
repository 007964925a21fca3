"""The chart above a source's history: what each sync changed, and how long it took. Geometry, without words or colours.

Heights are in pixels, widths in units that the page stretches to the room there is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from console.models import Run, RunState

SLOT, BAR = 10, 8
CHANGES_HEIGHT, DURATION_HEIGHT = 112, 40
FEWEST = 20
"""Slots of the chart at least, so that the first syncs of a source are not as wide as a hand."""

SERIES = {"came": ("created", "restored"), "updated": ("updated",), "went": ("missing", "disabled", "deleted")}
UNAPPLIED = {
    RunState.FAILED: "failed",
    RunState.INTERRUPTED: "failed",
    RunState.CANCELLED: "left",
    RunState.DISCARDED: "left",
    RunState.NEEDS_APPROVAL: "left",
}
MARK = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a run's column; `y` is its upper end."""

    y: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Column:
    """One run: its place from the left, what it changed or why nothing, and how long it took."""

    run: Run
    x: int
    changes: tuple[Bar, ...]
    duration: Bar | None


@dataclass(frozen=True, slots=True)
class Chart:
    """`most` is the number of changes that fills the height, `longest` the seconds. `tones` are those that occur."""

    columns: tuple[Column, ...]
    width: int
    most: int
    longest: float
    tones: frozenset[str]


def chart(newest_first: Sequence[Run]) -> Chart:
    """The runs from left to right as time goes, the newest at the right edge."""
    runs = list(reversed(newest_first))
    slots = max(len(runs), FEWEST)
    most = max((run.changed for run in runs if run.state == RunState.SUCCEEDED), default=0)
    longest = max((run.seconds or 0.0 for run in runs), default=0.0)
    left = (slots - len(runs)) * SLOT + (SLOT - BAR) // 2
    columns = tuple(
        Column(run, left + place * SLOT, _changes(run, most), _duration(run, longest)) for place, run in enumerate(runs)
    )
    bars = [bar for column in columns for bar in (*column.changes, *filter(None, [column.duration]))]
    return Chart(columns, slots * SLOT, most, longest, frozenset(bar.tone for bar in bars))


def _changes(run: Run, most: int) -> tuple[Bar, ...]:
    """The parts of a column, the lowest first; a mark for a run that was not applied.

    The height grows with the square root of the number: a first sync of thousands would else leave nothing of the
    handful that changes on other days.
    """
    tone = UNAPPLIED.get(RunState(run.state))
    if tone is not None:
        return (Bar(CHANGES_HEIGHT - MARK, MARK, tone),)
    if run.state != RunState.SUCCEEDED or not run.changed:
        return ()
    height = max(3.0, CHANGES_HEIGHT * math.sqrt(run.changed / most))
    parts: list[Bar] = []
    upper = float(CHANGES_HEIGHT)
    for tone, names in SERIES.items():
        part = height * sum(int(run.counts.get(name, 0)) for name in names) / run.changed
        if part:
            upper -= part
            parts.append(Bar(round(upper, 1), round(part, 1), tone))
    return tuple(parts)


def _duration(run: Run, longest: float) -> Bar | None:
    if run.seconds is None or not longest:
        return None
    height = round(max(1.5, DURATION_HEIGHT * run.seconds / longest), 1)
    return Bar(round(DURATION_HEIGHT - height, 1), height, run.reading or "unknown")
