"""Address Discovery: a domain's switch, and the addresses that mail came for and that nobody has."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.core.discovery import NEEDED, SightingState, Taking
from console.models.base import Base, now
from console.models.domain import Domain


class Discovery(Base):
    """The switch of a domain that was on once, with its choices (core.discovery.Taking and so on).

    It is "testing" from the click that turns it on until the run `test_run_id` has checked the domain's mail servers.
    `ends_at` is when it ends by itself; `ended_why` (core.discovery.Ended) and `ended_at` say how it did. `tested_at`
    is when a random recipient was refused last, `tested_peer` which server refused it (empty: the servers of a check),
    and before `test_after` none is asked for merely because a day is over. `minute_at` with `minute_probes`, and
    `day_at` with `day_probes`, count what was asked in the minute and the day that began then.
    """

    __tablename__ = "discoveries"
    __table_args__ = (
        CheckConstraint("state in ('off', 'testing', 'on')", name="state"),
        CheckConstraint("taking in ('add', 'review')", name="taking"),
    )

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(default="off")
    taking: Mapped[str] = mapped_column(default=Taking.ADD.value)
    needed: Mapped[int] = mapped_column(default=NEEDED)
    ends_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    ended_why: Mapped[str] = mapped_column(default="")
    warned_at: Mapped[dt.datetime | None]
    test_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    tested_at: Mapped[dt.datetime | None]
    tested_peer: Mapped[str] = mapped_column(default="")
    test_after: Mapped[dt.datetime | None]
    minute_at: Mapped[dt.datetime] = mapped_column(default=now)
    minute_probes: Mapped[int] = mapped_column(default=0)
    day_at: Mapped[dt.datetime] = mapped_column(default=now)
    day_probes: Mapped[int] = mapped_column(default=0)

    domain: Mapped[Domain] = relationship()


class Sighting(Base):
    """An address, in its domain's own name, that mail came for and that nobody had.

    `times` is how often, `senders` are the last few, newest first, and `client` is the server that brought the last;
    both as they were told. `state` is one of core.discovery.SightingState. `due_at` is when the domain's server is to
    be asked, None while it is not; `attempts` counts questions without an answer. `said` are the server's words.
    `user_id` is no foreign key: it tells whom an address that was added became, also after that user is gone.
    """

    __tablename__ = "sightings"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'unknown', 'refused', 'review', 'added', 'not_ours')", name="state"),
        UniqueConstraint("domain_id", "key"),
        Index("ix_sightings_due", "domain_id", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_sightings_state", "domain_id", "state", text("last_at desc")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(collation="C"))
    address: Mapped[str] = mapped_column(String(collation="C"))
    state: Mapped[str] = mapped_column(default=SightingState.WAITING.value)
    times: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[dt.datetime] = mapped_column(default=now)
    last_at: Mapped[dt.datetime] = mapped_column(default=now)
    senders: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    client: Mapped[str] = mapped_column(default="")
    due_at: Mapped[dt.datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[dt.datetime | None]
    said: Mapped[str] = mapped_column(default="")
    user_id: Mapped[int | None]

    domain: Mapped[Domain] = relationship()
