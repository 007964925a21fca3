"""The flask commands: a second thin face over the same calls as the pages, for scripts, cron and recovery."""

from flask import Flask

from console.cli import admins, domains, office365, perimeter, recipients, runs, secrets, smtp, user_files, users


def register(app: Flask) -> None:
    """Give `flask` the console's commands."""
    for module in (admins, domains, smtp, users, user_files, office365, runs, recipients, perimeter, secrets):
        app.cli.add_command(module.commands)
