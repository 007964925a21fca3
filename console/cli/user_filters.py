"""The filters of the Users page as options of a command."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from console.cli import find
from console.core.person import Kind, Origin, Status
from console.models import Domain
from console.store.users import Filters

F = TypeVar("F", bound=Callable[..., Any])
ORIGINS = (Origin.MANUAL, Origin.CSV, Origin.DISCOVERY)


def _origin(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    prefix, _, number = (value or "").partition(":")
    if value is None or value in ORIGINS or (prefix == Origin.SOURCE and number.isascii() and number.isdigit()):
        return value
    raise click.BadParameter(f"It must be {', '.join(ORIGINS)}, or source:ID with the number of a source.")


def filter_options(command: F) -> F:
    """Gives a command --search, --kind, --status, --from and --group, as arguments for `filters`."""
    for option in (
        click.option("--group", metavar="NAME", help="Only users of this group."),
        click.option("--from", "origin", metavar="ORIGIN", callback=_origin, help="Only manual, csv, ..., source:ID."),
        click.option("--status", type=click.Choice([status.value for status in Status]), help="Only in this status."),
        click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Only of this kind."),
        click.option("--search", default="", metavar="TEXT", help="Only with this in an address or the name."),
    ):
        command = option(command)
    return command


def filters(
    domain: Domain, *, search: str, kind: str | None, status: str | None, origin: str | None, group: str | None
) -> Filters:
    """Raises RefusedError for a group that the domain does not have."""
    wanted = find.group(domain, group).id if group is not None else None
    return Filters(q=search.strip(), kind=kind, status=status, origin=origin, group=wanted)
