"""flask perimeter: the mail servers that ask about recipients."""

import click
from flask.cli import AppGroup

from console.cli.output import Noun, json_option, note, print_json, print_table, say
from console.store import perimeter

commands = AppGroup("perimeter", help="The mail servers that ask about recipients.")
credentials = Noun("credentials", help="With what mail servers ask over HTTP.")
commands.add_command(credentials)


@credentials.command("create")
@click.argument("name")
@json_option
def create(name: str, as_json: bool) -> None:
    """Make a password for the mail server NAME, and print it this one time."""
    secret = perimeter.create_credential(name.strip())
    if as_json:
        print_json({"name": name.strip(), "password": secret})
    else:
        say(secret)
        note(f"It is shown only now. The user name is {name.strip()}.")


@credentials.command("list")
@json_option
def show_all(as_json: bool) -> None:
    """List the mail servers that have a password."""
    found = perimeter.credentials()
    if as_json:
        print_json([{"name": item.name, "created_at": item.created_at.isoformat()} for item in found])
    elif not found:
        note("There are none yet. Create some with: flask perimeter credentials create NAME")
    else:
        print_table(("NAME", "CREATED (UTC)"), [(item.name, f"{item.created_at:%Y-%m-%d %H:%M}") for item in found])


@credentials.command("revoke")
@click.argument("name")
@json_option
def revoke(name: str, as_json: bool) -> None:
    """Let the mail server NAME ask no more."""
    perimeter.revoke_credential(name.strip())
    if as_json:
        print_json({"name": name.strip()})
    else:
        say(f"{name.strip()} may not ask any more.")
