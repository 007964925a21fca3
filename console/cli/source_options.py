"""What the commands that add a source have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from console import certificates
from console.certificates import CertificateError

F = TypeVar("F", bound=Callable[..., Any])

# The choices of the schedule on the source's page.
INTERVALS = ("15", "30", "60", "240", "720", "1440", "off")


def of_every_kind(command: F) -> F:
    """Gives a command --name, --group, --review and --interval."""
    every = click.Choice(INTERVALS)
    command = click.option("--interval", type=every, default="60", show_default=True, help="Minutes, or off.")(command)
    command = click.option("--review", is_flag=True, help="Wait for approval each time before anything is changed.")(
        command
    )
    command = click.option("--group", metavar="NAME", help="The group for its users; Default if not given.")(command)
    return click.option("--name", metavar="NAME", help="What you call this directory; where it is if not given.")(
        command
    )


def _certificates(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> str:
    """The certificates of a file, as PEM."""
    if value is None:
        return ""
    try:
        with value.open("rb") as file:
            return certificates.read(file.read(certificates.LIMIT + 1))
    except CertificateError as error:
        raise click.BadParameter(f"{value}: {error.sentence}") from None


def ca_file(command: F) -> F:
    """Gives a command --ca-file, as the argument `ca_pem`."""
    return click.option(
        "--ca-file",
        "ca_pem",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=_certificates,
        help="Certificates (PEM, or one in DER form) to trust instead of the system's.",
    )(command)
