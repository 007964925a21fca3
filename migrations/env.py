"""Alembic's environment: migrate the database of the application that runs, or that a caller connected to."""

from alembic import context
from flask import current_app

from console.models import Base, db

config = context.config


def run() -> None:
    """Run the migrations in one transaction; PostgreSQL takes back what a failed one did."""
    connection = config.attributes.get("connection")
    if connection is not None:
        migrate(connection)
        return
    with current_app.app_context(), db.engine.connect() as opened:
        migrate(opened)


def migrate(connection) -> None:  # noqa: ANN001 - alembic gives no types here
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


run()
