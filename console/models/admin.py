"""People who sign in to the console."""

import datetime as dt
from enum import StrEnum

from flask_login import UserMixin
from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Table, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.base import Base, now
from console.models.domain import Domain


class Role(StrEnum):
    """An owner manages accounts too, an admin changes lists, a viewer only looks."""

    OWNER = "owner"
    ADMIN = "admin"
    VIEWER = "viewer"


admin_domains = Table(
    "admin_domains",
    Base.metadata,
    Column("admin_id", ForeignKey("admins.id", ondelete="CASCADE"), primary_key=True),
    Column("domain_id", ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class Admin(UserMixin, Base):
    """An account of the console. `limited` confines it to `domains`; else it sees every domain.

    `password_expires_at` is set while the password is the one-time password that was printed at setup.
    `reset_digest` is the SHA-256 of the one link that sets a new password, until `reset_until`.
    """

    __tablename__ = "admins"
    __table_args__ = (CheckConstraint("role in ('owner', 'admin', 'viewer')", name="role"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(default=Role.ADMIN.value)
    password_hash: Mapped[str]
    password_expires_at: Mapped[dt.datetime | None]
    reset_digest: Mapped[str | None] = mapped_column(unique=True)
    reset_until: Mapped[dt.datetime | None]
    limited: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    signed_in_at: Mapped[dt.datetime | None]
    domains: Mapped[list[Domain]] = relationship(secondary=admin_domains)

    @property
    def may_write(self) -> bool:
        return self.role != Role.VIEWER.value

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER.value
