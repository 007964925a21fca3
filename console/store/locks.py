"""Locks that a process holds for as long as it works, beyond single transactions."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select

from console.models import db

# Advisory locks share one number space in a database: these keep runs, and the probing of domains, in corners of their
# own.
RUNS = 0x526F6C << 32
PROBES = 0x526F6D << 32


@contextmanager
def held(number: int) -> Iterator[bool]:
    """Hold an advisory lock on a connection of its own. False when another process holds it.

    PostgreSQL frees it the moment the process dies, however it dies.
    """
    with db.engine.connect() as connection:
        mine = connection.scalar(select(func.pg_try_advisory_lock(number)))
        connection.commit()
        try:
            yield bool(mine)
        finally:
            if mine and not connection.invalidated:
                connection.scalar(select(func.pg_advisory_unlock(number)))
                connection.commit()
