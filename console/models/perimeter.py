"""What mail servers asked for in vain, and the credentials with which they ask over HTTP."""

import datetime as dt

from sqlalchemy import ForeignKey, Identity, String, Text, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.base import Base, now
from console.models.domain import Domain


class Rejection(Base):
    """An address of a domain that mail came for and that no user may receive; the row of no address counts the rest.

    There are no more than a bounded number of rows a domain (store.rejections), however many addresses are asked for.
    `times` is how often. `senders` are the last few, newest first, and `client` is the last server that brought such
    mail, both as they were told. `would` is true where the last mail was accepted, since the domain only monitors.
    `ignored` hides the row from the report.
    """

    __tablename__ = "rejections"
    __table_args__ = (UniqueConstraint("domain_id", "address"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(collation="C"))
    times: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[dt.datetime] = mapped_column(default=now)
    last_at: Mapped[dt.datetime] = mapped_column(default=now)
    senders: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    client: Mapped[str] = mapped_column(default="")
    would: Mapped[bool] = mapped_column(default=False, server_default=false())
    ignored: Mapped[bool] = mapped_column(default=False, server_default=false())

    domain: Mapped[Domain] = relationship()


class Credential(Base):
    """The name and password of one mail server that asks over HTTP; `digest` is the password's SHA-256.

    The password before it, `old_digest`, is valid until `old_until`. `used_at` is right to a minute.
    """

    __tablename__ = "perimeter_credentials"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    digest: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    old_digest: Mapped[str] = mapped_column(default="", server_default="")
    old_until: Mapped[dt.datetime | None]
    used_at: Mapped[dt.datetime | None]
