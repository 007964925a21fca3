"""flask recipients: what a mail server would be told."""

import click

from console.cli.output import Exit, Noun, database_trouble, json_option, print_json, say
from console.core.address import Address, asked
from console.core.recipient import Decision, Verdict, decide
from console.models import DatabaseDown
from console.store import users

commands = Noun("recipients", help="What a mail server would be told about an address.")
WORDS = {Verdict.ACCEPT: "accept", Verdict.REJECT: "reject", Verdict.DEFER: "defer", Verdict.NOT_OURS: "not ours"}


@commands.command("check")
@click.argument("address")
@json_option
@click.pass_context
def check(ctx: click.Context, address: str, as_json: bool) -> None:
    """Say whether mail to ADDRESS is accepted, and why.

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
    return decide(address, domain.name if domain else None, user)
