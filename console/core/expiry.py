"""When a source's client secret or certificate ends: how near that is, and how it is told."""

import datetime as dt

STEPS = (30, 14, 7, 1)
"""Days ahead on which it is told by mail; and once more, at ENDED, when it is over."""

ENDED = -1
SOON = STEPS[0]


def step(expires_on: dt.date, today: dt.date) -> int | None:
    """The nearest of the steps that has been reached; None while there is more time than that.

    A secret is good through its last day, in whatever zone that is.
    """
    left = (expires_on - today).days
    if left < 0:
        return ENDED
    return min((days for days in STEPS if left <= days), default=None)


def told(expires_on: dt.date | None, today: dt.date, what: str) -> str:
    """A sentence about what ends, and what to do; empty while that is far away or not known.

    `what` is “client secret” or “certificate”.
    """
    if expires_on is None or step(expires_on, today) is None:
        return ""
    day, when = _when(expires_on, today)
    if not when:
        return (
            f"The {what} of the app expired on {day}, so this directory cannot be read any more and the list is no "
            "longer kept in step. Make a new one in the Microsoft Entra admin center, and enter it in the settings of "
            "this source."
        )
    return (
        f"The {what} of the app expires {when}, on {day}. Make a new one in the Microsoft Entra admin center, and "
        "enter it in the settings of this source before, so that the list stays in step."
    )


def told_owner(expires_on: dt.date | None, today: dt.date, *, certificate: bool) -> str:
    """The same about the app of the console itself, for whoever runs it."""
    if expires_on is None or step(expires_on, today) is None:
        return ""
    what = "certificate" if certificate else "client secret"
    renewal = (
        "Make a new one, upload its public part in the Microsoft Entra admin center, and set MICROSOFT_CERTIFICATE"
        if certificate
        else "Make a new one in the Microsoft Entra admin center, and set MICROSOFT_CLIENT_SECRET and "
        "MICROSOFT_SECRET_EXPIRES"
    )
    day, when = _when(expires_on, today)
    if not when:
        return (
            f"The {what} of this console's own app at Microsoft expired on {day}, so connected tenants cannot be read "
            f"any more, and nobody can sign in with Microsoft. {renewal}."
        )
    return (
        f"The {what} of this console's own app at Microsoft expires {when}, on {day}. {renewal} before, so that "
        "connected tenants stay in step and people can sign in with Microsoft."
    )


def begins(expires_on: dt.date, reached: int) -> dt.date:
    """The day on which a step is reached."""
    return expires_on - dt.timedelta(days=reached)


def _when(expires_on: dt.date, today: dt.date) -> tuple[str, str]:
    """The day, and how near it is; empty when it is over."""
    left = (expires_on - today).days
    when = "" if left < 0 else "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
    return f"{expires_on.day} {expires_on:%B %Y}", when
