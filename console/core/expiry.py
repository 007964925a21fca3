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
    day = f"{expires_on.day} {expires_on:%B %Y}"
    left = (expires_on - today).days
    if left < 0:
        return (
            f"The {what} of the app expired on {day}, so this directory cannot be read any more and the list is no "
            "longer kept in step. Make a new one in the Microsoft Entra admin center, and enter it in the settings of "
            "this source."
        )
    when = "today" if left == 0 else "tomorrow" if left == 1 else f"in {left} days"
    return (
        f"The {what} of the app expires {when}, on {day}. Make a new one in the Microsoft Entra admin center, and "
        "enter it in the settings of this source before, so that the list stays in step."
    )
