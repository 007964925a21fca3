"""The syncs of a source in the order of its history, the newest first."""

from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from console.models import Run, RunKind, RunState
from console.models.run import CHANGING
from console.store.paging import SHOWN, TOP, Page, Place, page

CHUNK = 1_000


class Only(StrEnum):
    """What a history can be narrowed to: the syncs that changed the list, or those that did not come to their end."""

    CHANGED = "changed"
    FAILED = "failed"


def at(source_id: int, place: Place = TOP, only: Only | None = None, limit: int = SHOWN) -> Page[Run]:
    """A page of a source's syncs."""
    return page(_query(source_id, only), Run.id, place, newest_first=True, limit=limit)


def every(source_id: int, only: Only | None = None, chunk: int = CHUNK) -> Iterator[Run]:
    """All of them, read a chunk at a time: memory stays the same however long the history is."""
    found = at(source_id, TOP, only, chunk)
    yield from found.rows
    while found.after is not None:
        found = at(source_id, Place(after=found.after), only, chunk)
        yield from found.rows


def _query(source_id: int, only: Only | None) -> Select[Run]:
    query = select(Run).where(Run.source_id == source_id, Run.kind == RunKind.SYNC).options(joinedload(Run.admin))
    if only is Only.FAILED:
        return query.where(Run.state.in_((RunState.FAILED, RunState.INTERRUPTED)))
    if only is Only.CHANGED:
        changes = [func.coalesce(Run.counts[name].as_integer(), 0) for name in CHANGING]
        return query.where(Run.state == RunState.SUCCEEDED, sum(changes[1:], changes[0]) > 0)
    return query
