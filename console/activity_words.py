"""An act, a run or an event in words, and all of them as CSV."""

from collections.abc import Iterable, Iterator

from console.core.user_csv import guarded
from console.hourly import OF_ONE
from console.models import Event, Run, RunKind, Topic
from console.models.run import CHANGING
from console.store.activity import Entry

LISTS = "lists"
KINDS: dict[str, str] = {
    LISTS: "List changes, all",
    RunKind.SYNC: "List changes: syncs",
    RunKind.MANUAL: "List changes: acts by hand",
    RunKind.IMPORT: "List changes: imports",
    RunKind.DISCOVERY: "List changes: discovery",
    RunKind.GRACE: "List changes: grace periods over",
    RunKind.UNDO: "List changes: taken back",
    Topic.SETTINGS: "Settings",
    Topic.APPROVALS: "Approvals, discards and cancels",
}
FOR_OWNERS: dict[str, str] = {
    Topic.ACCOUNTS: "Accounts and invitations",
    Topic.SIGN_INS: "Sign-ins and passwords",
    Topic.DENIALS: "Denials",
}
OWN: dict[str, str] = {Topic.SIGN_INS: "Your sign-ins and passwords"}
NO_ACCOUNT = "no account"
NOBODY = "not signed in"
HEADER = ("run", "ended", "domain", "kind", "what", "by", *CHANGING, "address", "changes", "times")


def what(entry: Entry) -> str:
    """What was done: all but a sync have it in their title."""
    if isinstance(entry, Event):
        return entry.text
    if entry.kind == RunKind.SYNC:
        return f"Sync of {entry.source.label}" if entry.source is not None else "Sync of a source that was deleted"
    return entry.title or entry.kind.capitalize()


def by(entry: Entry) -> str:
    """Who did it. What changed a list has no account where the command line did it, or where that was removed since."""
    if isinstance(entry, Event):
        return entry.who or NOBODY
    if entry.admin is not None:
        return entry.admin.email
    if entry.by_schedule:
        return "by schedule"
    # A list that a person gave has a record of what was found; what mail brings has none.
    if entry.kind == RunKind.DISCOVERY and entry.trial is None:
        return "arriving mail"
    return "by itself" if entry.kind == RunKind.GRACE else NO_ACCOUNT


def changes(event: Event) -> list[str]:
    """Each change of a field; where before and after are the same word, it stands for what is not told."""
    return [_change(str(item["field"]), str(item["before"]), str(item["after"])) for item in event.changes]


def often(event: Event) -> str:
    """That an event stands for others like it, which would have filled the list."""
    return f"{event.times:,} like this in that hour until then" if event.times > OF_ONE else ""


def rows(entries: Iterable[Entry]) -> Iterator[tuple[str, ...]]:
    """The header and a row for each; times in UTC as ISO 8601, and no cell is one that a spreadsheet runs."""
    yield HEADER
    for entry in entries:
        yield tuple(map(guarded, _of_event(entry) if isinstance(entry, Event) else _of_run(entry)))


def _of_run(run: Run) -> tuple[str, ...]:
    ended = run.ended_at or run.created_at
    numbers = (str(run.counts.get(name, 0)) for name in CHANGING)
    moment = f"{ended:%Y-%m-%dT%H:%M:%S+00:00}"
    return (str(run.id), moment, run.domain.name, run.kind, what(run), by(run), *numbers, "", "", "")


def _of_event(event: Event) -> tuple[str, ...]:
    moment = f"{event.at:%Y-%m-%dT%H:%M:%S+00:00}"
    told = "; ".join(changes(event))
    none = [""] * len(CHANGING)
    shared = ("", moment, event.domain, event.kind, event.text, by(event))
    return (*shared, *none, event.address, told, str(event.times))


def _change(field: str, before: str, after: str) -> str:
    if before == after:
        return f"{field}: {after}"
    return f"{field}: {before or 'nothing'} → {after or 'nothing'}" if before else f"{field}: {after}"
