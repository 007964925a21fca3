"""flask discovery: find out from arriving mail, or from a list of addresses, who exists in a domain."""

import datetime as dt
from typing import IO

import click
from flask import current_app

from console import live
from console.cli import checks, execution, find, report
from console.cli.output import Exit, Noun, json_option, note, print_json, say
from console.cli.user_files import name_of
from console.core.discovery import DAYS, LONGEST_DAYS, NEEDED, Ended, SightingState, Taking
from console.models import Discovery, Domain, Run, RunState, now
from console.store import discovery, runs, sightings, uploads

commands = Noun("discovery", help="Find out from mail that arrives who exists in a domain.")

ENDED = {
    Ended.BY_HAND: "a person turned it off",
    Ended.IN_TIME: "its time was over",
    Ended.EVERY_ADDRESS: "the mail server accepts every address, so nobody can learn from it who exists",
    Ended.NO_SERVER: "no mail server could be reached",
    Ended.NOT_GOOD: "the check of the mail servers did not show that they refuse unknown recipients",
}
STATES = {
    SightingState.WAITING: "wait for an answer",
    SightingState.UNKNOWN: "without a clear answer",
    SightingState.REFUSED: "refused by the mail server",
    SightingState.REVIEW: "to be looked at",
    SightingState.ADDED: "added",
    SightingState.NOT_OURS: "not ours",
}
TAKINGS = {Taking.ADD: "Who exists is added at once.", Taking.REVIEW: "Who exists is kept for review."}


@commands.command("on")
@click.argument("domain")
@click.option("--review", is_flag=True, help="Keep the addresses that exist for a person to look at; add none.")
@click.option("--days", type=click.IntRange(1, LONGEST_DAYS), default=DAYS, show_default=True, help="How long.")
@execution.run_options
@json_option
def turn_on(*, domain: str, review: bool, days: int, queued: bool, quiet: bool, as_json: bool) -> None:
    """Turn Address Discovery of DOMAIN on, if a check of its mail servers goes well.

    While it is on, these options are changed, and nothing is checked.
    """
    of, taking, ends_at = find.domain(domain), Taking.REVIEW if review else Taking.ADD, now() + dt.timedelta(days=days)
    switch = discovery.of_domain(of.id)
    needed = switch.needed if switch is not None else NEEDED
    if discovery.is_on(of.id) and discovery.choose(of.id, taking=taking, needed=needed, ends_at=ends_at):
        _show(of, as_json=as_json)
        return
    runs.sweep()
    run = discovery.ask_for(of, None, taking=taking, needed=needed, ends_at=ends_at)
    run_id = run.id
    trouble = execution.carry_out(run, queued=queued, quiet=quiet)
    if queued:
        report.finish(run_id, as_json=as_json, error=trouble)
    _end(of, run_id, as_json=as_json)


@commands.command("off")
@click.argument("domain")
@json_option
def turn_off(domain: str, as_json: bool) -> None:
    """Turn Address Discovery of DOMAIN off. What it has found stays."""
    of = find.domain(domain)
    if discovery.turn_off(of.id, Ended.BY_HAND):
        with execution.without_redis_warnings():
            live.tick_domain(current_app.extensions["redis"], of.id)
    _show(of, as_json=as_json)


@commands.command("show")
@click.argument("domain")
@json_option
def show(domain: str, as_json: bool) -> None:
    """Show whether Address Discovery of DOMAIN is on, and what it has found."""
    _show(find.domain(domain), as_json=as_json)


@commands.command("probe")
@click.argument("domain")
@click.argument("file", type=click.File("rb"))
@click.option("--add", is_flag=True, help="Add those that exist at once, without a look at them.")
@execution.run_options
@json_option
def probe(*, domain: str, file: IO[bytes], add: bool, queued: bool, quiet: bool, as_json: bool) -> None:
    """Ask the mail servers of DOMAIN about every address in FILE: a list, a table or a mail log; - for standard input.

    Without --add those that exist wait for approval: exit status 3.
    """
    of = find.domain(domain)
    runs.sweep()
    find.nothing_open(uploads.open_discovery(of.id))
    content = file.read(current_app.extensions["settings"].upload_limit + 1)
    taking = Taking.ADD if add else Taking.REVIEW
    run = uploads.start_discovery(of, None, name=name_of(file), content=content, taking=taking)
    run_id = run.id
    trouble = execution.carry_out(run, queued=queued, quiet=quiet)
    report.finish(run_id, as_json=as_json, error=trouble)


def _end(of: Domain, run_id: int, *, as_json: bool) -> None:
    """Tell what came of the check; the exit status is 0 only if discovery is on."""
    discovery.settle()
    switch, run = discovery.of_domain(of.id), find.run(run_id)
    if switch is not None and switch.state == "on":
        _show(of, as_json=as_json)
        return
    if as_json:
        print_json(_document(of))
    else:
        checks.print_check(run)
    note(f"Error: Address Discovery stays off: {_why(switch, run)}.")
    raise click.exceptions.Exit(Exit.FAILED)


def _why(switch: Discovery | None, run: Run) -> str:
    if run.state == RunState.FAILED and run.error:
        return run.error.rstrip(".")
    return ENDED[Ended(switch.ended_why)] if switch is not None and switch.ended_why else "it was turned off meanwhile"


def _document(of: Domain) -> dict[str, object]:
    """`taking`, `needed` and `ends_at` say something only while it is not off."""
    switch = discovery.of_domain(of.id) or Discovery(state="off", ended_why="")
    on = switch.state != "off"
    return {
        "domain": of.name,
        "state": switch.state,
        "taking": switch.taking if on else None,
        "needed": switch.needed if on else None,
        "ends_at": switch.ends_at.isoformat() if on else None,
        "ended_why": switch.ended_why or None,
        "addresses": {state.value: count for state, count in sightings.counts(of.id).items()},
    }


def _show(of: Domain, *, as_json: bool) -> None:
    if as_json:
        print_json(_document(of))
        return
    switch = discovery.of_domain(of.id)
    if switch is not None and switch.state == "on":
        say(f"Address Discovery of {of.name} is on until {switch.ends_at:%Y-%m-%d %H:%M} UTC.")
        say(TAKINGS[Taking(switch.taking)])
    elif switch is not None and switch.state == "testing":
        say(f"Address Discovery of {of.name} waits for a check of the mail servers: run {switch.test_run_id}.")
    else:
        why = f": {ENDED[Ended(switch.ended_why)]}" if switch is not None and switch.ended_why else ""
        say(f"Address Discovery of {of.name} is off{why}.")
    told = [f"{count:,} {STATES[state]}" for state, count in sightings.counts(of.id).items() if count]
    if told:
        say("Addresses that mail came for: " + ", ".join(told))
