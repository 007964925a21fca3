"""Mail arrives for addresses that nobody has, where discovery is on: noted, and whether an answer may come soon."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from console.core.discovery import is_asked_now, told
from console.core.recipient import Verdict
from console.models import Sighting, db, now
from console.store import discovery, sightings
from console.store.sightings import Seen


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a mail server is told of an address as it stands, and whether that may be another thing in a moment."""

    sighting_id: int
    verdict: Verdict
    soon: bool


def note(
    domain_id: int, seen: Sequence[Seen], *, a_minute: int, a_day: int, full: bool = False
) -> tuple[Mapping[str, Arrival], bool]:
    """Note mail for addresses, and commit: how each of them stands, by its key, and whether a worker has work.

    An address is not in it when there is no room for it (with `full` none is looked for), or when discovery was turned
    off meanwhile. The server is asked for so many in a minute and in a day: when more than that are due, nobody should
    wait for an answer.
    """
    standing = sightings.note(domain_id, seen, full=full)
    at = now()
    due = {sighted.id for sighted in standing.values() if is_asked_now(sighted, at)}
    room = discovery.room(domain_id, a_minute, a_day) if due else 0
    soon = due if room and _due(domain_id, room + 1) <= room else set()
    db.session.rollback()
    arrivals = {name: Arrival(sighted.id, told(sighted, at), sighted.id in soon) for name, sighted in standing.items()}
    return arrivals, room > 0


def answers(sighting_ids: Sequence[int]) -> Mapping[int, Verdict | None]:
    """What is told of each sighting now; None for one that is still to be asked for, or is being."""
    at = now()
    found = {
        number: None if is_asked_now(sighted, at) else told(sighted, at)
        for number, sighted in sightings.standing(sighting_ids).items()
    }
    return {number: found.get(number, Verdict.DEFER) for number in sighting_ids}


def _due(domain_id: int, limit: int) -> int:
    """How many sightings are to be asked for now, counted up to a limit."""
    some = select(Sighting.id).where(Sighting.domain_id == domain_id, Sighting.due_at <= now()).limit(limit)
    return db.session.scalar(select(func.count()).select_from(some.subquery())) or 0
