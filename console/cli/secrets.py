"""flask secrets: keys that seal what is secret."""

import click

from console.cli.output import Noun
from console.secrets import new_key

commands = Noun("secrets", help="Keys that seal stored passwords.")


@commands.command("new-key")
def make_key() -> None:
    """Print a fresh key for SEALING_KEYS.

    To change keys, put the new one in front of the present ones, separated by a comma: the first seals, all open.
    """
    click.echo(new_key())
