"""What a run skipped and noted, put together by the reason."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from console.models import Issue, db
from console.store.paging import Page, Place, page

SHOWN = 10
"""Remarks that stand for those that share their reason."""

MANY = 50
"""Reasons that are told apart; a file has a handful."""

_DIFFERS = (
    ("“[^”]*”", "“…”"),
    (r"[^\s“”,;]+@[^\s“”,;]*[^\s“”,;.]", "…"),
    (r"(\mlines?) \d+", r"\1 …"),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why entries were skipped or noted: the sentence, with “…” for what differs from one to the next.

    `first` is the id of the first remark with this reason, and stands for the reason in an address. `remarks` are the
    first of them, rows with place, what and why.
    """

    sentence: str
    count: int
    first: int
    remarks: tuple[Row[Any], ...]


def by_reason(run_id: int) -> list[Reason]:
    """The reasons of a run's remarks, the most frequent first. One that stands alone keeps its own words."""
    general = _general()
    ranked = (
        select(
            Issue.id,
            Issue.place,
            Issue.what,
            Issue.why,
            general.label("sentence"),
            func.count().over(partition_by=general).label("alike"),
            func.min(Issue.id).over(partition_by=general).label("first"),
            func.row_number().over(partition_by=general, order_by=Issue.id).label("number"),
        )
        .where(Issue.run_id == run_id)
        .subquery()
    )
    query = select(ranked).where(ranked.c.number <= SHOWN)
    rows = db.session.execute(
        query.order_by(ranked.c.alike.desc(), ranked.c.first, ranked.c.id).limit(MANY * SHOWN)
    ).all()
    return [_reason(tuple(shown)) for _, shown in groupby(rows, key=lambda row: row.first)]


def of_reason(run_id: int, first: int, place: Place) -> Page[Issue]:
    """A page of the remarks that share the reason of the one with the id `first`."""
    wanted = select(_general()).where(Issue.id == first, Issue.run_id == run_id).scalar_subquery()
    return page(select(Issue).where(Issue.run_id == run_id, _general() == wanted), Issue.id, place)


def _general() -> ColumnElement[str]:
    """The sentence without what it quotes, addresses and numbers of lines: what remarks of a kind share."""
    general: ColumnElement[str] = Issue.why.expression
    for pattern, instead in _DIFFERS:
        general = func.regexp_replace(general, pattern, instead, "gi")
    return general


def _reason(shown: tuple[Row[Any], ...]) -> Reason:
    row = shown[0]
    return Reason(row.why if row.alike == 1 else row.sentence, row.alike, row.first, shown)
