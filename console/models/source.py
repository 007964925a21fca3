"""User Sources: the configured directories of a domain."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.core.clouds import CLOUDS, WORLDWIDE
from console.core.errors import SourceError
from console.core.hosts import servers
from console.models.base import Base, now
from console.models.domain import Domain, Group


class SourceKind(StrEnum):
    """The kinds of directory, with the label of their choice on the User Sync page."""

    LDAP = "ldap"
    OFFICE365 = "office365"

    @property
    def label(self) -> str:
        return {"ldap": "Active Dir.", "office365": "Office 365"}[self.value]


class Source(Base):
    """A directory that says who exists.

    `settings` holds what is not secret, `secret` the sealed password, client secret or certificate with its key, whose
    end is `secret_expires_on`, if it is known; `expiry_warned` is the last step of core.expiry that was told by mail.
    `interval_minutes` is None while the schedule
    is off. `failures` counts failed syncs in a row; while it is not 0, no source of the domain removes anything.
    `watermark` is where the source's next read of what changed starts, in its adapter's own words; without one it is
    read in full. `full_read_at` is when that was done last.
    """

    __tablename__ = "sources"
    __table_args__ = (
        CheckConstraint("kind in ('ldap', 'office365')", name="kind"),
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
    secret_expires_on: Mapped[dt.date | None]
    expiry_warned: Mapped[int | None]
    grace_days: Mapped[int] = mapped_column(default=3)
    guard_percent: Mapped[int] = mapped_column(default=20)
    guard_owned_from: Mapped[int] = mapped_column(default=10)
    failures: Mapped[int] = mapped_column(default=0)
    watermark: Mapped[dict[str, Any] | None]
    full_read_at: Mapped[dt.datetime | None]
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
        """Where it reads from, without anything secret: scheme, hosts and ports, or the tenant."""
        if self.kind == SourceKind.OFFICE365:
            return self._tenant
        scheme = "ldaps" if self.settings.get("tls") == "ldaps" else "ldap"
        host, port = self.settings.get("host", ""), self.settings.get("port", "")
        try:
            places = [f"[{name}]:{own}" if ":" in name else f"{name}:{own}" for name, own in servers(host, port)]
        except SourceError:
            places = [f"{host}:{port}"]
        return f"{scheme}://{', '.join(places)}"

    @property
    def connected(self) -> bool:
        """Whether it reads through the console's own app, and so has no secret of its own."""
        return self.settings.get("connected") is True

    @property
    def _tenant(self) -> str:
        """The tenant, and the cloud or the host where it is not Microsoft's usual one."""
        cloud = CLOUDS.get(self.settings.get("cloud") or WORLDWIDE)
        own = str(self.settings.get("graph") or "").removeprefix("https://")
        where = own or (cloud.label if cloud is not None and cloud is not CLOUDS[WORLDWIDE] else "")
        return f"Tenant {self.settings.get('tenant', '')}" + (f", {where}" if where else "")


class MailboxKind(Base):
    """What a mailbox is for (core.person.Kind), as an Office 365 source was told, by its entry's key."""

    __tablename__ = "mailbox_kinds"

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    kind: Mapped[str]
    learned_at: Mapped[dt.datetime] = mapped_column(default=now)


class KeptAddress(Base):
    """An address that a source claims and that a person left with the user who has it: no conflict any more.

    `key` is core.address.key of the address.
    """

    __tablename__ = "kept_addresses"

    source_id: Mapped[int] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id", ondelete="SET NULL"))
    decided_at: Mapped[dt.datetime] = mapped_column(default=now)
