"""Databases for tests with processes: each a copy of one that was migrated once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from flask import Flask
from flask_migrate import upgrade

from console import create_app
from console.models import db
from console.settings import Settings
from tests.processes import environment
from tests.servers.postgres import Postgres

_numbers = count(1)


def template(postgres: Postgres, settings: Settings) -> str:
    """Make a migrated database to copy from; its name."""
    name = f"template_{next(_numbers)}"
    app = create_app(_on(postgres.create_database(name), settings))
    with app.app_context():
        upgrade()
        close(app)
    return name


@contextmanager
def copy_of(name: str, postgres: Postgres, settings: Settings) -> Iterator[Settings]:
    """The settings for a copy of a database, which is gone at the end."""
    own = f"own_{next(_numbers)}"
    try:
        yield _on(postgres.create_database(own, name), settings)
    finally:
        postgres.drop_database(own)


def close(app: Flask) -> None:
    """Close the connections of an application, in its context."""
    db.session.remove()
    db.engine.dispose()
    app.extensions["redis"].close()


def _on(url: str, settings: Settings) -> Settings:
    return replace(
        settings, database_url=Settings.from_env({**environment(settings), "DATABASE_URL": url}).database_url
    )
