"""How many billable mailboxes a domain had, day by day, and what changed that."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask import Blueprint, render_template, request

from console import activity_words
from console.core.days import ONE_DAY, DayCount
from console.models import now
from console.store import billing, days, users
from console.store.billing import Effect
from console.web import access, day_charts
from console.web.day_charts import Point
from console.web.shell import domain_crumbs

pages = Blueprint("billable", __name__)
SPANS = (30, 90, 365)
"""Of how many days one may look at the history."""
USUAL = 90


@dataclass(frozen=True, slots=True)
class Line:
    """A day on which the number changed: what it was at its end, by how much it had changed, the runs of the day."""

    day: dt.date
    billable: int
    more: int
    effects: Sequence[Effect]


@pages.get("/domains/<name>/users/billable")
def show(name: str) -> str:
    domain = access.domain(name)
    span = request.args.get("days", USUAL, type=int)
    span = span if span in SPANS else USUAL
    totals = users.totals(domain.id)
    today = DayCount(now().date(), {}, totals.by_kind, totals.billable, totals.accepted)
    first = today.day - (span - 1) * ONE_DAY
    chart = day_charts.of_list(
        days.since(domain.id, first), today, lambda day: {"billable": day.billable or 0}, ["billable"]
    )
    return render_template(
        "users/billable.html",
        domain=domain,
        chart=chart,
        lines=_lines(chart.points, billing.effects(domain.id, first)),
        totals=totals,
        span=span,
        spans=SPANS,
        what=activity_words.what,
        by=activity_words.by,
        crumbs=domain_crumbs(domain, "Billable mailboxes", here="users.index"),
    )


def _lines(points: Sequence[Point], effects: Sequence[Effect]) -> Sequence[Line]:
    """The newest day first. A day without a change of the number is none, whatever took it up and down again."""
    of_day: dict[dt.date, list[Effect]] = {}
    for effect in effects:
        if effect.run.ended_at is not None:
            of_day.setdefault(effect.run.ended_at.astimezone(dt.UTC).date(), []).append(effect)
    changed = [(later, later.total - earlier.total) for earlier, later in pairwise(points)]
    return [Line(point.day, point.total, more, of_day.get(point.day, [])) for point, more in reversed(changed) if more]
