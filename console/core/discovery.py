"""Address Discovery: what becomes of an address that nobody has, by what the domain's own mail server says of it.

A wrong no loses mail and a wrong yes is a bill, so what is not known is deferred: the sender's server comes back, and
by then it is known.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from console.core.address import Address, with_domain, without_tag
from console.core.errors import AddressError
from console.core.recipient import Verdict

DAYS = 14
LONGEST_DAYS = 365
NEEDED = 1
MOST_NEEDED = 10
# A server's no holds for a new colleague's first morning at most; its yes for a review of some days.
NO_HOLDS = dt.timedelta(hours=6)
YES_HOLDS = dt.timedelta(days=7)
# What has no answer is asked again after a minute, then after two, four ...; at last only when mail comes for it.
FIRST_RETRY, LONGEST_RETRY = dt.timedelta(minutes=1), dt.timedelta(hours=4)
ATTEMPTS = 12
# A random recipient is asked for this often, and right before a yes is believed.
TEST_EVERY = dt.timedelta(days=1)
TEST_HOLDS = dt.timedelta(minutes=10)


class Taking(StrEnum):
    """What happens with an address that the server accepts."""

    ADD = "add"
    REVIEW = "review"


class SightingState(StrEnum):
    """Where an address stands.

    Waiting for its first answer; unknown, since the server's answer said nothing; refused by the server; in review,
    since the server accepts it and a person is to decide; added as a user; or not ours, by a person's word.
    """

    WAITING = "waiting"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    REVIEW = "review"
    ADDED = "added"
    NOT_OURS = "not_ours"


class Ended(StrEnum):
    """Why discovery is off after it was on, or could not be turned on."""

    BY_HAND = "by_hand"
    IN_TIME = "in_time"
    EVERY_ADDRESS = "every_address"
    NO_SERVER = "no_server"
    NOT_GOOD = "not_good"


@dataclass(frozen=True, slots=True)
class Sighted:
    """An address that mail came for and that nobody has. `due_at` is when the server is to be asked, if it is."""

    id: int
    address: Address
    state: SightingState
    due_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None


def told(sighted: Sighted, now: dt.datetime) -> Verdict:
    """What a mail server is told of the address as it stands; to defer is all that is said before its time."""
    if sighted.state in (SightingState.ADDED, SightingState.REVIEW):
        return Verdict.ACCEPT
    if sighted.state is SightingState.NOT_OURS:
        return Verdict.REJECT
    fresh = sighted.answered_at is not None and sighted.answered_at + NO_HOLDS > now
    return Verdict.REJECT if sighted.state is SightingState.REFUSED and fresh else Verdict.DEFER


def is_asked_now(sighted: Sighted, now: dt.datetime) -> bool:
    """Whether an answer may come in the seconds for which a mail server waits."""
    return told(sighted, now) is Verdict.DEFER and sighted.due_at is not None and sighted.due_at <= now


def to_ask(address: Address, domain: str, *, plus_tags: bool) -> tuple[Address, ...]:
    """What the server is asked for in turn, until it knows one of them; nothing where nobody can have the address.

    It is spelled in the domain's own name. Where plus tags are allowed, who has the address without its tag has this
    one too, and one user is added instead of one for each tag.
    """
    try:
        own = with_domain(address, domain)
    except AddressError:
        return ()
    untagged = without_tag(own) if plus_tags else None
    return (untagged, own) if untagged else (own,)


def next_try(attempts: int, now: dt.datetime) -> dt.datetime | None:
    """When to ask again after so many attempts without an answer; None to let it be until mail comes again."""
    if attempts >= ATTEMPTS:
        return None
    return now + min(FIRST_RETRY * (1 << max(attempts - 1, 0)), LONGEST_RETRY)
