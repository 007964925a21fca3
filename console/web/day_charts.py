"""The charts of a domain's overview, a step a day: geometry, without words or colours.

Heights are in pixels, widths in days that the page stretches to the room there is.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from console.core.days import DayCount
from console.models import DomainDay

HEIGHT = 88
Numbers = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Point:
    """A day with the numbers that a chart shows of it."""

    day: dt.date
    numbers: Numbers

    @property
    def total(self) -> int:
        return sum(self.numbers.values())


@dataclass(frozen=True, slots=True)
class Chart:
    """`layers` are the names of the numbers with the outline of each, the lowest first; `most` fills the height.

    `rows` are the days for a table, newest first: those on which a number changed, and the first.
    """

    points: tuple[Point, ...]
    layers: tuple[tuple[str, str], ...]
    most: int
    rows: tuple[Point, ...]

    @property
    def width(self) -> int:
        return len(self.points)

    @property
    def now(self) -> Numbers:
        return self.points[-1].numbers

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.layers)


def of_list(
    days: Sequence[DomainDay],
    today: DayCount,
    numbers: Callable[[DomainDay | DayCount], Numbers],
    order: Sequence[str],
) -> Chart:
    """A chart of what was on the list at the end of each counted day, and is now."""
    ended = [Point(day.day, numbers(day)) for day in days if day.billable is not None and day.day < today.day]
    points = (*ended, Point(today.day, numbers(today)))
    changed = [later for earlier, later in pairwise(points) if earlier.numbers != later.numbers]
    return _chart(points, order, (*reversed(changed), points[0]))


def of_mail(days: Sequence[DomainDay], today: dt.date) -> Chart | None:
    """A chart of how much mail came for addresses that are not on the list; None where none was counted."""
    counted = {day.day: day.rejected for day in days if day.rejected}
    if not counted:
        return None
    first = min(counted)
    every = [first + dt.timedelta(days=number) for number in range((today - first).days + 1)]
    points = tuple(Point(day, {"rejected": counted.get(day, 0)}) for day in every)
    return _chart(points, ("rejected",), tuple(point for point in reversed(points) if point.total))


def _chart(points: tuple[Point, ...], order: Sequence[str], rows: tuple[Point, ...]) -> Chart:
    most = max(point.total for point in points)
    present = [name for name in order if any(point.numbers.get(name) for point in points)]
    lower = [0] * len(points)
    layers = []
    for name in present:
        upper = [below + point.numbers.get(name, 0) for below, point in zip(lower, points, strict=True)]
        layers.append((name, _outline(lower, upper, most)))
        lower = upper
    return Chart(points, tuple(layers), most, rows)


def _outline(lower: Sequence[int], upper: Sequence[int], most: int) -> str:
    """The path around what is between two heights: forth along the upper one, and back along the lower one."""
    forth, back = _steps(upper, most), _steps(lower, most)
    path = f"M0 {forth[0][1]}" + "".join(f"V{y}H{end}" for _, y, end in forth)
    return path + "".join(f"V{y}H{start}" for start, y, _ in reversed(back)) + "Z"


def _steps(heights: Sequence[int], most: int) -> list[tuple[int, float, int]]:
    """The stretches of days that are equally high: where they begin, their height from above, and where they end."""
    steps: list[tuple[int, float, int]] = []
    for place, height in enumerate(heights):
        y = round(HEIGHT - (HEIGHT * height / most if most else 0), 1)
        if steps and steps[-1][1] == y:
            steps[-1] = (steps[-1][0], y, place + 1)
        else:
            steps.append((place, y, place + 1))
    return steps
