"""flask admins: accounts of the console."""

import click

from console.cli.output import Noun, json_option, note, print_json, print_table, say, secret_from_stdin
from console.core.address import parse
from console.models import Admin, Role
from console.store import admins, two_steps

commands = Noun("admins", help="Accounts of the console.")


@commands.command("create")
@click.argument("email")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role]),
    help="What the account may do: owner (everything, accounts too), admin (change lists), viewer (look). "
    "The first account is an owner unless told otherwise, later ones are admins.",
)
@click.option("--name", default="", help="The person's name.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@json_option
def create(email: str, role: str | None, name: str, password_stdin: bool, as_json: bool) -> None:
    """Create an account for EMAIL.

    Without --password-stdin it gets a one-time password, which is printed once. It works for a day: choose
    your own on the Account page.
    """
    email = parse(email)
    password = secret_from_stdin("Password") if password_stdin else None
    chosen = Role(role) if role else Role.ADMIN if admins.any_exist() else Role.OWNER
    admin, one_time = admins.create(email, chosen, password, name=name.strip())
    if as_json:
        print_json({"email": admin.email, "name": admin.name, "role": admin.role, "one_time_password": one_time})
        return
    say(f"There is an account for {admin.email} now, with the role {admin.role}.")
    if one_time is not None:
        say(f"One-time password: {one_time}")
        note(f"It is shown only now, and is good for {admins.ONE_TIME_HOURS} hours.")


@commands.command("list")
@json_option
def show_all(as_json: bool) -> None:
    """List the accounts."""
    found, safer = admins.every(), two_steps.of_admins()
    if as_json:
        print_json([{**_document(admin), "two_steps": admin.id in safer} for admin in found])
    elif not found:
        note("There are no accounts yet. Create one with: flask admins create EMAIL")
    else:
        rows = [
            (
                admin.email,
                admin.name,
                admin.role,
                _domains(admin),
                _on(admin.id in safer),
                _signed_in(admin),
            )
            for admin in found
        ]
        print_table(("E-MAIL", "NAME", "ROLE", "DOMAINS", "TWO STEPS", "SIGNED IN (UTC)"), rows)


def _domains(admin: Admin) -> str:
    return ", ".join(domain.name for domain in admin.domains) if admin.limited else "all"


def _on(two_steps: bool) -> str:
    return "on" if two_steps else "off"


def _signed_in(admin: Admin) -> str:
    return f"{admin.signed_in_at:%Y-%m-%d %H:%M}" if admin.signed_in_at else "never"


def _document(admin: Admin) -> dict[str, object]:
    """`domains` is null for an account that sees every domain."""
    return {
        "email": admin.email,
        "name": admin.name,
        "role": admin.role,
        "domains": [domain.name for domain in admin.domains] if admin.limited else None,
        "signed_in_at": admin.signed_in_at.isoformat() if admin.signed_in_at else None,
    }
