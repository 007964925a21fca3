"""Notices: what the administrators of a domain are told by mail."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.base import Base, now
from console.models.domain import Domain
from console.models.run import Run
from console.models.source import Source


class NoticeKind(StrEnum):
    """A source cannot be read any more, can be read again, has a run that waits for a person, or a secret that ends;
    Address Discovery is about to end, or was turned off."""

    FAILING = "failing"
    RECOVERED = "recovered"
    WAITING = "waiting"
    EXPIRING = "expiring"
    DISCOVERY_ENDING = "discovery_ending"
    DISCOVERY_OFF = "discovery_off"


class Notice(Base):
    """One mail to a domain's notification addresses, kept until it is sent.

    It is stored in the transaction of what it tells of, and sent afterwards: a mail relay that is away delays no run.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(
            "kind in ('failing', 'recovered', 'waiting', 'expiring', 'discovery_ending', 'discovery_off')", name="kind"
        ),
        Index("ix_notices_unsent", "next_try_at", postgresql_where=text("sent_at is null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    kind: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    next_try_at: Mapped[dt.datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[dt.datetime | None]
    error: Mapped[str] = mapped_column(default="")

    domain: Mapped[Domain] = relationship()
    source: Mapped[Source | None] = relationship()
    run: Mapped[Run | None] = relationship()
