"""The metadata of all tables, and the one session of a request or a job."""

import datetime as dt
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError as DatabaseError
from sqlalchemy.exc import OperationalError as DatabaseDown
from sqlalchemy.orm import DeclarativeBase

__all__ = ["Base", "DatabaseDown", "DatabaseError", "db", "now"]

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table; text for strings, timestamps with a zone, JSONB for documents, 64-bit keys."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {
        str: Text,
        int: BigInteger,
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


db = SQLAlchemy(metadata=Base.metadata)


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
