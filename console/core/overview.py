"""Whether a domain is well, in one sentence."""

from collections.abc import Iterable
from enum import StrEnum

from console.core.recipient import Mode


class Weight(StrEnum):
    """How much something asks of a person: it is wrong, it waits for a decision, or it is worth a look now and then."""

    WRONG = "wrong"
    WAITS = "waits"
    LOOK = "look"


def verdict(weights: Iterable[Weight], mode: Mode, users: int, accepted: int) -> tuple[Weight | None, str]:
    """The heaviest weight, None where all is well, and the sentence. What is merely worth a look troubles nobody."""
    found = list(weights)
    wrong, waits = found.count(Weight.WRONG), found.count(Weight.WAITS)
    if wrong:
        also = f", and {_things(waits)} for your decision" if waits else ""
        need = "1 thing needs" if wrong == 1 else f"{wrong} things need"
        return Weight.WRONG, f"Something is wrong: {need} you{also}."
    if waits:
        return Weight.WAITS, f"Nothing is wrong, and {_things(waits)} for your decision."
    if not users:
        return Weight.LOOK, "This domain is new: nobody is on its list yet."
    if mode is Mode.OFF:
        return Weight.LOOK, "Nothing is wrong, but the perimeter is off: mail to every address is accepted."
    if mode is Mode.MONITOR:
        return None, "All is well. The perimeter monitors: mail to other addresses is accepted for now, and reported."
    who = "1 address" if accepted == 1 else f"{accepted:,} addresses"
    return None, f"All is well: mail to {who} is accepted, and mail to any other is rejected."


def _things(number: int) -> str:
    return "1 thing waits" if number == 1 else f"{number} things wait"
