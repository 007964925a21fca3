"""flask recipients: what a mail server would be told."""

from dataclasses import replace

import click

from console.cli.output import Exit, Noun, database_trouble, json_option, print_json, say
from console.core.address import Address, asked
from console.core.recipient import Decision, Mode, Verdict, at_perimeter, decide
from console.models import DatabaseDown
from console.store import users

commands = Noun("recipients", help="What a mail server would be told about an address.")
WORDS = {Verdict.ACCEPT: "accept", Verdict.REJECT: "reject", Verdict.DEFER: "defer", Verdict.NOT_OURS: "not ours"}


@commands.command("check")
@click.argument("address")
@json_option
@click.pass_context
def check(ctx: click.Context, address: str, as_json: bool) -> None:
    """Say whether the list accepts mail to ADDRESS, and why.

    Where the perimeter of the domain does not enforce its list, that is said too: mail servers then accept the mail.
    The exit status is 0 whatever the answer is, and 1 when the console cannot tell, so that the mail would be deferred.
    """
    wanted = asked(address)
    decision = _decide(wanted)
    if as_json:
        print_json({"address": wanted, "decision": decision.verdict.value, "why": decision.why})
    else:
        say(f"{WORDS[decision.verdict]}: {decision.why}")
    ctx.exit(Exit.FAILED if decision.verdict is Verdict.DEFER else Exit.DONE)


def _decide(address: Address) -> Decision:
    """Trouble of our own defers, and never rejects."""
    try:
        domain, user = users.recipient(address)
    except DatabaseDown as error:
        return Decision(Verdict.DEFER, database_trouble(error) or "")
    decision = decide(address, domain.name if domain else None, user)
    told = at_perimeter(decision, Mode(domain.perimeter_mode)) if domain else decision
    return replace(decision, why=told.why)
