"""User Sources: the configured directories of a domain."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.base import Base, now
from console.models.domain import Domain, Group


class SourceKind(StrEnum):
    """The kinds of directory, with the label of their choice on the User Sync page."""

    LDAP = "ldap"

    @property
    def label(self) -> str:
        return {"ldap": "Active Dir."}[self.value]


class Source(Base):
    """A directory that says who exists.

    `settings` holds what is not secret, `secret` the sealed password. `interval_minutes` is None while the schedule
    is off. `failures` counts failed syncs in a row; while it is not 0, no source of the domain removes anything.
    """

    __tablename__ = "sources"
    __table_args__ = (
        CheckConstraint("kind in ('ldap')", name="kind"),
        CheckConstraint("mode in ('automatic', 'review')", name="mode"),
        ForeignKeyConstraint(["group_id", "domain_id"], ["groups.id", "groups.domain_id"]),
        Index("ix_sources_due", "next_run_at", postgresql_where=text("next_run_at is not null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    group_id: Mapped[int]
    kind: Mapped[str]
    name: Mapped[str]
    mode: Mapped[str] = mapped_column(default="automatic")
    # evaluates_none: a None that is set means off, it does not ask for the default.
    interval_minutes: Mapped[int | None] = mapped_column(BigInteger().evaluates_none(), default=60)
    next_run_at: Mapped[dt.datetime | None]
    settings: Mapped[dict[str, Any]]
    secret: Mapped[str] = mapped_column(default="")
    grace_days: Mapped[int] = mapped_column(default=3)
    guard_percent: Mapped[int] = mapped_column(default=20)
    guard_owned_from: Mapped[int] = mapped_column(default=10)
    failures: Mapped[int] = mapped_column(default=0)
    last_success_at: Mapped[dt.datetime | None]
    last_error: Mapped[str] = mapped_column(default="")
    last_error_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    domain: Mapped[Domain] = relationship()
    group: Mapped[Group] = relationship(viewonly=True)

    @property
    def label(self) -> str:
        return f"{SourceKind(self.kind).label} · {self.name}"

    @property
    def endpoint(self) -> str:
        """Where it reads from, without anything secret: scheme, host and port."""
        scheme = "ldaps" if self.settings.get("tls") == "ldaps" else "ldap"
        return f"{scheme}://{self.settings.get('host', '')}:{self.settings.get('port', '')}"


class KeptAddress(Base):
    """An address that a source claims and that a person left with the user who has it: no conflict any more.

    `key` is core.address.key of the address.
    """

    __tablename__ = "kept_addresses"

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id", ondelete="SET NULL"))
    decided_at: Mapped[dt.datetime] = mapped_column(default=now)
