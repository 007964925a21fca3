"""What a profile tells of a user besides what can be changed: its addresses, its entry in the directory, its mail."""

from dataclasses import dataclass, replace

from console.core import provenance
from console.core.address import Address
from console.models import Change, User
from console.store import records
from console.web.acceptance import Answer, answer

BILLING = {
    "mailbox": "billable mailbox",
    "shared": "not billed: a shared mailbox costs nothing",
    "resource": "not billed: a room or a device costs nothing",
    "list": "not billed: a distribution list costs nothing",
    "public_folder": "not billed: a public folder costs nothing",
}


@dataclass(frozen=True, slots=True)
class Held:
    """An address of the user, what its mail meets, and the change that brought it, where that is on record."""

    address: str
    primary: bool
    answer: Answer
    by: Change | None
    by_hand: bool


def addresses(user: User) -> list[Held]:
    """The primary address first."""
    every = [user.address, *user.aliases]
    by = provenance.gained(every, records.changes_of_user(user.id))
    return [
        Held(
            item,
            item == user.address,
            _of_this_user(answer(user.domain, Address(item), user), user),
            by.get(item),
            item in user.by_hand or user.origin == "manual",
        )
        for item in every
    ]


def _of_this_user(found: Answer, user: User) -> Answer:
    """The profile need not say whose it is."""
    return replace(found, why=found.why.replace(f"the user {user.address}", "this user"))


def billing(user: User) -> str:
    """What the kind means for the bill."""
    if user.kind == "mailbox" and not user.billable:
        return "not billed while disabled"
    return BILLING[user.kind]
