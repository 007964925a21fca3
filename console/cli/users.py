"""flask users: the recipients of a domain."""

from collections.abc import Mapping

import click

from console.cli import find
from console.cli.output import Noun, json_option, note, print_json, print_table, say
from console.cli.user_filters import filter_options, filters
from console.core import user_csv
from console.core.address import Address, display, display_domain, parse
from console.core.errors import RefusedError
from console.core.person import Kind, Origin, User
from console.models import Domain
from console.store import export, recipients, records, sources, users

commands = Noun("users", help="The recipients of a domain.")
ORIGINS: dict[int | Origin, str] = {
    Origin.MANUAL: "added by hand",
    Origin.CSV: "a file",
    Origin.DISCOVERY: "discovered",
}


@commands.command("list")
@click.argument("domain")
@filter_options
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Write CSV, as flask users export does.")
def show_all(
    *,
    domain: str,
    search: str,
    kind: str | None,
    status: str | None,
    origin: str | None,
    group: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the users of DOMAIN."""
    if as_json and as_csv:
        raise click.UsageError("Choose --json or --csv, not both.")
    wanted = find.domain(domain)
    chosen = filters(wanted, search=search, kind=kind, status=status, origin=origin, group=group)
    found = list(export.matching(wanted.id, chosen))
    groups = records.group_names(wanted.id)
    if as_json:
        print_json([_document(user, groups) for user in found])
    elif as_csv:
        for piece in user_csv.text(user_csv.rows(found, groups)):
            click.echo(piece, nl=False)
    elif not found:
        note(f"No user of {domain} is like that." if chosen.any else f"There are no users in {domain} yet.")
    else:
        labels = _labels(wanted.id)
        rows = [
            (
                display(user.address),
                _name(user),
                _words(user.kind),
                groups[user.group_id],
                labels[user.source_id or user.origin],
                user.status,
            )
            for user in found
        ]
        print_table(("ADDRESS", "NAME", "KIND", "GROUP", "FROM", "STATUS"), rows)
        billable = sum(user.billable for user in found)
        note(f"{len(found):,} user{'s' * (len(found) != 1)}, {billable:,} of them billable.")


@commands.command("show")
@click.argument("address")
@json_option
def show(address: str, as_json: bool) -> None:
    """Show the user who receives the mail to ADDRESS, which may be an alias."""
    domain, user = _user(parse(address))
    groups = records.group_names(domain.id)
    if as_json:
        print_json(_document(user, groups))
        return
    facts = [
        ("Address", display(user.address)),
        ("Aliases", ", ".join(map(display, user.aliases))),
        ("Name", _name(user)),
        ("Kind", _words(user.kind) + (", billable" if user.billable else "")),
        ("Domain", display_domain(domain.name)),
        ("Group", groups[user.group_id]),
        ("From", _labels(domain.id)[user.source_id or user.origin]),
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
    _, user = _user(wanted)
    if as_json:
        print_json(_document(user, records.group_names(into.id)))
    else:
        say(f"{display(user.address)} is added: its mail is accepted from now on.")


def _user(address: Address) -> tuple[Domain, User]:
    """The domain of an address and the user who receives its mail. Raises RefusedError when there is none."""
    domain, row = users.recipient(address)
    if domain is None:
        raise RefusedError(f"{address} is not an address of a domain of this console.")
    user = recipients.current(row.id) if row is not None else None
    if user is None:
        raise RefusedError(f"Nobody in {domain.name} has the address {address}.")
    return domain, user


def _document(user: User, groups: Mapping[int, str]) -> dict[str, object]:
    return {
        "address": user.address,
        "aliases": user.aliases,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "kind": user.kind,
        "group": groups[user.group_id],
        "origin": f"source:{user.source_id}" if user.source_id else user.origin,
        "status": user.status,
        "billable": user.billable,
    }


def _labels(domain_id: int) -> dict[int | Origin, str]:
    """Where users come from, in words, by source id or else by origin."""
    return {source.id: f"{source.label} (source {source.id})" for source in sources.of_domain(domain_id)} | ORIGINS


def _name(user: User) -> str:
    return f"{user.first_name} {user.last_name}".strip()


def _words(name: str) -> str:
    return {"group_id": "group"}.get(name, name.replace("_", " "))
