"""flask users: the recipients of a domain."""

import csv
import io
from collections.abc import Sequence

import click

from console.cli import find
from console.cli.output import Noun, json_option, note, print_json, print_table, say
from console.core.address import Address, display, display_domain, parse
from console.core.errors import RefusedError
from console.core.person import Kind, Origin
from console.models import User
from console.store import recipients, users

commands = Noun("users", help="The recipients of a domain.")
ORIGINS = {Origin.MANUAL: "added by hand", Origin.CSV: "a file", Origin.DISCOVERY: "discovered"}
COLUMNS = ("address", "first name", "last name", "kind", "group", "aliases")


@commands.command("list")
@click.argument("domain")
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV: " + ", ".join(COLUMNS) + ".")
def show_all(domain: str, as_json: bool, as_csv: bool) -> None:
    """List the users of DOMAIN."""
    if as_json and as_csv:
        raise click.UsageError("Choose --json or --csv, not both.")
    found = users.every(find.domain(domain).id)
    if as_json:
        print_json([_document(user) for user in found])
    elif as_csv:
        click.echo(_csv(found), nl=False)
    elif not found:
        note(f"There are no users in {domain} yet.")
    else:
        rows = [
            (display(Address(u.address)), u.name, _words(u.kind), u.group.name, _origin_words(u), u.status)
            for u in found
        ]
        print_table(("ADDRESS", "NAME", "KIND", "GROUP", "FROM", "STATUS"), rows)
        note(f"{len(found):,} users, {sum(user.billable for user in found):,} of them billable.")


@commands.command("show")
@click.argument("address")
@json_option
def show(address: str, as_json: bool) -> None:
    """Show the user who receives the mail to ADDRESS, which may be an alias."""
    domain, user = users.recipient(parse(address))
    if domain is None:
        raise RefusedError(f"{address} is not an address of a domain of this console.")
    if user is None:
        raise RefusedError(f"Nobody in {domain.name} has the address {address}.")
    if as_json:
        print_json(_document(user))
        return
    facts = [
        ("Address", display(Address(user.address))),
        ("Aliases", ", ".join(display(Address(alias)) for alias in user.aliases)),
        ("Name", user.name),
        ("Kind", _words(user.kind) + (", billable" if user.billable else "")),
        ("Domain", display_domain(domain.name)),
        ("Group", user.group.name),
        ("From", _origin_words(user)),
        ("Status", user.status + (f" since {user.missing_since:%Y-%m-%d}" if user.missing_since else "")),
        ("Why", user.reason),
        ("Set by hand", ", ".join(_words(name) for name in sorted(user.by_hand))),
        ("Sync", "exempt" if user.exempt else ""),
    ]
    for label, value in facts:
        if value:
            say(f"{label + ':':<13}{value}")


@commands.command("add")
@click.argument("domain")
@click.argument("address")
@click.option("--first", default="", metavar="NAME", help="First name.")
@click.option("--last", default="", metavar="NAME", help="Last name.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), default=Kind.MAILBOX.value, show_default=True)
@click.option("--alias", "aliases", multiple=True, metavar="ADDRESS", help="A further address. May be repeated.")
@click.option("--group", metavar="NAME", help="The group; Default if not given.")
@json_option
def add(
    *,
    domain: str,
    address: str,
    first: str,
    last: str,
    kind: str,
    aliases: tuple[str, ...],
    group: str | None,
    as_json: bool,
) -> None:
    """Add a user to DOMAIN. ADDRESS may be the part before the @ alone."""
    into = find.domain(domain)
    wanted = parse(address, into.name)
    recipients.add(
        into,
        None,
        wanted,
        first_name=first.strip(),
        last_name=last.strip(),
        kind=Kind(kind),
        group_id=find.group(into, group).id,
        aliases=tuple(parse(alias, into.name) for alias in aliases),
    )
    _, user = users.recipient(wanted)
    if user is None:
        raise RefusedError(f"{wanted} was added and is gone again: someone else has deleted it.")
    if as_json:
        print_json(_document(user))
    else:
        say(f"{display(Address(user.address))} is added: its mail is accepted from now on.")


def _document(user: User) -> dict[str, object]:
    return {
        "address": user.address,
        "aliases": user.aliases,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "kind": user.kind,
        "group": user.group.name,
        "origin": f"source:{user.source_id}" if user.source_id else user.origin,
        "status": user.status,
        "billable": user.billable,
    }


def _csv(found: Sequence[User]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((u.address, u.first_name, u.last_name, u.kind, u.group.name, " ".join(u.aliases)) for u in found)
    return text.getvalue()


def _origin_words(user: User) -> str:
    if user.source is not None:
        return f"{user.source.label} (source {user.source.id})"
    return ORIGINS[Origin(user.origin)]


def _words(name: str) -> str:
    return {"group_id": "group"}.get(name, name.replace("_", " "))
