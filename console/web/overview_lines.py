"""What the overview of a domain lists, each with its link: what is wrong, waits for a decision or is worth a look."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from console.core import expiry as ends
from console.core.delivery import Finding, overall
from console.core.discovery import Ended
from console.core.overview import Weight
from console.core.recipient import Mode
from console.models import Run, RunKind, RunState, Source, now
from console.store import expiry
from console.store.overview import RECENT, Facts
from console.web import check_result
from console.web.shell import number

WAITING = {RunKind.IMPORT: "An import", RunKind.DISCOVERY: "A list of discovered addresses"}
SERVERS_WRONG = (Finding.UNREACHABLE, Finding.NOBODY)
"""What a check finds that loses mail. Other findings only keep Address Discovery from working."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: a sentence, more about it, and the link to where it is settled."""

    weight: Weight
    sentence: str
    more: str
    label: str
    href: str


def lines(facts: Facts) -> list[Line]:
    """All of them, what is wrong first."""
    found = [*_perimeter(facts), *_sources(facts), *_runs(facts), *_servers(facts), *_addresses(facts)]
    return sorted(found, key=lambda line: list(Weight).index(line.weight))


def servers_found(facts: Facts) -> Finding | None:
    """What the last check says of the mail servers that there are now; None where it asked none of them."""
    places = check_result.by_place(facts.check)
    found = [places[server.host, server.port] for server in facts.servers if (server.host, server.port) in places]
    return overall(found) if found else None


def _perimeter(facts: Facts) -> Iterator[Line]:
    if facts.domain.perimeter_mode == Mode.ENFORCE and not facts.today.accepted:
        settings = url_for("domains.show", name=facts.domain.name, _anchor="perimeter")
        more = "The perimeter enforces a list that accepts no address. Add users, or choose Monitor meanwhile."
        yield Line(Weight.WRONG, "All mail is rejected.", more, "Perimeter", settings)


def _sources(facts: Facts) -> Iterator[Line]:
    busy = {run.source_id for run in facts.open_runs}
    for source in facts.sources:
        page = url_for("sources.show", source_id=source.id)
        if source.failures:
            yield Line(Weight.WRONG, f"{source.label} cannot be read.", source.last_error, "See the source", page)
        elif source.last_success_at is None and source.id not in busy:
            more = "Its people are not on the list yet. Preview shows what a sync would do."
            yield Line(Weight.WAITS, f"{source.label} was never synced.", more, "See the source", page)
        yield from _secret(source, page)
        if contested := facts.contested.get(source.id):
            what = "conflict" if contested == 1 else "conflicts"
            sentence = f"{number(contested)} {what} of {source.label} to settle."
            more = "An address that its directory names belongs to somebody else on the list."
            settled = url_for("conflicts.index", source_id=source.id)
            yield Line(Weight.WAITS, sentence, more, "Settle", settled)


def _secret(source: Source, page: str) -> Iterator[Line]:
    told = expiry.told(source)
    if told and source.secret_expires_on is not None:
        sentence, _, more = told.partition(". ")
        over = ends.step(source.secret_expires_on, now().date()) == ends.ENDED
        named = f"{source.label}: {sentence[0].lower()}{sentence[1:]}."
        yield Line(Weight.WRONG if over else Weight.WAITS, named, more, "See the source", page)


def _runs(facts: Facts) -> Iterator[Line]:
    for run in facts.open_runs:
        if run.state == RunState.NEEDS_APPROVAL:
            more = str(run.waits_because[0]) if run.waits_because else ""
            yield Line(Weight.WAITS, _approval(run), more, "Review", url_for("runs.show", run_id=run.id))


def _approval(run: Run) -> str:
    what = WAITING.get(RunKind(run.kind)) or f"A {run.kind}"
    return f"{what} {f'of {run.source.label} ' if run.source else ''}waits for your approval."


def _servers(facts: Facts) -> Iterator[Line]:
    """What is wrong with the domain's own mail servers, once."""
    finding = servers_found(facts)
    switch = facts.switch
    if switch is not None and switch.state == "off" and switch.ended_why == Ended.EVERY_ADDRESS:
        # A check since then that went well has settled it.
        checked = facts.check.ended_at if facts.check is not None and finding is not None and finding.is_good else None
        if checked is None or switch.ended_at is None or checked <= switch.ended_at:
            more = "So it cannot say who exists. What was added meanwhile may be wrong."
            sentence = "Address Discovery has ended, since the mail server accepts every address."
            href = url_for("discovery.index", name=facts.domain.name)
            yield Line(Weight.WRONG, sentence, more, "Address Discovery", href)
            if finding is Finding.EVERY_ADDRESS:
                return
    if finding is not None and not finding.is_good:
        weight = Weight.WRONG if finding in SERVERS_WRONG else Weight.WAITS
        more = "The page says what to change, and can check again."
        href = url_for("smtp.index", name=facts.domain.name)
        yield Line(weight, f"Inbound SMTP: the mail server {finding.words}.", more, "Inbound SMTP", href)


def _addresses(facts: Facts) -> Iterator[Line]:
    name = facts.domain.name
    if facts.review:
        wait = "address waits" if facts.review == 1 else "addresses wait"
        more = "The mail server accepts what mail came for: are these users, aliases, or not yours?"
        href = url_for("discovery.index", name=name, list="review", _anchor="sightings")
        yield Line(Weight.WAITS, f"{number(facts.review)} discovered {wait} for your word.", more, "Review", href)
    if facts.rejected:
        one = facts.rejected == 1
        which = "address that is" if one else "addresses that are"
        sentence = f"Mail came for {number(facts.rejected)} {which} not on the list."
        more = f"In the last {RECENT.days} days. Most of it is spam; somebody who is missing would be there too."
        yield Line(Weight.LOOK, sentence, more, "Rejected recipients", url_for("rejections.index", name=name))
