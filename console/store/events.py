"""What is on record for an audit, written in the transaction of what it tells of. Nothing here changes a row."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from flask import current_app
from sqlalchemy import CursorResult, delete, inspect, select, text

from console.models import Admin, Base, Domain, Event, EventKind, db

LONGEST = 200
# The word that stands for what is not told.
SECRET = "changed"  # noqa: S105 - it is none


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from which network address; a command, and what happens by itself, have none."""

    name: str = ""
    admin_id: int | None = None
    address: str = ""

    @classmethod
    def of(cls, admin: Admin, address: str = "") -> "Actor":
        return cls(admin.email, admin.id, address)

    def or_of(self, admin: Admin) -> "Actor":
        """Whoever acts, or the account's owner, who has proved to be that without being signed in."""
        return self if self.name else Actor.of(admin, self.address)


@dataclass(frozen=True, slots=True)
class Difference:
    """A field's label, and what stood and stands there as people read it."""

    field: str
    before: str
    after: str


COMMAND_LINE = Actor("command line")
BY_ITSELF = Actor("by itself")


def actor() -> Actor:
    """Who acts now: whoever a request is from, the command line, or what runs by itself, as the process was wired."""
    who: Callable[[], Actor] = current_app.extensions["actor"]
    return who()


def note(
    kind: EventKind,
    told: str,
    *,
    domain: Domain | None = None,
    changes: Sequence[Difference] = (),
    by: Actor | None = None,
    times: int = 1,
) -> None:
    """Put an event on record, in the caller's transaction. `told` is a sentence without a full stop, never a secret."""
    who = actor() if by is None else by
    told = _short(told)
    name = domain.name if domain is not None else ""
    said = (told, who.name, who.address, name, *(part for item in changes for part in (item.before, item.after)))
    db.session.add(
        Event(
            topic=kind.topic.value,
            kind=kind.value,
            who=who.name,
            admin_id=who.admin_id,
            address=who.address,
            domain_id=domain.id if domain is not None else None,
            domain=name,
            text=told,
            changes=[asdict(item) for item in changes],
            times=times,
            search=" ".join(said).lower(),
        )
    )


def note_of(domain_id: int, kind: EventKind, told: str, *, changes: Sequence[Difference] = ()) -> None:
    """The same for a domain of which the caller has the number."""
    note(kind, told, domain=db.session.get(Domain, domain_id), changes=changes)


def note_changed(changed: Base, told: str, domain: Domain, labels: Mapping[str, str]) -> None:
    """The same for a row of a domain's settings that is about to be stored; nothing where it stays as it was."""
    with db.session.no_autoflush:
        found = differences(changed, labels)
        if found:
            note(EventKind.CHANGED, told, domain=domain, changes=found)


def differences(changed: Base, labels: Mapping[str, str]) -> list[Difference]:
    """What differs between a row as it is stored and the object that is about to be, of these columns."""
    with db.session.no_autoflush:
        now = {name: getattr(changed, name) for name in labels}
    return compared(stored(changed, list(labels)), now, labels)


def stored(changed: Base, names: Sequence[str]) -> Mapping[str, Any]:
    """These columns of a row as they were committed last; nothing of a row that is not.

    On a connection of its own, since the session's may have been told of the change already, by any query since.
    """
    kind = type(changed)
    with db.session.no_autoflush:
        own = [column == getattr(changed, str(column.key)) for column in inspect(kind).primary_key]
    with db.engine.connect() as connection:
        row = connection.execute(select(*[getattr(kind, name) for name in names]).where(*own)).one_or_none()
    return dict(zip(names, row, strict=True)) if row is not None else {}


def compared(before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]) -> list[Difference]:
    """The differences of two documents, in the order of the labels."""
    pairs = [(label, before.get(name), after.get(name)) for name, label in labels.items()]
    return [Difference(label, _words(old), _words(new)) for label, old, new in pairs if _words(old) != _words(new)]


def forget(before: dt.datetime) -> int:
    """Drop events from before a time, which the database allows to nobody who does not say so; how many."""
    db.session.execute(text("set local rollcall.forget_events = 'on'"))
    gone = db.session.execute(delete(Event).where(Event.at < before), execution_options={"synchronize_session": False})
    db.session.commit()
    return cast("CursorResult[Any]", gone).rowcount


def _words(value: object) -> str:
    """A value as people read it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return _short(", ".join(map(str, value)))
    return _short(str(value))


def _short(said: str) -> str:
    """No more than is read in a list, and nothing that a text of PostgreSQL cannot hold."""
    said = said.replace("\x00", "")
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"
