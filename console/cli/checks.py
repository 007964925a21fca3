"""A check of mail servers as a command tells it."""

import click

from console.cli.output import print_table, say
from console.core.advice import advice
from console.core.delivery import Finding
from console.models import Run


def finding(run: Run) -> Finding | None:
    """What all the servers together are worth; None for a check that has not come to its end."""
    value = (run.trial or {}).get("finding")
    return Finding(value) if value else None


def print_check(run: Run) -> None:
    """Each server's steps, what they say, and what to change."""
    for server in (run.trial or {}).get("servers", ()):
        click.echo()
        found = f" {Finding(server['finding']).words}" if server["finding"] else ""
        say(f"{server['host']}, port {server['port']},{found}" if found else f"{server['host']}, port {server['port']}")
        rows = [(step["step"], step["outcome"], step["text"]) for step in server["steps"]]
        print_table(("STEP", "", "WHAT HAPPENED"), rows)
    found_together = finding(run)
    for told in advice(found_together) if found_together else ():
        click.echo()
        say(f"{told.who}: {told.text}" if told.who else told.text)
        for number, step in enumerate(told.steps, 1):
            say(f"  {number}. {step.text}")
            if step.command:
                say(f"     {step.command}")
