"""The users that a filter shows, for an export: all of them, a thousand at a time."""

from collections.abc import Iterator

from sqlalchemy import select

from console.core.person import User
from console.models import User as Row
from console.models import db
from console.store import roster
from console.store.users import Filters, conditions

CHUNK = 1_000


def matching(domain_id: int, filters: Filters) -> Iterator[User]:
    """The users in the order of the Users page. Memory stays the same however long the list is."""
    after = ""
    while True:
        matching = (Row.domain_id == domain_id, Row.address > after, *conditions(domain_id, filters))
        query = select(Row.id, Row.address).where(*matching)
        found = db.session.execute(query.order_by(Row.address).limit(CHUNK)).all()
        users = roster.by_ids(row.id for row in found)
        # The database may have deleted one in between.
        yield from (users[row.id] for row in found if row.id in users)
        if len(found) < CHUNK:
            return
        after = found[-1].address
