"""A change of many users at once: what it makes of each of them, and in numbers what it comes to."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from console.core.person import Kind, Origin, Reject, Status, User
from console.core.plan import Plan, Step, change

DISABLED_BY_HAND = "Disabled by hand."


class Act(StrEnum):
    """What is done to each user. For a kind and a group it needs to be said which."""

    KIND = "kind"
    GROUP = "group"
    DISABLE = "disable"
    ENABLE = "enable"
    EXEMPT = "exempt"
    SYNC = "sync"
    DELETE = "delete"


class Already(StrEnum):
    """Why a user stays as it is."""

    KIND = "already of this kind"
    GROUP = "already in this group"
    DISABLED = "already disabled"
    ACCEPTED = "not disabled"
    EXEMPT = "already exempt from sync"
    NOT_EXEMPT = "not exempt from sync"
    NO_SOURCE = "of no user source"


@dataclass(frozen=True, slots=True)
class Bulk:
    """One act, with the kind or the id of the group that it gives."""

    act: Act
    kind: Kind = Kind.MAILBOX
    group_id: int = 0

    @classmethod
    def parse(cls, text: str) -> "Bulk | None":
        """The inverse of `str`: "kind:shared", "group:12", "delete"; None for what is no act."""
        name, _, value = text.partition(":")
        if name == Act.KIND:
            return cls(Act.KIND, kind=Kind(value)) if value in set(Kind) else None
        if name == Act.GROUP:
            known = value.isascii() and value.isdigit() and len(value) < 19
            return cls(Act.GROUP, group_id=int(value)) if known else None
        return cls(Act(name)) if name in set(Act) and not value else None

    def __str__(self) -> str:
        return {Act.KIND: f"kind:{self.kind}", Act.GROUP: f"group:{self.group_id}"}.get(self.act, str(self.act))

    def reason(self, user: User) -> Already | None:
        """Why this user stays as it is; None where it is changed."""
        synced = user.origin is Origin.SOURCE
        match self.act:
            case Act.KIND:
                return Already.KIND if user.kind is self.kind else None
            case Act.GROUP:
                return Already.GROUP if user.group_id == self.group_id else None
            case Act.DISABLE:
                return Already.DISABLED if user.status is Status.DISABLED else None
            case Act.ENABLE:
                return None if user.status is Status.DISABLED else Already.ACCEPTED
            case Act.EXEMPT if not synced:
                return Already.NO_SOURCE
            case Act.EXEMPT:
                return Already.EXEMPT if user.exempt else None
            case Act.SYNC:
                return None if user.exempt else Already.NOT_EXEMPT
            case Act.DELETE:
                return None

    def after(self, user: User) -> User | None:
        """What becomes of a user that is changed; None where it is deleted."""
        match self.act:
            case Act.KIND:
                return replace(user, kind=self.kind, by_hand=kept(user, "kind"))
            case Act.GROUP:
                return replace(user, group_id=self.group_id, by_hand=kept(user, "group_id"))
            case Act.DISABLE:
                return disabled(user)
            case Act.ENABLE:
                return enabled(user)
            case Act.EXEMPT | Act.SYNC:
                return replace(user, exempt=self.act is Act.EXEMPT)
            case Act.DELETE:
                return None


def kept(user: User, *names: str) -> frozenset[str]:
    """What the next sync has to keep of a user of which a person has set this now."""
    return user.by_hand.union(names) if user.origin is Origin.SOURCE else user.by_hand


def disabled(user: User) -> User:
    """A user whose mail is rejected from now on, whatever its source says."""
    return replace(
        user, status=Status.DISABLED, reason=DISABLED_BY_HAND, missing_since=None, by_hand=kept(user, "status")
    )


def enabled(user: User) -> User:
    """A user whose mail is accepted again; its source decides again from the next sync on."""
    return replace(user, status=Status.ACTIVE, reason="", missing_since=None, by_hand=user.by_hand - {"status"})


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change comes to, before it is done.

    Of the `selected` users `changes` are changed, and of those again `synced` are of a user source that is not kept
    away from them, and `discovered` were added by mail that came. `stay` are the others, by the reason. `billable` is
    how many billable mailboxes more there would be.
    """

    selected: int
    changes: int
    synced: int
    discovered: int
    billable: int
    stay: Mapping[Already, int]


def outlook(bulk: Bulk, makes: Iterable[tuple[User, int]]) -> Outlook:
    """The outlook for users that come as one of each make, with how many of it there are.

    A make is whatever the rules above look at: any number of users is told by a few.
    """
    selected = changes = synced = discovered = billable = 0
    stay: Counter[Already] = Counter()
    for user, number in makes:
        selected += number
        reason = bulk.reason(user)
        if reason is not None:
            stay[reason] += number
            continue
        after = bulk.after(user)
        changes += number
        synced += number if user.origin is Origin.SOURCE and not user.exempt else 0
        discovered += number if user.origin is Origin.DISCOVERY else 0
        billable += number * ((after is not None and after.billable) - user.billable)
    return Outlook(selected, changes, synced, discovered, billable, dict(stay))


def plan(bulk: Bulk, users: Iterable[User]) -> tuple[Plan, Mapping[Already, int]]:
    """The plan that does it, and how many stay as they are, by the reason: they count as unchanged."""
    steps: list[Step] = []
    stay: Counter[Already] = Counter()
    for user in users:
        reason = bulk.reason(user)
        if reason is not None:
            stay[reason] += 1
        else:
            steps += change(user, bulk.after(user)).steps
    read = len(steps) + stay.total()
    return Plan(steps=tuple(steps), unchanged=stay.total(), read=read, usable=read), stay


def notes(stay: Mapping[Already, int]) -> tuple[Reject, ...]:
    """Remarks for the record on those that stay as they are: one for each reason, however many they are."""
    return tuple(Reject("", _users(number), f"{reason.capitalize()}.") for reason, number in stay.items())


def _users(number: int) -> str:
    return "1 user" if number == 1 else f"{number:,} users"
