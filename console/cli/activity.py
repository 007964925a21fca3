"""flask activity: who did what."""

import datetime as dt
from itertools import islice

import click

from console import activity_words
from console.activity_words import LISTS
from console.cli import find
from console.cli.output import Noun, json_option, note, print_json, print_table
from console.models import Event, RunKind, Topic
from console.models.run import CHANGING
from console.store import activity
from console.store.activity import Entry, Filters

commands = Noun("activity", help="Who did what: changes of lists and settings, approvals, sign-ins, denials.")
WHAT = (LISTS, *(kind.value for kind in activity.KINDS), *(topic.value for topic in Topic))


@commands.command("list")
@click.option("--domain", metavar="NAME", help="Only what was done about this domain.")
@click.option("--what", type=click.Choice(WHAT), help="Only the changes of lists, one kind of them, or one topic.")
@click.option("--by", "who", default="", metavar="TEXT", help="Only what accounts with this in their address did.")
@click.option("--text", "q", default="", metavar="TEXT", help="Only what has this in its text.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="From this day on, in UTC.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Up to this day, in UTC.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=50, show_default=True, help="How many to list.")
@json_option
def show_all(
    *,
    domain: str | None,
    what: str | None,
    who: str,
    q: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List what was done, newest first. Nothing here can be changed."""
    filters = Filters(
        domains=[find.domain(domain).id] if domain else None,
        q=q.replace("\x00", ""),
        who=who.replace("\x00", ""),
        lists=what == LISTS,
        kind=RunKind(what) if what in activity.KINDS else None,
        topic=Topic(what) if what in set(Topic) else None,
        since=since.date() if since else None,
        until=until.date() if until else None,
    )
    found = list(islice(activity.every(filters, min(limit, activity.CHUNK)), limit))
    if as_json:
        print_json([_as_json(entry) for entry in found])
    elif not found:
        note("Nothing on record is like that.")
    else:
        rows = [
            (f"{activity.Mark.of(entry).at:%Y-%m-%d %H:%M:%S}", _domain(entry), activity_words.by(entry), *_told(entry))
            for entry in found
        ]
        print_table(("AT (UTC)", "DOMAIN", "BY", "FROM", "WHAT"), rows)


def _domain(entry: Entry) -> str:
    return entry.domain if isinstance(entry, Event) else entry.domain.name


def _told(entry: Entry) -> tuple[str, str]:
    """The network address, and what was done with what it changed."""
    if isinstance(entry, Event):
        return entry.address, "; ".join([entry.text, *activity_words.changes(entry)])
    numbers = [f"{entry.counts[name]:,} {name}" for name in CHANGING if entry.counts.get(name)]
    return "", f"{activity_words.what(entry)}: {', '.join(numbers)}"


def _as_json(entry: Entry) -> dict[str, object]:
    """`run` is the run that changed a list; `address` and `changes` are those of everything else."""
    event = entry if isinstance(entry, Event) else None
    return {
        "at": activity.Mark.of(entry).at.isoformat(),
        "kind": entry.kind,
        "topic": event.topic if event else LISTS,
        "domain": _domain(entry) or None,
        "what": activity_words.what(entry),
        "by": activity_words.by(entry),
        "address": event.address if event else "",
        "run": None if event else entry.id,
        "counts": {} if isinstance(entry, Event) else {name: int(entry.counts.get(name, 0)) for name in CHANGING},
        "changes": event.changes if event else [],
        "times": event.times if event else 1,
    }
