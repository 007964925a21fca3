"""Recipients, their addresses, and how many of them there are."""

import datetime as dt

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.base import Base, now
from console.models.domain import Domain, Group
from console.models.source import Source


class User(Base):
    """A recipient. Written by store.apply alone.

    `address` is the primary one; a deferred foreign key holds it to a row of `addresses` of the same user. That the
    domain exists follows from the group, which is one of that domain: a key of its own would be checked for each of a
    hundred thousand new users. `search` is what the Users page looks in: every address without the domain's name, and
    the user's name, in lower case (store.search). The columns that are sorted or searched by their beginning have the
    C collation, in which an index serves LIKE 'prefix%'.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("(origin = 'source') = (source_id is not null)", name="origin"),
        CheckConstraint("kind in ('mailbox', 'shared', 'resource', 'list', 'public_folder')", name="kind"),
        CheckConstraint("status in ('active', 'missing', 'disabled')", name="status"),
        ForeignKeyConstraint(["group_id", "domain_id"], ["groups.id", "groups.domain_id"]),
        ForeignKeyConstraint(
            ["id", "address"],
            ["addresses.user_id", "addresses.address"],
            name="fk_users_primary_address",
            deferrable=True,
            initially="DEFERRED",
            use_alter=True,
        ),
        Index("ix_users_domain_id_address", "domain_id", "address"),
        Index("ix_users_group_id_address", "group_id", "address"),
        Index("ix_users_source_id_address", "source_id", "address", postgresql_where=text("source_id is not null")),
        # The rare values of a filter have an index of their own, which costs the common ones nothing.
        Index("ix_users_rare_status", "domain_id", "status", "address", postgresql_where=text("status <> 'active'")),
        Index("ix_users_rare_kind", "domain_id", "kind", "address", postgresql_where=text("kind <> 'mailbox'")),
        Index("ix_users_rare_origin", "domain_id", "origin", "address", postgresql_where=text("origin <> 'source'")),
        Index(
            "uq_users_source_key",
            "source_id",
            "source_key",
            unique=True,
            postgresql_where=text("source_key is not null"),
        ),
        Index("ix_users_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int]
    group_id: Mapped[int]
    address: Mapped[str] = mapped_column(String(collation="C"))
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    kind: Mapped[str]
    origin: Mapped[str]
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id"))
    source_key: Mapped[str | None]
    status: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    missing_since: Mapped[dt.datetime | None]
    by_hand: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))
    exempt: Mapped[bool] = mapped_column(default=False, server_default=false())
    search: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    changed_at: Mapped[dt.datetime] = mapped_column(default=now)
    billable: Mapped[bool] = mapped_column(Computed("kind = 'mailbox' and status <> 'disabled'", persisted=True))

    domain: Mapped[Domain] = relationship(
        viewonly=True, primaryjoin="User.domain_id == Domain.id", foreign_keys="User.domain_id"
    )
    group: Mapped[Group] = relationship(viewonly=True)
    source: Mapped[Source | None] = relationship(viewonly=True)
    addresses: Mapped[list["Address"]] = relationship(
        viewonly=True,
        order_by="Address.address",
        primaryjoin="User.id == Address.user_id",
        foreign_keys="Address.user_id",
    )

    @property
    def aliases(self) -> list[str]:
        return [row.address for row in self.addresses if row.address != self.address]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Address(Base):
    """Every address that is a recipient, primary or alias. `key` is the form by which a mail server's question is
    looked up (core.address.key), unique over the whole console."""

    __tablename__ = "addresses"
    __table_args__ = (UniqueConstraint("user_id", "address"),)

    key: Mapped[str] = mapped_column(String(collation="C"), primary_key=True)
    address: Mapped[str] = mapped_column(String(collation="C"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


class UserCount(Base):
    """How many users there are of each make, kept by store.apply in the transaction that changes them: a count of any
    filter is a sum over a few rows however long the list is. `source_id` is 0 for users of no source."""

    __tablename__ = "user_counts"

    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    origin: Mapped[str] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(primary_key=True, default=0)
    kind: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    users: Mapped[int] = mapped_column(default=0)
    addresses: Mapped[int] = mapped_column(default=0)
