"""Whether mail to an address is accepted: the one decision behind the command line and what mail servers ask."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from console.core.address import Address, key, split, with_domain, without_tag
from console.core.person import Status

INVALID = "Invalid recipient"


class Verdict(StrEnum):
    """What becomes of the mail. To defer is for trouble of our own: the sender's server tries again later."""

    ACCEPT = "accept"
    REJECT = "reject"
    DEFER = "defer"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict, and a sentence that says why."""

    verdict: Verdict
    why: str


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
        return Decision(Verdict.REJECT, f"{INVALID}: no user of {domain} has this address.")
    told = _relation(address, domain, Address(holder.address))
    if holder.status == Status.DISABLED:
        return Decision(Verdict.REJECT, f"{INVALID}: {told}, and this user is disabled. {holder.reason}".rstrip())
    if holder.status == Status.MISSING:
        since = f" since {holder.missing_since:%Y-%m-%d}" if holder.missing_since else ""
        return Decision(Verdict.ACCEPT, f"{_sentence(told)}, who is missing from the source{since} and still accepted.")
    return Decision(Verdict.ACCEPT, f"{_sentence(told)}.")


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
