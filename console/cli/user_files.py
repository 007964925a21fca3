"""flask users import and export: the list as a file."""

from pathlib import PurePath
from typing import IO

import click
from flask import current_app

from console.cli import execution, find, report
from console.cli.output import json_option, note
from console.cli.user_filters import filter_options, filters
from console.cli.users import commands
from console.core import user_csv
from console.core.errors import RefusedError
from console.core.imports import Mode
from console.models import Run, RunState
from console.store import export, records, runs, uploads

MEANINGS = ("address", "aliases", "name", "first_name", "last_name", "kind", "group", "status")
# The list may change between verifying and importing, and then both are done anew.
ATTEMPTS = 3
SAMPLES = 3


def _columns(_ctx: click.Context, _param: click.Parameter, value: str | None) -> dict[int, str] | None:
    """Meanings by place, from 0; a person counts from 1."""
    if value is None:
        return None
    chosen: dict[int, str] = {}
    for part in value.split(","):
        meaning, _, number = (text.strip() for text in part.partition("="))
        if meaning not in MEANINGS or not (number.isascii() and number.isdigit()) or not 0 < int(number) < 10_000:
            raise click.BadParameter(
                f"It must be like address=2,first_name=1, with these names: {', '.join(MEANINGS)}."
            )
        chosen[int(number) - 1] = meaning
    if "address" not in chosen.values():
        raise click.BadParameter("One column must be the address.")
    return chosen


@commands.command("import")
@click.argument("domain")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.UPDATE.value,
    show_default=True,
    help="add: new users only. update: change known ones too. replace: and let those go that are not in the file.",
)
@click.option("--group", metavar="NAME", help="The group of new users, unless the file says it; Default if not given.")
@click.option("--columns", metavar="NAME=NUMBER,...", callback=_columns, help="What the columns are, counted from 1.")
@click.option("--yes", is_flag=True, help="Import it, without a look at what it would do.")
@execution.run_options
@json_option
def import_file(
    *,
    domain: str,
    file: IO[bytes],
    mode: str,
    group: str | None,
    columns: dict[int, str] | None,
    yes: bool,
    queued: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Import the users in FILE (- for standard input) into DOMAIN.

    Without --yes it only shows what it would do, and waits: exit status 3.
    """
    if yes and queued:
        raise click.UsageError("--yes is not for --queue: approve the run when it waits, with flask runs approve.")
    into = find.domain(domain)
    target = find.group(into, group).id
    runs.sweep()
    find.nothing_open(uploads.open_import(into.id))
    run = uploads.start(
        into,
        None,
        name=name_of(file),
        content=file.read(current_app.extensions["settings"].upload_limit + 1),
        group_id=target,
        mode=mode,
        columns=columns,
    )
    run_id = run.id
    trouble = execution.carry_out(run, queued=queued, quiet=quiet)
    _refuse_unknown(run_id)
    for _ in range(ATTEMPTS if yes else 0):
        if not runs.approve(run_id):
            break
        for reason in run.waits_because:
            note(f"Approved: {reason}")
        execution.carry_out(run, queued=False, quiet=quiet)
    report.finish(run_id, as_json=as_json, error=trouble)


@commands.command("export")
@click.argument("domain")
@filter_options
def export_list(
    *, domain: str, search: str, kind: str | None, status: str | None, origin: str | None, group: str | None
) -> None:
    """Write the users of DOMAIN as CSV, which an import takes back as it is."""
    wanted = find.domain(domain)
    chosen = filters(wanted, search=search, kind=kind, status=status, origin=origin, group=group)
    found = export.matching(wanted.id, chosen)
    for piece in user_csv.text(user_csv.rows(found, records.group_names(wanted.id))):
        click.echo(piece.encode(), nl=False)  # As bytes: in UTF-8, whatever the terminal has.


def name_of(file: IO[bytes]) -> str:
    """What a file that was named on the command line is called."""
    path = str(getattr(file, "name", "-"))
    return "standard input" if path in ("-", "<stdin>") else PurePath(path).name


def _refuse_unknown(run_id: int) -> None:
    """Raises RefusedError, and keeps nothing, when nobody can tell which column is the address."""
    run = runs.get(run_id)
    if run is None or run.state != RunState.NEEDS_APPROVAL or not (run.trial or {}).get("needs_columns"):
        return
    said = f"{run.waits_because[0]} Say it with --columns address=NUMBER. The columns are: {_told(run)}."
    uploads.discard(run)
    raise RefusedError(said)


def _told(run: Run) -> str:
    columns = (run.trial or {})["columns"]
    told = []
    for column in columns:
        samples = ", ".join(column["samples"][:SAMPLES])
        told.append(f"{column['index'] + 1} “{column['name']}”" + (f" ({samples})" if samples else ""))
    return "; ".join(told)
