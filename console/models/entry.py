"""How people come into the console: the sessions of accounts, and invitations of people who have none yet."""

import datetime as dt

from sqlalchemy import CheckConstraint, Column, ForeignKey, Identity, Table, false
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from console.models.admin import Admin
from console.models.base import Base, now
from console.models.domain import Domain

invitation_domains = Table(
    "invitation_domains",
    Base.metadata,
    Column("invitation_id", ForeignKey("invitations.id", ondelete="CASCADE"), primary_key=True),
    Column("domain_id", ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True, index=True),
)


class AdminSession(Base):
    """One sign-in of an account, from its beginning until `ended_at`; it is kept for a while after that.

    `digest` is the SHA-256 of what the session's cookie holds. `device` is that of the cookie by which a browser is
    known again after its session; `browser` names the browser in words. `must_set_up` is asked for with the session
    alone: whether two-step sign-in is required of its account, which has none.
    """

    __tablename__ = "admin_sessions"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    device: Mapped[str]
    address: Mapped[str]
    browser: Mapped[str]
    began_at: Mapped[dt.datetime] = mapped_column(default=now)
    used_at: Mapped[dt.datetime] = mapped_column(default=now)
    ended_at: Mapped[dt.datetime | None]
    must_set_up: Mapped[bool] = query_expression()

    admin: Mapped[Admin] = relationship()


class Invitation(Base):
    """Somebody who may make an account with this role. Without a link, `digest` and `expires_at` are not set yet.

    It is gone once it is used or revoked.
    """

    __tablename__ = "invitations"
    __table_args__ = (CheckConstraint("role in ('owner', 'admin', 'viewer')", name="role"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    limited: Mapped[bool] = mapped_column(default=False, server_default=false())
    digest: Mapped[str | None] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    expires_at: Mapped[dt.datetime | None]
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id", ondelete="SET NULL"))

    domains: Mapped[list[Domain]] = relationship(secondary=invitation_domains)
    invited_by: Mapped[Admin | None] = relationship()

    @property
    def is_open(self) -> bool:
        """Whether its link still works."""
        return self.expires_at is not None and self.expires_at > now()
