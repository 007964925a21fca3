"""Notices: what the administrators of a domain, and the people with accounts, are told by mail."""

import datetime as dt
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.admin import Admin
from console.models.base import Base, now
from console.models.domain import Domain
from console.models.entry import Invitation
from console.models.run import Run
from console.models.source import Source


class NoticeKind(StrEnum):
    """A source cannot be read any more, can be read again, has a run that waits for a person, or a secret that ends;
    Address Discovery is about to end, or was turned off. To an account: it was signed in to from a browser that it did
    not know, its password was changed or reset, it asked for a reset, two-step sign-in was turned on or off, a recovery
    code was used or all were made anew, the second step was refused, a passkey was added or removed, or a person whom
    an owner invited has come. To somebody without an account: an invitation."""

    FAILING = "failing"
    RECOVERED = "recovered"
    WAITING = "waiting"
    EXPIRING = "expiring"
    DISCOVERY_ENDING = "discovery_ending"
    DISCOVERY_OFF = "discovery_off"
    NEW_SIGN_IN = "new_sign_in"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of notice
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of notice
    RESET = "reset"
    ACCEPTED = "accepted"
    INVITATION = "invitation"
    TWO_STEPS_ON = "two_steps_on"
    TWO_STEPS_OFF = "two_steps_off"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    SECOND_STEP_REFUSED = "second_step_refused"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"


class Notice(Base):
    """One mail to a domain's notification addresses, to an account, or to somebody invited; kept until it is sent.

    It is stored in the transaction of what it tells of, and sent afterwards: a mail relay that is away delays no run.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint(
            "kind in ('failing', 'recovered', 'waiting', 'expiring', 'discovery_ending', 'discovery_off',"
            " 'new_sign_in', 'password_changed', 'password_reset', 'reset', 'accepted', 'invitation',"
            " 'two_steps_on', 'two_steps_off', 'recovery_code_used', 'recovery_codes_made', 'second_step_refused',"
            " 'passkey_added', 'passkey_removed')",
            name="kind",
        ),
        CheckConstraint("num_nonnulls(domain_id, admin_id, invitation_id) = 1", name="to"),
        Index("ix_notices_unsent", "next_try_at", postgresql_where=text("sent_at is null")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    domain_id: Mapped[int | None] = mapped_column(ForeignKey("domains.id", ondelete="CASCADE"), index=True)
    admin_id: Mapped[int | None] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"), index=True)
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    kind: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    next_try_at: Mapped[dt.datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[dt.datetime | None]
    error: Mapped[str] = mapped_column(default="")

    domain: Mapped[Domain | None] = relationship()
    admin: Mapped[Admin | None] = relationship()
    invitation: Mapped[Invitation | None] = relationship()
    source: Mapped[Source | None] = relationship()
    run: Mapped[Run | None] = relationship()
