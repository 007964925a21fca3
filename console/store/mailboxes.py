"""What the mailboxes of an Office 365 source are for, from run to run: Microsoft tells it slowly, one by one."""

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from console.core.person import Kind
from console.models import MailboxKind, db, now

# A person's mailbox can be made a shared one, so what is known is asked anew after a while.
FORGOTTEN_AFTER = dt.timedelta(days=30)
_CHUNK = 5_000


def kinds(source_id: int) -> dict[str, Kind]:
    """What is known, by the entry's key."""
    query = select(MailboxKind.key, MailboxKind.kind).where(
        MailboxKind.source_id == source_id, MailboxKind.learned_at > now() - FORGOTTEN_AFTER
    )
    found = {key: Kind(kind) for key, kind in db.session.execute(query)}
    db.session.commit()
    return found


def keep(source_id: int, found: Mapping[str, Kind]) -> None:
    """Store what was learned besides what is known already, and commit."""
    at = now()
    rows = [{"source_id": source_id, "key": key, "kind": kind.value, "learned_at": at} for key, kind in found.items()]
    for start in range(0, len(rows), _CHUNK):
        statement = insert(MailboxKind).values(rows[start : start + _CHUNK])
        newer = {"kind": statement.excluded.kind, "learned_at": statement.excluded.learned_at}
        db.session.execute(statement.on_conflict_do_update(index_elements=["source_id", "key"], set_=newer))
    db.session.commit()
