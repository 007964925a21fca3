"""Uploads: files that people hand in, kept in the database since web and worker share no disk."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Identity, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.base import Base, now
from console.models.run import Run


class Upload(Base):
    """The file of an import.

    `options` is how to read and use it: {"mode", "group_id"} and, once a person said so, {"columns", "header"}.
    `content` is None once it was dropped, a week after it was uploaded; it is never loaded with the row.
    """

    __tablename__ = "uploads"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    options: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)

    run: Mapped[Run] = relationship()
