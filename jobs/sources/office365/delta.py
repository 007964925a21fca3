"""Only what has changed since an earlier read, as Graph tells it (delta queries)."""

from collections.abc import Mapping
from typing import Any

from console.core.person import Reject
from jobs.sources.office365 import batches, failures
from jobs.sources.office365.failures import UnreadableError
from jobs.sources.office365.person import GraphObject, Reader
from jobs.sources.office365.reading import GROUPS, USERS, Reading, selected
from jobs.sources.office365.session import Place, RefusedError, Session
from jobs.sources.office365.wanted import GROUP_PROPERTIES, USER_PROPERTIES
from jobs.sources.source import Progress

# A token that Graph does not take any more: 410, or 400 and 404 with codes such as syncStateNotFound.
_REFUSED = frozenset({400, 404, 410})
# Beyond so many, each of which is a question, everything is read faster.
_INCOMPLETE = 2000

_PROPERTIES = {USERS: frozenset(USER_PROPERTIES), GROUPS: frozenset(GROUP_PROPERTIES)}


class FullReadNeededError(Exception):
    """Changes would not be enough; the text says why, as a sentence for the administrator."""


def changes(
    session: Session, reader: Reader, lists: tuple[str, ...], since: Mapping[str, Any], progress: Progress
) -> Reading:
    """What changed, each object in its last state. Raises FullReadNeededError, and SourceError as a full read does."""
    if since.get("selected") != session.settings.selected or any(not since.get(what) for what in lists):
        raise FullReadNeededError("What is read was changed since the last sync.")
    reading = Reading()
    progress("reading", 0)
    for what in lists:
        for entry in _last_states(session, what, str(since[what]), reading):
            _take(reading, reader, what, entry)
        progress("reading", reading.done)
    return reading


def _take(reading: Reading, reader: Reader, what: str, entry: GraphObject) -> None:
    """Note what an object is now. One that is not mail-enabled would not have been read at all, so it is only gone."""
    identity = str(entry["id"])
    if "@removed" in entry or (what == GROUPS and entry.get("mailEnabled") is not True):
        reading.gone.add(identity)
        return
    made = reader.user(entry) if what == USERS else reader.group(entry)
    reading.add(entry, made)
    if isinstance(made, Reject):
        reading.gone.add(identity)


def _last_states(session: Session, what: str, link: str, reading: Reading) -> list[GraphObject]:
    """The changed objects of a list, each once and with all its properties."""
    if not session.stays(link):
        raise FullReadNeededError("The last sync read another Microsoft 365.")
    last: dict[str, GraphObject] = {}
    place = Place(what, f"changes of {what}")
    try:
        for page in session.pages(link, place, accept=_REFUSED):
            reading.pages += 1
            for entry in page.entries:
                identity = entry.get("id")
                if not isinstance(identity, str) or not identity:
                    raise failures.shapeless(str(place))
                last.pop(identity, None)
                last[identity] = entry
            reading.ends[what] = page.end
    except RefusedError:
        raise FullReadNeededError("Microsoft 365 no longer knew where the last sync had ended.") from None
    except UnreadableError as error:
        raise FullReadNeededError(f"What had changed could not be read: {error.sentence}") from None
    return _completed(session, what, last)


def _completed(session: Session, what: str, last: Mapping[str, GraphObject]) -> list[GraphObject]:
    """Graph promises of a changed object only its id and what changed, and leaves out what was never set. What is
    missing is asked for, since an address that is not mentioned must not be taken for one that is gone.
    """
    wanted = _PROPERTIES[what]
    partial = [key for key, entry in last.items() if "@removed" not in entry and not wanted <= entry.keys()]
    if len(partial) > _INCOMPLETE:
        raise FullReadNeededError("So much had changed that everything was read.")
    whole: dict[str, GraphObject] = dict(last)
    doing = f"while reading changed {what}"
    questions = [(key, f"/{what}/{key}?{selected(what)}") for key in partial]
    for key, status, body in batches.each(session, questions, doing):
        if status == 404:
            whole[key] = {"id": key, "@removed": {"reason": "deleted"}}
        elif status == 200 and body.get("id") == key:
            whole[key] = body
        else:
            raise FullReadNeededError("Not all that had changed could be asked for.")
    return list(whole.values())
