"""flask domains: mail domains whose recipients are kept here."""

import click

from console.cli import find
from console.cli.output import Noun, json_option, note, print_json, print_table, say
from console.core.address import display_domain, parse_domain
from console.core.recipient import Mode
from console.store import domains, users

commands = Noun("domains", help="Mail domains whose recipients are kept here.")


@commands.command("add")
@click.argument("name")
@click.option("--alias", "aliases", multiple=True, metavar="NAME", help="An alias domain. May be repeated.")
@json_option
def add(name: str, aliases: tuple[str, ...], as_json: bool) -> None:
    """Add the domain NAME, with an empty list of users.

    Every address of the domain is valid in its alias domains too.
    """
    domain = domains.add(parse_domain(name), [parse_domain(alias) for alias in aliases])
    if as_json:
        print_json({"name": domain.name, "aliases": domain.aliases, "users": 0, "billable": 0})
    else:
        also = f", with {', '.join(map(display_domain, domain.aliases))}" if domain.aliases else ""
        say(f"{display_domain(domain.name)} is added{also}. Now fill its list of users.")


@commands.command("list")
@json_option
def show_all(as_json: bool) -> None:
    """List the domains and how many users each has."""
    found = domains.every()
    totals = domains.totals(domain.id for domain in found)
    counted = [(domain, *totals.get(domain.id, (0, 0))) for domain in found]
    if as_json:
        print_json(
            [
                {"name": domain.name, "aliases": domain.aliases, "users": users, "billable": billable}
                for domain, users, billable in counted
            ]
        )
    elif not found:
        note("There are no domains yet. Add one with: flask domains add NAME")
    else:
        rows = [
            (display_domain(domain.name), f"{users:,}", f"{billable:,}", ", ".join(map(display_domain, domain.aliases)))
            for domain, users, billable in counted
        ]
        print_table(("DOMAIN", "USERS", "BILLABLE", "ALIAS DOMAINS"), rows)


@commands.command("perimeter")
@click.argument("name")
@click.argument("mode", type=click.Choice([mode.value for mode in Mode]))
@json_option
def perimeter(name: str, mode: str, as_json: bool) -> None:
    """Say what mail servers are told of the domain NAME.

    off: to accept everything. monitor: the same, and the report shows what would be rejected. enforce: to reject every
    address that is not on the list.
    """
    domain = find.domain(name)
    domains.set_perimeter(domain, Mode(mode))
    accepted = users.totals(domain.id).accepted
    if mode == Mode.ENFORCE and not accepted:
        note(f"Nobody is on the list of {display_domain(domain.name)}: all mail to it is rejected from now on.")
    if as_json:
        print_json({"name": domain.name, "perimeter": mode, "accepted": accepted})
    else:
        noun = "address" if accepted == 1 else "addresses"
        say(f"The perimeter of {display_domain(domain.name)}: {mode}. The list accepts {accepted:,} {noun}.")
