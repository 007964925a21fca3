"""Databases for processes: each a copy of one that was migrated once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from flask import Flask
from flask_migrate import upgrade

from console import create_app
from console.models import db
from console.settings import Settings
from tests.servers.postgres import Postgres

TEMPLATE = "migrated"
_numbers = count(1)


def make_template(postgres: Postgres, settings: Settings) -> None:
    """Make the migrated database that the others are copied from."""
    url = Settings.from_env(_env(settings, postgres.create_database(TEMPLATE)))
    app = create_app(url)
    with app.app_context():
        upgrade()
        close(app)


@contextmanager
def own_database(postgres: Postgres, settings: Settings) -> Iterator[Settings]:
    """The settings for a database that nobody else uses, migrated and empty; it is gone at the end."""
    name = f"own_{next(_numbers)}"
    url = postgres.create_database(name, TEMPLATE)
    try:
        yield replace(settings, database_url=Settings.from_env(_env(settings, url)).database_url)
    finally:
        postgres.drop_database(name)


def close(app: Flask) -> None:
    """Close the connections of an application, in its context."""
    db.session.remove()
    db.engine.dispose()
    app.extensions["redis"].close()


def _env(settings: Settings, url: str) -> dict[str, str]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SEALING_KEYS": ",".join(settings.sealing_keys),
        "DATABASE_URL": url,
        "REDIS_URL": settings.redis_url,
        "ALLOW_LOCAL_TARGETS": "1",
    }
