"""How commands answer: one JSON document or plain text on standard output, sentences on standard error.

The exit status is 0 for done, 1 for failed or refused, 2 for a command that was not understood, 3 for a run that waits
for approval.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any, NoReturn, TypeVar

import click
from flask.cli import AppGroup

from console.core.errors import AddressError, RollcallError
from console.models import DatabaseDown, DatabaseError

F = TypeVar("F", bound=Callable[..., Any])

# What a 64-bit key can be; PostgreSQL refuses to look for anything else.
ID = click.IntRange(1, 2**63 - 1)

# They are invisible, and part of the spelling of Persian and Indic names.
_JOINERS = "\u200c\u200d"

# SQLSTATE of undefined_table and undefined_column.
_NO_TABLES = frozenset({"42P01", "42703"})


class Exit(IntEnum):
    """Exit statuses."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    WAITING = 3


class Command(click.Command):
    """A command that answers a refusal with its sentence and never with a traceback.

    With --json the document on standard output is then {"error": sentence}, so that a script always finds one. A
    command that was not understood (exit status 2) writes nothing there.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AddressError as error:
            raise click.UsageError(plain(error.sentence), ctx) from None
        except RollcallError as error:
            _refuse(ctx, error.sentence)
        except DatabaseError as error:
            trouble = database_trouble(error)
            if trouble is None:
                raise
            _refuse(ctx, trouble)


class Noun(AppGroup):
    """The commands about one thing."""

    command_class = Command


def json_option(command: F) -> F:
    """Gives a command --json, as the argument `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Write one JSON document and nothing else.")(command)


def database_trouble(error: DatabaseError) -> str | None:
    """The sentence for a database that is away or empty; None for a fault of our own, which deserves its traceback."""
    if isinstance(error, DatabaseDown):
        said = str(error.orig).strip().partition("\n")[0]
        return f"The database does not answer: check that it runs and that DATABASE_URL is right. It says: {said}"
    if getattr(error.orig, "sqlstate", None) in _NO_TABLES:
        return "The tables in the database are not those of this version: run flask db upgrade."
    return None


def print_json(document: object) -> None:
    """ASCII only, so that no locale can break it."""
    click.echo(json.dumps(document, indent=2))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns in line with each other."""
    lines = [list(headings), *([plain(str(cell)) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def say(text: str) -> None:
    """A line of the answer."""
    click.echo(plain(text))


def note(text: str) -> None:
    """A line beside the answer, on standard error."""
    click.echo(plain(text), err=True)


def plain(text: str) -> str:
    """Text on one line that cannot steer a terminal: a directory's values may hold anything."""
    return "".join(c if c.isprintable() or c in _JOINERS else "\N{REPLACEMENT CHARACTER}" for c in text)


def secret_from_stdin(name: str) -> str:
    """The one line on standard input, without its end; at a terminal it is asked for and not shown."""
    if sys.stdin.isatty():
        return str(click.prompt(name, hide_input=True, err=True))
    try:
        secret = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise click.UsageError(f"The {name.lower()} on standard input is not in UTF-8.") from None
    if not secret or "\n" in secret:
        raise click.UsageError(f"Standard input must hold the {name.lower()}, as one line.")
    return secret


def _refuse(ctx: click.Context, sentence: str) -> NoReturn:
    if ctx.params.get("as_json"):
        print_json({"error": sentence})
    note(f"Error: {sentence}")
    ctx.exit(Exit.FAILED)
