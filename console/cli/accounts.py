"""flask admins: what an owner does with accounts and invitations, for scripts and for when no owner can sign in."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click
from flask import current_app

from console import queue
from console.cli import find
from console.cli.admins import commands
from console.cli.output import json_option, note, print_json, print_table, say
from console.core.address import parse
from console.core.errors import RefusedError
from console.models import Domain, Invitation, Role
from console.settings import Settings
from console.store import accounts, invitations, organisation, resets, two_steps

F = TypeVar("F", bound=Callable[..., Any])

ONCE = "It is shown only now, and works once, for {}."
NO_MAIL = "This console has no mail relay: set SMTP_URL and MAIL_FROM, or leave out --mail and hand the link on."


def _domain_option(command: F) -> F:
    named = click.option(
        "--domain",
        "names",
        multiple=True,
        metavar="NAME",
        help="A domain that the account may see; again for more. Without one it sees every domain.",
    )
    return named(command)


def _role_type() -> click.Choice[str]:
    return click.Choice([role.value for role in Role])


@commands.command("invite")
@click.argument("email")
@click.option("--role", type=_role_type(), default=Role.ADMIN.value, show_default=True, help="What it may do.")
@_domain_option
@click.option("--mail", is_flag=True, help="Send the link by mail instead of printing it.")
@json_option
def invite(email: str, role: str, names: tuple[str, ...], mail: bool, as_json: bool) -> None:
    """Invite EMAIL to make an account: whoever has the link chooses a name and a password.

    Somebody who is invited already gets a new link, and the former one works no more; their role stays as it is.
    """
    email = str(parse(email))
    if mail and not _settings().sends_mail:
        raise RefusedError(NO_MAIL)
    invitation = invitations.of(email) or invitations.make(email, Role(role), _only(names), None)
    link = None
    if mail:
        queue.send_notice(current_app.extensions["redis"], invitations.send(invitation))
    else:
        link = f"{_settings().base_url}/invitation/{invitations.renew(invitation)}"
    if as_json:
        print_json({**_document(invitation), "link": link})
    elif link:
        say(link)
        note(ONCE.format("seven days"))
    else:
        say(f"An invitation is on its way to {email}.")


@commands.command("invitations")
@json_option
def show_invitations(as_json: bool) -> None:
    """List who is invited and has no account yet."""
    found = invitations.every()
    if as_json:
        print_json([_document(invitation) for invitation in found])
    elif not found:
        note("Nobody is invited. Invite somebody with: flask admins invite EMAIL")
    else:
        rows = [
            (item.email, item.role, _sees(item), f"{item.expires_at:%Y-%m-%d %H:%M}" if item.expires_at else "no link")
            for item in found
        ]
        print_table(("E-MAIL", "ROLE", "DOMAINS", "UNTIL (UTC)"), rows)


@commands.command("revoke")
@click.argument("email")
def revoke(email: str) -> None:
    """Take back the invitation of EMAIL."""
    invitation = find.invitation(email)
    invitations.revoke(invitation)
    say(f"The invitation of {email} is taken back: its link works no more.")


@commands.command("role")
@click.argument("email")
@click.argument("role", type=_role_type())
@_domain_option
def set_role(email: str, role: str, names: tuple[str, ...]) -> None:
    """Give the account EMAIL the role ROLE, for every domain or those named with --domain."""
    admin = find.admin(email)
    accounts.allow(admin, Role(role), _only(names))
    say(f"{admin.email} is {admin.role} now, and sees {', '.join(names) or 'every domain'}.")


@commands.command("remove")
@click.argument("email")
def remove(email: str) -> None:
    """Remove the account EMAIL, which ends its sessions."""
    accounts.remove(find.admin(email))
    say(f"The account of {email} is removed.")


@commands.command("reset")
@click.argument("email")
def reset(email: str) -> None:
    """Print a link through which the owner of the account EMAIL chooses a new password."""
    token = resets.make(find.admin(email))
    say(f"{_settings().base_url}/reset/{token}")
    note(ONCE.format("half an hour"))


@commands.command("reset-second-step")
@click.argument("email")
def reset_second_step(email: str) -> None:
    """Forget the app, the recovery codes and the passkeys of the account EMAIL: its password is enough then."""
    admin = find.admin(email)
    if not two_steps.reset(admin, "somebody at the command line"):
        raise RefusedError(f"{email} signs in with a password alone: there is nothing to reset.")
    say(f"The two-step sign-in of {email} is reset.")
    if organisation.two_steps_required():
        note("It is required of everybody, so it is set up anew at the next sign-in.")


def _only(names: tuple[str, ...]) -> Sequence[Domain] | None:
    return [find.domain(name) for name in dict.fromkeys(names)] or None


def _sees(invitation: Invitation) -> str:
    return ", ".join(domain.name for domain in invitation.domains) if invitation.limited else "all"


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _document(invitation: Invitation) -> dict[str, object]:
    """`domains` is null for somebody who will see every domain."""
    return {
        "email": invitation.email,
        "role": invitation.role,
        "domains": [domain.name for domain in invitation.domains] if invitation.limited else None,
        "expires_at": invitation.expires_at.isoformat() if invitation.expires_at else None,
    }
