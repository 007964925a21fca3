"""Mail domains, the names they go by, and the groups of their users."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint, false, func, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.base import Base, now


class Domain(Base):
    """A mail domain whose recipients are kept here.

    `name` is the A-label form; `notify` are notification addresses. `list_version` goes up with every change of its
    users. `perimeter_mode` is what mail servers are told (core.recipient.Mode). `checklist_done` is whether a person
    has put away the checklist of a new domain.
    """

    __tablename__ = "domains"
    __table_args__ = (CheckConstraint("perimeter_mode in ('off', 'monitor', 'enforce')", name="perimeter_mode"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    plus_tags: Mapped[bool] = mapped_column(default=True, server_default=true())
    perimeter_mode: Mapped[str] = mapped_column(default="off", server_default="off")
    notify: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    list_version: Mapped[int] = mapped_column(default=0)
    checklist_done: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    names: Mapped[list["DomainName"]] = relationship(
        back_populates="domain", cascade="all, delete-orphan", passive_deletes=True, order_by="DomainName.name"
    )
    groups: Mapped[list["Group"]] = relationship(
        back_populates="domain", cascade="all, delete-orphan", passive_deletes=True, order_by="Group.id"
    )

    @property
    def aliases(self) -> list[str]:
        return [row.name for row in self.names if row.name != self.name]


class DomainName(Base):
    """Every name, a domain's own and its alias domains', in one table: no name can belong to two domains."""

    __tablename__ = "domain_names"

    name: Mapped[str] = mapped_column(primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    domain: Mapped[Domain] = relationship(back_populates="names")


class Group(Base):
    """A named part of a domain's users; "Default" always exists."""

    __tablename__ = "groups"
    __table_args__ = (
        UniqueConstraint("id", "domain_id"),
        Index("uq_groups_domain_id_name", "domain_id", func.lower(text("name")), unique=True),
        Index("uq_groups_default", "domain_id", unique=True, postgresql_where=text("is_default")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    name: Mapped[str]
    is_default: Mapped[bool] = mapped_column(default=False)
    domain: Mapped[Domain] = relationship(back_populates="groups")
