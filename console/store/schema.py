"""Whether the tables in the database are those of this version."""

from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import text

from console.models import db

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


def at_head() -> bool:
    """Raises DatabaseError: DatabaseDown when the database does not answer, another one when it has no tables."""
    found = set(db.session.scalars(text("select version_num from alembic_version")))
    db.session.rollback()
    return found == _heads()


@cache
def _heads() -> frozenset[str]:
    """The migrations of a process do not change."""
    return frozenset(ScriptDirectory(str(MIGRATIONS)).get_heads())
