"""What is on record for an audit: sign-ins, denials, changes of settings and accounts, decisions about runs."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from console.models.base import Base, now


class Topic(StrEnum):
    """What an event is about, which is also who may see it: the last three are for owners, but one's own sign-ins."""

    SETTINGS = "settings"
    APPROVALS = "approvals"
    ACCOUNTS = "accounts"
    SIGN_INS = "sign_ins"
    DENIALS = "denials"


class EventKind(StrEnum):
    """What has happened, as the table and files have it."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"

    APPROVED = "approved"
    DISCARDED = "discarded"
    CANCELLED = "cancelled"
    SETTLED = "settled"

    INVITED = "invited"
    INVITATION_LINK = "invitation_link"
    INVITATION_REVOKED = "invitation_revoked"
    INVITATION_ACCEPTED = "invitation_accepted"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_CHANGED = "account_changed"
    ACCOUNT_REMOVED = "account_removed"
    PASSWORD_LINK = "password_link"  # noqa: S105 - the name of an event

    SIGNED_IN = "signed_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_IN_DELAYED = "sign_in_delayed"
    SIGNED_OUT = "signed_out"
    SESSIONS_ENDED = "sessions_ended"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    SECOND_STEP_CHANGED = "second_step_changed"

    FORBIDDEN = "forbidden"
    HIDDEN = "hidden"
    FORGED = "forged"
    MAIL_SERVER_REFUSED = "mail_server_refused"
    METRICS_REFUSED = "metrics_refused"

    @property
    def topic(self) -> Topic:
        return _TOPICS[self]


_TOPICS = {
    **dict.fromkeys((EventKind.ADDED, EventKind.CHANGED, EventKind.REMOVED), Topic.SETTINGS),
    **dict.fromkeys((EventKind.APPROVED, EventKind.DISCARDED, EventKind.CANCELLED, EventKind.SETTLED), Topic.APPROVALS),
    **dict.fromkeys(
        (
            EventKind.INVITED,
            EventKind.INVITATION_LINK,
            EventKind.INVITATION_REVOKED,
            EventKind.INVITATION_ACCEPTED,
            EventKind.ACCOUNT_ADDED,
            EventKind.ACCOUNT_CHANGED,
            EventKind.ACCOUNT_REMOVED,
            EventKind.PASSWORD_LINK,
        ),
        Topic.ACCOUNTS,
    ),
    **dict.fromkeys(
        (
            EventKind.SIGNED_IN,
            EventKind.SIGN_IN_REFUSED,
            EventKind.SIGN_IN_DELAYED,
            EventKind.SIGNED_OUT,
            EventKind.SESSIONS_ENDED,
            EventKind.PASSWORD_CHANGED,
            EventKind.SECOND_STEP_CHANGED,
        ),
        Topic.SIGN_INS,
    ),
    **dict.fromkeys(
        (
            EventKind.FORBIDDEN,
            EventKind.HIDDEN,
            EventKind.FORGED,
            EventKind.MAIL_SERVER_REFUSED,
            EventKind.METRICS_REFUSED,
        ),
        Topic.DENIALS,
    ),
}


class Event(Base):
    """One of them. A trigger of the database refuses every change of a row, and every deletion but that of old ones
    (store.events.forget).

    Nothing is a foreign key, since the record outlives accounts and domains: `who` is the account's address,
    "command line", "by itself", or nothing for somebody who was not signed in; `address` the network address;
    `domain` the name that a domain had. `changes` are documents with field, before and after. `times` is above 1 where
    it stands for more of its kind in that hour. `search` is what all of this has of text, in lower case.
    """

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("topic in ('settings', 'approvals', 'accounts', 'sign_ins', 'denials')", name="topic"),
        Index("ix_events_at", text("at desc"), text("id desc")),
        Index("ix_events_topic", "topic", text("at desc"), text("id desc")),
        Index("ix_events_domain_id", "domain_id", text("at desc"), text("id desc")),
        Index("ix_events_admin_id", "admin_id", text("at desc"), text("id desc")),
        Index("ix_events_search", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(default=now)
    topic: Mapped[str]
    kind: Mapped[str]
    who: Mapped[str] = mapped_column(default="")
    admin_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(default="")
    domain_id: Mapped[int | None]
    domain: Mapped[str] = mapped_column(default="")
    text: Mapped[str]
    changes: Mapped[list[Any]] = mapped_column(default=list)
    times: Mapped[int] = mapped_column(default=1)
    search: Mapped[str]
