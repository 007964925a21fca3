"""Inbound SMTP: the servers that a domain's mail goes on to."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from console.core.delivery import PORT, PRIORITY, Encryption
from console.models.base import Base, now


class DeliveryServer(Base):
    """A mail server of a domain's own. Those of lower `priority` are asked first, of equals the lower `position`."""

    __tablename__ = "delivery_servers"
    __table_args__ = (
        CheckConstraint("tls in ('none', 'opportunistic', 'required')", name="tls"),
        UniqueConstraint("domain_id", "host", "port"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"))
    host: Mapped[str]
    port: Mapped[int] = mapped_column(default=PORT)
    priority: Mapped[int] = mapped_column(default=PRIORITY)
    tls: Mapped[str] = mapped_column(default=Encryption.OPPORTUNISTIC.value)
    position: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    @property
    def encryption(self) -> Encryption:
        return Encryption(self.tls)

    @property
    def place(self) -> str:
        """Host and port as people write them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"
