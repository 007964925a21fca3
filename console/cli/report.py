"""A run as a command tells it: the JSON document, the text, and the exit status."""

from collections.abc import Iterator
from typing import NoReturn

import click

from console.cli import checks
from console.cli.output import Exit, note, print_json, print_table, say
from console.core.plan import Action, user_from_json
from console.models import Change, Run, RunKind, RunState
from console.store import records, runs

SUMMARY = ("read", "created", "updated", "restored", "missing", "disabled", "unchanged", "skipped", "conflicts")
FILE = ("format", "encoding", "separator", "header", "mode", "billable", "new_groups")
SHOWN = 50
PAGE = 1000
STATES = {
    RunState.QUEUED: "waits for a worker",
    RunState.RUNNING: "is running",
    RunState.NEEDS_APPROVAL: "waits for approval",
    RunState.APPLYING: "is being applied",
    RunState.SUCCEEDED: "succeeded",
    RunState.FAILED: "failed",
    RunState.INTERRUPTED: "was interrupted",
    RunState.CANCELLED: "was cancelled",
    RunState.DISCARDED: "was discarded",
}


def document(run: Run, error: str | None = None) -> dict[str, object]:
    """The run as JSON; `error` is a sentence about what went wrong beside the run itself."""
    told: dict[str, object] = {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "summary": {name: int(run.counts.get(name, 0)) for name in SUMMARY},
        "issues": list(issues(run)),
        "error": error or run.error or None,
        "samples": list((run.trial or {}).get("samples", ())),
    }
    if run.kind == RunKind.IMPORT and run.trial:
        told["file"] = {name: run.trial.get(name) for name in FILE}
    if run.kind == RunKind.CHECK and run.trial:
        told["check"] = run.trial
    if run.kind == RunKind.DISCOVERY and run.trial:
        told["answers"] = run.trial
    return told


def issues(run: Run) -> Iterator[dict[str, str]]:
    """Everything that an administrator may have to look at: what was skipped, remarks, conflicts, a test's warnings."""
    for warning in (run.trial or {}).get("warnings", ()):
        yield {"where": run.source.endpoint if run.source else "", "what": "", "why": str(warning)}
    for change in _changes(run.id, Action.CONFLICT):
        yield {"where": change.place, "what": ", ".join(change.contested) or change.address, "why": change.why}
    after = 0
    while page := records.issues(run.id, after=after, limit=PAGE):
        for issue in page:
            yield {"where": issue.place, "what": issue.what, "why": issue.why}
        after = page[-1].id


def exit_status(run: Run) -> Exit:
    """What a command that worked on the run ends with; one that was only queued is done for the command."""
    if run.state == RunState.NEEDS_APPROVAL:
        return Exit.WAITING
    return Exit.FAILED if run.state not in (RunState.SUCCEEDED, RunState.QUEUED) else Exit.DONE


def finish(run_id: int, *, as_json: bool, error: str | None = None) -> NoReturn:
    """Report a run that a command worked on, and end the command with its exit status."""
    run = runs.get(run_id)
    if run is None:
        raise click.ClickException(f"Run {run_id} was deleted, with its domain.")
    status = Exit.FAILED if error else exit_status(run)
    if as_json:
        print_json(document(run, error))
    else:
        print_run(run)
    said = error or run.error
    if status is Exit.FAILED:
        note(f"Error: {said}" if said else f"Error: run {run.id} {STATES[RunState(run.state)]}.")
    elif status is Exit.WAITING:
        for reason in run.waits_because:
            note(str(reason))
        note(f"To decide: flask runs approve {run.id}, or flask runs discard {run.id}")
    raise click.exceptions.Exit(status)


def print_run(run: Run) -> None:
    """The run as text: what it is, its numbers, the first of its steps and issues."""
    of = f" of {run.source.label}" if run.source else ""
    title = f" ({run.title})" if run.title else ""
    say(f"Run {run.id}, {run.kind}{of} in {run.domain.name}{title}: {STATES[RunState(run.state)]}")
    numbers = [f"{name} {int(n):,}" for name, n in run.counts.items() if n or name == "read"]
    if numbers:
        say(", ".join(numbers))
    if run.kind == RunKind.IMPORT:
        _print_file(run)
    if run.kind == RunKind.CHECK:
        checks.print_check(run)
    if run.kind == RunKind.DISCOVERY and run.trial:
        answers = ", ".join(f"{run.trial[answer]:,} {answer}" for answer in ("yes", "no", "unknown"))
        say(f"Of {run.trial['total']:,} addresses {run.trial['asked']:,} were asked about: {answers}")
    _print_trial(run)
    _print_steps(run)
    _print_issues(run)


def _print_file(run: Run) -> None:
    trial = run.trial or {}
    if "format" in trial:
        said = [trial["format"], trial["encoding"], trial["separator"], "header" if trial["header"] else "no header"]
        say("Read as: " + ", ".join(said))
        say(f"Billable mailboxes: {trial['billable']['before']:,} → {trial['billable']['after']:,}")
    if groups := trial.get("new_groups"):
        say("New groups: " + ", ".join(groups))


def _print_trial(run: Run) -> None:
    trial = run.trial or {}
    if facts := trial.get("facts"):
        click.echo()
        print_table(("FOUND", ""), facts)
    if samples := trial.get("samples"):
        click.echo()
        say("Some of the addresses:")
        for sample in samples:
            say(f"  {sample}")


def _print_steps(run: Run) -> None:
    """The first steps; conflicts are told with the issues."""
    found = records.changes(run.id, limit=SHOWN + 1)
    rows = [(change.action, change.address, _name(change), change.why) for change in found[:SHOWN]]
    rows = [row for row in rows if row[0] != Action.CONFLICT]
    if not rows:
        return
    click.echo()
    planned = run.kind == RunKind.PREVIEW or run.state in (RunState.NEEDS_APPROVAL, RunState.DISCARDED)
    print_table(("WOULD BE" if planned else "STEP", "ADDRESS", "NAME", "WHY"), rows)
    if len(found) > SHOWN:
        say("… and more: the run's page in the console shows every step.")


def _print_issues(run: Run) -> None:
    found = issues(run)
    first = [issue for issue, _ in zip(found, range(SHOWN), strict=False)]
    if not first:
        return
    click.echo()
    print_table(("ISSUE WITH", "ADDRESS", "WHY"), [(issue["where"], issue["what"], issue["why"]) for issue in first])
    if next(found, None):
        say("… and more: --json tells every one.")


def _changes(run_id: int, action: Action) -> Iterator[Change]:
    after = 0
    while page := records.changes(run_id, action=action, after=after, limit=PAGE):
        yield from page
        after = page[-1].id


def _name(change: Change) -> str:
    user = user_from_json(change.after or change.before, change.user_id)
    return f"{user.first_name} {user.last_name}".strip() if user else ""
