"""The grace periods of users that a file left out. No sync comes by to end them, as it does for those of a source."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import select

from console.core.person import Origin, Status
from console.models import User, db


def due(left_before: dt.datetime) -> Sequence[int]:
    """The ids of domains with users that a file left out before a time, and that are still accepted."""
    left = User.origin == Origin.CSV, User.status == Status.MISSING, User.missing_since <= left_before
    kept = User.exempt | User.by_hand.contains(["status"])
    return db.session.scalars(select(User.domain_id).where(*left, ~kept).distinct().order_by(User.domain_id)).all()
