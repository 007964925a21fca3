"""flask perimeter: the mail servers that ask about recipients."""

import datetime as dt

import click
from flask.cli import AppGroup

from console.cli.output import Noun, json_option, note, print_json, print_table, say
from console.models import Credential, now
from console.store import credentials as passwords

commands = AppGroup("perimeter", help="The mail servers that ask about recipients.")
credentials = Noun("credentials", help="With what mail servers ask over HTTP.")
commands.add_command(credentials)


@credentials.command("create")
@click.argument("name")
@json_option
def create(name: str, as_json: bool) -> None:
    """Make a password for the mail server NAME, and print it this one time."""
    secret = passwords.create(name.strip())
    _print(name.strip(), secret, as_json=as_json)


@credentials.command("rotate")
@click.argument("name")
@click.option(
    "--grace",
    "minutes",
    type=click.IntRange(0, 7 * 24 * 60),
    default=int(passwords.GRACE.total_seconds()) // 60,
    show_default=True,
    metavar="MINUTES",
    help="How long the present password stays valid.",
)
@json_option
def rotate(name: str, minutes: int, as_json: bool) -> None:
    """Make a new password for the mail server NAME, and print it this one time."""
    secret = passwords.rotate(name.strip(), dt.timedelta(minutes=minutes))
    _print(name.strip(), secret, as_json=as_json)
    if not as_json:
        note(f"The one before is valid for another {minutes} minutes." if minutes else "The one before is invalid now.")


def _print(name: str, secret: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"name": name, "password": secret})
    else:
        say(secret)
        note(f"It is shown only now. The user name is {name}.")


@credentials.command("list")
@json_option
def show_all(as_json: bool) -> None:
    """List the mail servers that have a password."""
    found = passwords.every()
    if as_json:
        print_json([_as_json(item) for item in found])
    elif not found:
        note("There are none yet. Create some with: flask perimeter credentials create NAME")
    else:
        header = ("NAME", "CREATED (UTC)", "LAST USED (UTC)")
        print_table(header, [(item.name, _moment(item.created_at), _moment(item.used_at)) for item in found])


@credentials.command("revoke")
@click.argument("name")
@json_option
def revoke(name: str, as_json: bool) -> None:
    """Let the mail server NAME ask no more."""
    passwords.revoke(name.strip())
    if as_json:
        print_json({"name": name.strip()})
    else:
        say(f"{name.strip()} may not ask any more.")


def _moment(at: dt.datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"


def _as_json(item: Credential) -> dict[str, str | None]:
    """`old_until` is until when the password before the present one is valid."""
    old = item.old_until if item.old_until and item.old_until > now() else None
    moments = {"created_at": item.created_at, "used_at": item.used_at, "old_until": old}
    return {"name": item.name, **{name: at.isoformat() if at else None for name, at in moments.items()}}
