"""flask runs: what was executed, and what still waits for a person."""

import click

from console.cli import execution, find, report
from console.cli.output import ID, Noun, json_option, note, print_json, print_table, say
from console.core.errors import RefusedError
from console.models import Run, RunKind, RunState
from console.store import records, runs, uploads

commands = Noun("runs", help="Syncs, previews, tests, imports and what people did by hand.")


@commands.command("list")
@click.option("--domain", metavar="NAME", help="Only the runs of this domain.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many to list.")
@json_option
def show_all(domain: str | None, limit: int, as_json: bool) -> None:
    """List the newest runs."""
    found = records.latest(find.domain(domain).id if domain else None, limit)
    if as_json:
        print_json([_line(run) for run in found])
    elif not found:
        note("Nothing has run yet.")
    else:
        rows = [
            (run.id, f"{run.created_at:%Y-%m-%d %H:%M}", run.domain.name, run.kind, _about(run), run.state)
            for run in found
        ]
        print_table(("RUN", "AT (UTC)", "DOMAIN", "KIND", "ABOUT", "STATE"), rows)


@commands.command("show")
@click.argument("run_id", metavar="ID", type=ID)
@json_option
def show(run_id: int, as_json: bool) -> None:
    """Show what a run did, or would do."""
    run = find.run(run_id)
    if as_json:
        print_json(report.document(run))
        return
    report.print_run(run)
    if run.error:
        say(run.error)
    for reason in run.waits_because:
        say(str(reason))


@commands.command("approve")
@click.argument("run_id", metavar="ID", type=ID)
@execution.run_options
@json_option
def approve(run_id: int, queued: bool, quiet: bool, as_json: bool) -> None:
    """Apply what a waiting run has planned."""
    run = find.run(run_id)
    # One that was approved and that no worker has taken up can be done here as well.
    if not runs.approve(run_id) and not (run.approved and run.state == RunState.QUEUED):
        raise RefusedError(f"Run {run_id} does not wait for approval: it {_standing(run_id)}.")
    report.finish(run_id, as_json=as_json, error=execution.carry_out(run, queued=queued, quiet=quiet))


@commands.command("discard")
@click.argument("run_id", metavar="ID", type=ID)
@json_option
def discard(run_id: int, as_json: bool) -> None:
    """End a waiting run without doing what it has planned."""
    run = find.run(run_id)
    told = report.document(run) if as_json and run.kind == RunKind.IMPORT else None
    # A file that was not wanted leaves no trace, so what there is to tell of it is put together before.
    if not (uploads.discard(run) if run.kind == RunKind.IMPORT else runs.discard(run_id)):
        raise RefusedError(f"Run {run_id} does not wait for approval: it {_standing(run_id)}.")
    if as_json:
        print_json({**told, "state": RunState.DISCARDED} if told else report.document(find.run(run_id)))
    else:
        say(f"Run {run_id} is discarded: nothing was changed.")


@commands.command("undo")
@click.argument("run_id", metavar="ID", type=ID)
@execution.run_options
@json_option
def undo(run_id: int, queued: bool, quiet: bool, as_json: bool) -> None:
    """Take back what a run did, as far as nothing later stands on it.

    This is a run of its own, which can be taken back too.
    """
    run = execution.begin_undo(find.run(run_id))
    undo_id = run.id
    report.finish(undo_id, as_json=as_json, error=execution.carry_out(run, queued=queued, quiet=quiet))


def _standing(run_id: int) -> str:
    return report.STATES[RunState(find.run(run_id).state)]


def _about(run: Run) -> str:
    return " ".join(part for part in (run.source.label if run.source else "", run.title) if part)


def _line(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "domain": run.domain.name,
        "source": run.source_id,
        "kind": run.kind,
        "state": run.state,
        "title": run.title,
        "summary": {name: int(run.counts.get(name, 0)) for name in report.SUMMARY},
        "error": run.error or None,
        "created_at": run.created_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
    }
