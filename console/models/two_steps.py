"""Two-step sign-in: the app of an account, its recovery codes and passkeys, and who is half signed in."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Identity, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from console.models.admin import Admin
from console.models.base import Base, now


class SecondStep(Base):
    """The app that makes the codes of an account (TOTP, RFC 6238); an account without one signs in in one step.

    `secret` is sealed. `used_step` is the last time step of which a code was taken, so that no code is taken twice.
    """

    __tablename__ = "second_steps"

    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str]
    used_step: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)


class RecoveryCode(Base):
    """A code that stands in for the app, once. `digest` is the SHA-256 of `salt` and the code."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"), index=True)
    salt: Mapped[str]
    digest: Mapped[str]
    used_at: Mapped[dt.datetime | None]


class Passkey(Base):
    """A key pair that an authenticator made for an account (WebAuthn), of which this is the public one.

    `credential_id`, `public_key` (COSE) and `handle` are in base64url; by `handle`, which is one for all passkeys of an
    account, authenticators know whose they are. `sign_count` is 0 for those that do not count.
    """

    __tablename__ = "passkeys"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    credential_id: Mapped[str] = mapped_column(unique=True)
    public_key: Mapped[str]
    handle: Mapped[str]
    sign_count: Mapped[int]
    created_at: Mapped[dt.datetime] = mapped_column(default=now)
    used_at: Mapped[dt.datetime | None]

    admin: Mapped[Admin] = relationship()


class HalfSignIn(Base):
    """Somebody who has taken the first step, and has until `until` for the second. It opens nothing but that.

    `digest` is the SHA-256 of what the cookie holds; `wanted` is the page to which the sign-in leads on; `way` says
    what the first step was.
    """

    __tablename__ = "half_sign_ins"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    admin_id: Mapped[int] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"), index=True)
    digest: Mapped[str] = mapped_column(unique=True)
    wanted: Mapped[str]
    way: Mapped[str]
    until: Mapped[dt.datetime]

    admin: Mapped[Admin] = relationship()


class Organisation(Base):
    """What owners have set for everybody: one row, or none while nothing was set."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("single", name="single"),)

    single: Mapped[bool] = mapped_column(primary_key=True, default=True, server_default=true())
    two_steps_required: Mapped[bool] = mapped_column(default=False, server_default=false())
