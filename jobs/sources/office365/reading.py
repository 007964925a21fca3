"""Everything: all users and all mail-enabled groups, page by page, each made a person at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from console.core.person import Person, Reject
from jobs.sources.office365.person import GraphObject, Reader
from jobs.sources.office365.session import Place, RefusedError, Session
from jobs.sources.office365.wanted import GROUP_PROPERTIES, USER_PROPERTIES
from jobs.sources.source import Progress

USERS, GROUPS = "users", "groups"
_SELECT: Mapping[str, str] = {USERS: ",".join(USER_PROPERTIES), GROUPS: ",".join(GROUP_PROPERTIES)}
_FILTER: Mapping[str, str] = {USERS: "", GROUPS: "$filter=mailEnabled%20eq%20true&"}
# A tenant, or a cloud, in which Graph cannot tell where to go on from is read in full each time.
_NO_LINK = frozenset({400, 404, 405, 410})


@dataclass
class Reading:
    """What was read, by Graph's id: of an object that came twice, the last one counts.

    `gone` are the ids of those that are known to be recipients no longer. `ends` holds by list the link where the next
    read of changes starts, empty where there is none.
    """

    found: dict[str, Person | Reject] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    pages: int = 0
    ends: dict[str, str] = field(default_factory=dict)

    def add(self, entry: GraphObject, made: Person | Reject) -> None:
        identity = entry.get("id")
        self.found[identity if isinstance(identity, str) and identity else f"#{len(self.found)}"] = made

    @property
    def people(self) -> tuple[Person, ...]:
        return tuple(found for found in self.found.values() if isinstance(found, Person))

    @property
    def rejects(self) -> tuple[Reject, ...]:
        return tuple(found for found in self.found.values() if isinstance(found, Reject))

    @property
    def done(self) -> int:
        return len(self.found)


def selected(what: str) -> str:
    """The properties that are asked for, as a part of a query."""
    return f"$select={_SELECT[what]}"


def read(session: Session, reader: Reader, lists: tuple[str, ...], progress: Progress) -> Reading:
    """Read to the end, or raise. `progress` is called before the first page and after each.

    Where changes start from is asked before: what changes in the meantime is then told twice, and not missed.
    """
    reading = Reading()
    progress("reading", 0)
    for what in lists:
        reading.ends[what] = _latest(session, what)
    for what in lists:
        make: Callable[[GraphObject], Person | Reject] = reader.user if what == USERS else reader.group
        url = session.url(f"{what}?{_FILTER[what]}{selected(what)}&$top={session.settings.page_size}")
        for page in session.pages(url, Place(what, what)):
            reading.pages += 1
            for entry in page.entries:
                reading.add(entry, make(entry))
            progress("reading", reading.done)
    return reading


def _latest(session: Session, what: str) -> str:
    """The link that tells of changes from now on, or nothing."""
    url = session.url(f"{what}/delta?$deltatoken=latest&{selected(what)}")
    place = Place(what, f"the state of {what}")
    try:
        return [page.end for page in session.pages(url, place, accept=_NO_LINK)][-1]
    except RefusedError:
        return ""


def watermark(reading: Reading, mark: str) -> dict[str, Any] | None:
    """Where a later read of changes starts; None where one of the lists has no link for it."""
    return {"selected": mark, **reading.ends} if all(reading.ends.values()) else None
