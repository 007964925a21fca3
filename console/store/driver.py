"""The driver under SQLAlchemy, for COPY and for reading a hundred thousand rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from console.models import DatabaseDown, db


@contextmanager
def cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """A psycopg cursor in the transaction of the session.

    A database that does not answer is DatabaseDown, as it is when SQLAlchemy asks; the driver's other errors are left
    as they are. A connection that broke is given up, so that the session can roll back.
    """
    session_connection = db.session.connection()
    connection = session_connection.connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError("the session is not on psycopg")
    try:
        with connection.cursor() as opened:
            yield opened
    except psycopg.OperationalError as error:
        if connection.closed:
            session_connection.invalidate(error)
        raise DatabaseDown(None, None, error) from error


def plain(text: str) -> str:
    """PostgreSQL's text holds no NUL, and a directory's value may."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


def plain_json(document: Any) -> Any:
    """A document as JSONB takes it: no NUL in its texts, and no half of a surrogate pair."""
    if isinstance(document, str):
        return plain(document).encode("utf-8", "replace").decode()
    if isinstance(document, dict):
        return {plain_json(name): plain_json(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [plain_json(value) for value in document]
    return document
