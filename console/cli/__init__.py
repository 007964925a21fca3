"""The flask commands: a second thin face over the same calls as the pages, for scripts, cron and recovery."""

from flask import Flask

from console.cli import admins, domains, recipients, runs, secrets, sources, users


def register(app: Flask) -> None:
    """Give `flask` the console's commands."""
    for module in (admins, domains, users, sources, runs, recipients, secrets):
        app.cli.add_command(module.commands)
