"""That it is still oneself who sits there: asked before what would let somebody else in, or keep oneself out."""

import datetime as dt

from console import codes
from console.models import Admin, now
from console.store import admins, two_steps
from console.web import access, login, tries

# For so long after signing in one is not asked again.
RECENTLY = dt.timedelta(minutes=10)
ENTER = "Enter your password: you signed in a while ago."
WRONG = "This is not your present password."
NEITHER = "This is neither your password nor the code that your app shows now."


def recent() -> bool:
    """Whether whoever asks has signed in just now."""
    here = login.this_session()
    return here is not None and here.began_at > now() - RECENTLY


def lacking(admin: Admin, typed: str) -> str:
    """What is wrong with a password, or a code of the app, that was typed as a proof; nothing where it is right.

    Raises RefusedError when no key of SEALING_KEYS opens the app's secret.
    """
    door = tries.password_of(admin.id)
    if wait := tries.throttle().enter(door):
        return tries.sentence(wait)
    # A password is longer than any code, so nothing is both.
    digits = typed.translate(codes.BETWEEN).isdigit() and len(typed) < 12
    right = two_steps.take(admin.id, typed, access.sealer()) if digits else admins.check(admin.email, typed) is not None
    if not right:
        return NEITHER if two_steps.is_on(admin.id) else WRONG
    tries.throttle().passed(door)
    return ""
