"""Whether mail to an address is accepted: the one decision behind the command line and what mail servers ask."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from console.core.address import Address, asked, key, parse_domain, split, with_domain, without_tag
from console.core.errors import AddressError
from console.core.person import Status

INVALID = "Invalid recipient"
TROUBLE = "This cannot be checked now. Try again later."


class Verdict(StrEnum):
    """What becomes of the mail. To defer is for trouble of our own: the sender's server tries again later."""

    ACCEPT = "accept"
    REJECT = "reject"
    DEFER = "defer"
    NOT_OURS = "not_ours"


class Mode(StrEnum):
    """What mail servers are told of a domain: to accept everything, the same with a note of what the list would have
    rejected, or what the list says."""

    OFF = "off"
    MONITOR = "monitor"
    ENFORCE = "enforce"


_ALL_THE_SAME = {
    Mode.OFF: "The perimeter is off for this domain, so mail servers are told to accept it.",
    Mode.MONITOR: "The perimeter only monitors this domain, so mail servers are told to accept it.",
}


class Refusal(StrEnum):
    """Why the list has no such recipient. Nobody can be found behind the address of a disabled user."""

    UNKNOWN = "unknown"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and a sentence that says why. `refusal` is set where the list says no, whatever became of that."""

    verdict: Verdict
    why: str
    refusal: Refusal | None = None


class Holder(Protocol):
    """The user who receives an address's mail, as far as the decision needs to know: a row of the list or a record."""

    @property
    def address(self) -> str: ...

    @property
    def status(self) -> str: ...

    @property
    def reason(self) -> str: ...

    @property
    def missing_since(self) -> dt.datetime | None: ...


def decide(address: Address, domain: str | None, holder: Holder | None) -> Decision:
    """What becomes of mail to `address`, which belongs to `domain` (None: to no domain that is kept here).

    `holder` is the user who has the address itself, or has it without its tag or in the domain's own name. A missing
    user is accepted: to lose the mail of somebody whom a directory forgot for a day is worse than to let it through.
    """
    if domain is None:
        return Decision(Verdict.NOT_OURS, f"{split(address)[1]} is no domain of this console.")
    if holder is None:
        return Decision(Verdict.REJECT, f"{INVALID}: no user of {domain} has this address.", Refusal.UNKNOWN)
    told = _relation(address, domain, Address(holder.address))
    if holder.status == Status.DISABLED:
        why = f"{INVALID}: {told}, and this user is disabled. {holder.reason}".rstrip()
        return Decision(Verdict.REJECT, why, Refusal.DISABLED)
    if holder.status == Status.MISSING:
        since = f" since {holder.missing_since:%Y-%m-%d}" if holder.missing_since else ""
        return Decision(Verdict.ACCEPT, f"{_sentence(told)}, who is missing from the source{since} and still accepted.")
    return Decision(Verdict.ACCEPT, f"{_sentence(told)}.")


def at_perimeter(decision: Decision, mode: Mode) -> Decision:
    """What a mail server is told of a decision, by the mode of its domain."""
    if decision.verdict is not Verdict.REJECT or mode is Mode.ENFORCE:
        return decision
    return replace(decision, verdict=Verdict.ACCEPT, why=f"{decision.why} {_ALL_THE_SAME[mode]}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a mail server asks about. `address` is None for one that no user can have, `domain` is empty without one."""

    address: Address | None
    domain: str


def read(text: str) -> Asked:
    """The recipient in whatever spelling a mail server gives it. Never fails.

    Of an address that breaks the rules the domain is told all the same: in a domain that is kept here it is an unknown
    recipient, and to take it for another domain's would let its mail in.
    """
    try:
        address = asked(text)
    except AddressError:
        domain = text.rpartition("@")[2].strip().removesuffix(">").rstrip(".")
        try:
            return Asked(None, parse_domain(domain))
        except AddressError:
            return Asked(None, "")
    return Asked(address, split(address)[1])


def spellings(address: Address, domain: str, *, plus_tags: bool) -> tuple[str, ...]:
    """The keys by which a user of `domain` may hold an address of it or of its alias domains, the closest first.

    None where the address is too long in the domain's own name, so that nobody can have it. Where plus tags are
    allowed, the part after the plus may be left off.
    """
    try:
        own = with_domain(address, domain)
    except AddressError:
        return ()
    untagged = without_tag(own) if plus_tags else None
    return (key(own), key(untagged)) if untagged else (key(own),)


def _relation(address: Address, domain: str, primary: Address) -> str:
    own = with_domain(address, domain)
    untagged = without_tag(own)
    if key(own) == key(primary):
        return f"it is the address of the user {primary}"
    if untagged is not None and key(untagged) == key(primary):
        return f"without its tag it is the address of the user {primary}"
    return f"it is an alias of the user {primary}"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
