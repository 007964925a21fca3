"""A domain's numbers of each day: what the charts of its overview show."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from console.models.base import Base


class DomainDay(Base):
    """One day of a domain, in UTC.

    `origins` and `kinds` are how many users of each there were at its end, `billable` the billable mailboxes and
    `accepted` the addresses that were accepted; they are None until the clock has counted the day, after its end.
    `rejected` is how much mail came for addresses that are not on the list.
    """

    __tablename__ = "domain_days"

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[dt.date] = mapped_column(primary_key=True)
    origins: Mapped[dict[str, Any] | None]
    kinds: Mapped[dict[str, Any] | None]
    billable: Mapped[int | None]
    accepted: Mapped[int | None]
    rejected: Mapped[int] = mapped_column(default=0, server_default="0")
