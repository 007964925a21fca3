"""What is sealed in the database, sealed anew with the first of SEALING_KEYS while everything runs.

Each row is written on the condition that it still holds what was read, so a password that somebody enters meanwhile
stays.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, Text, column, select, update, values
from sqlalchemy.orm import InstrumentedAttribute

from console.core.errors import RefusedError
from console.models import Admin, Domain, EventKind, SecondStep, Source, db
from console.secrets import Sealer
from console.store import events

BATCH = 500


@dataclass(frozen=True, slots=True)
class Place:
    """A column with something sealed, and the key of its table."""

    name: str
    key: InstrumentedAttribute[int]
    sealed: InstrumentedAttribute[str]


SOURCES = Place("sources", Source.id, Source.secret)
APPS = Place("apps", SecondStep.admin_id, SecondStep.secret)
PLACES = (SOURCES, APPS)


@dataclass(frozen=True, slots=True)
class Looked:
    """How many rows of a place the first key sealed, and how many another; and what no key opens, by name."""

    current: int = 0
    older: int = 0
    unopened: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many rows of a place were sealed anew, how many the first key had sealed, and how many somebody else wrote
    between reading and writing."""

    resealed: int = 0
    current: int = 0
    changed: int = 0
    unopened: tuple[str, ...] = ()


def look(place: Place, sealer: Sealer) -> Looked:
    """How the rows of a place are sealed. Writes nothing."""
    current = older = 0
    shut: list[int] = []
    for batch in _batches(place):
        for key, sealed in batch:
            if sealer.is_current(sealed):
                current += 1
            elif sealer.opens(sealed):
                older += 1
            else:
                shut.append(key)
    return Looked(current, older, tuple(_names(place, shut)))


def rotate_all(sealer: Sealer) -> dict[str, Rotated]:
    """Seal the rows of every place anew, which goes on record with its numbers; by the names of the places."""
    found = {place.name: rotate(place, sealer) for place in PLACES}
    resealed = sum(item.resealed for item in found.values())
    unopened = sum(len(item.unopened) for item in found.values())
    left = f"; no key opens {unopened}" if unopened else ""
    events.note(EventKind.CHANGED, f"Sealed secrets anew with the first of SEALING_KEYS: {resealed} sealed{left}")
    db.session.commit()
    return found


def rotate(place: Place, sealer: Sealer) -> Rotated:
    """Seal the rows of a place anew, a batch in a transaction. To do it again does no harm, and goes on where it broke
    off."""
    resealed = current = changed = 0
    shut: list[int] = []
    for batch in _batches(place):
        anew: list[tuple[int, str, str]] = []
        for key, sealed in batch:
            if sealer.is_current(sealed):
                current += 1
                continue
            try:
                anew.append((key, sealed, sealer.reseal(sealed)))
            except RefusedError:
                shut.append(key)
        written = _put(place, anew)
        resealed += written
        changed += len(anew) - written
    return Rotated(resealed, current, changed, tuple(_names(place, shut)))


def _batches(place: Place) -> Iterator[Sequence[tuple[int, str]]]:
    """The sealed rows in the order of their keys, each batch read when the one before is done."""
    last = 0
    while True:
        query = select(place.key, place.sealed).where(place.sealed != "", place.key > last)
        found = [(key, sealed) for key, sealed in db.session.execute(query.order_by(place.key).limit(BATCH))]
        # No transaction stays open while keys are tried.
        db.session.commit()
        if not found:
            return
        yield found
        last = found[-1][0]


def _put(place: Place, anew: Sequence[tuple[int, str, str]]) -> int:
    """Write what was sealed anew, where the row is as it was; how many were."""
    if not anew:
        return 0
    rows = values(column("key", place.key.type), column("was", Text), column("new", Text), name="anew").data(list(anew))
    written = (
        update(place.key.class_)
        .where(place.key == rows.c.key, place.sealed == rows.c.was)
        .values({place.sealed: rows.c.new})
    )
    done = db.session.execute(written, execution_options={"synchronize_session": False})
    db.session.commit()
    return cast("CursorResult[Any]", done).rowcount


def _names(place: Place, keys: Sequence[int]) -> list[str]:
    """Rows by what an administrator knows them by."""
    if not keys:
        return []
    if place is APPS:
        emails = select(Admin.email).where(Admin.id.in_(keys)).order_by(Admin.email)
        return [f"the app of {email}" for email in db.session.scalars(emails)]
    sources = select(Source, Domain.name).join(Domain, Source.domain_id == Domain.id).where(Source.id.in_(keys))
    found = db.session.execute(sources.order_by(Source.id))
    return [f"source {source.id}, {source.label}, of {name}" for source, name in found]
