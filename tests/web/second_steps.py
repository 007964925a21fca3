"""An account with an app, whose codes a test makes."""

from dataclasses import dataclass

import pyotp
from flask import current_app
from sqlalchemy import update

from console import codes
from console.models import Admin, SecondStep, db
from console.store import two_steps
from tests import watch


@dataclass(frozen=True)
class App:
    """An authenticator app, and the recovery codes that were shown with it."""

    secret: str
    recovery: list[str]

    def code(self, steps_from_now: int = 0) -> str:
        """The code of this half minute, or of another one."""
        return pyotp.TOTP(self.secret).generate_otp(int(codes.clock()) // 30 + steps_from_now)

    def wrong(self) -> str:
        """Six digits that are no code of these minutes."""
        good = {self.code(step) for step in range(-3, 4)}
        return next(code for code in (f"{number:06d}" for number in range(8)) if code not in good)


def turned_on(admin: Admin) -> App:
    """Turn two-step sign-in on; the codes of now are still good."""
    secret = codes.new_secret()
    app = App(secret, [])
    shown = two_steps.turn_on(admin, secret, app.code(), current_app.extensions["sealer"])
    unused(admin)
    watch.add(secret, *shown)
    return App(secret, shown)


def unused(admin: Admin) -> None:
    """As if no code was taken yet: a test does not wait for the next one."""
    db.session.execute(update(SecondStep).where(SecondStep.admin_id == admin.id).values(used_step=0))
    db.session.commit()
