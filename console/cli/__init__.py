"""The flask commands: a second thin face over the same calls as the pages, for scripts, cron and recovery."""

from flask import Flask

from console.cli import (
    accounts,
    activity,
    admins,
    discovery,
    domains,
    office365,
    perimeter,
    recipients,
    runs,
    secrets,
    smtp,
    user_files,
    users,
)


def register(app: Flask) -> None:
    """Give `flask` the console's commands."""
    modules = (
        accounts,
        admins,
        domains,
        smtp,
        users,
        user_files,
        office365,
        discovery,
        runs,
        recipients,
        perimeter,
        secrets,
        activity,
    )
    for module in modules:
        app.cli.add_command(module.commands)
