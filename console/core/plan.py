"""A Plan: what would become of the list, step by step, before anything is changed."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from console.core.address import Address
from console.core.person import Kind, Origin, Reject, Status, User
from console.core.quick import quick


class Action(StrEnum):
    """What a step does to one user, in the words of the run's page."""

    CREATE = "created"
    UPDATE = "updated"
    RESTORE = "restored"
    MISSING = "missing"
    DISABLE = "disabled"
    DELETE = "deleted"
    CONFLICT = "conflict"


REMOVALS = frozenset({Action.MISSING, Action.DISABLE})


@quick
@dataclass(frozen=True, slots=True)
class Step:
    """One user's way from `before` (None: not on the list) to `after` (None: no longer on it).

    A conflict carries the part that could be done without the contested addresses (before equals after when that is
    nothing); `contested` lists the addresses, `rival_id` the user that holds the first of them.
    """

    action: Action
    before: User | None
    after: User | None
    where: str = ""
    why: str = ""
    contested: tuple[Address, ...] = ()
    rival_id: int | None = None

    @property
    def writes(self) -> bool:
        return self.before != self.after

    @property
    def user(self) -> User | None:
        return self.after or self.before

    @property
    def address(self) -> Address:
        if self.user is not None:
            return self.user.address
        return self.contested[0]


@dataclass(frozen=True, slots=True)
class Plan:
    """Every entry read is in exactly one of steps (but for removals, which are about users), skips or unchanged.

    `notes` are remarks on entries that were used all the same. `usable` counts the entries that stand for a recipient
    of this domain, whether they change anything or not.
    """

    steps: tuple[Step, ...] = ()
    skips: tuple[Reject, ...] = ()
    notes: tuple[Reject, ...] = ()
    unchanged: int = 0
    read: int = 0
    usable: int = 0

    @property
    def writes(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.writes)

    @property
    def removals(self) -> int:
        """Users that lose ground. A disabled one that is only missing again gains some."""
        return sum(
            step.action in REMOVALS and step.before is not None and step.before.status is not Status.DISABLED
            for step in self.steps
        )

    @property
    def billable(self) -> int:
        """How many billable mailboxes more there would be, or fewer if negative."""
        pairs = [(step.before, step.after) for step in self.writes]
        return sum(
            (after is not None and after.billable) - (before is not None and before.billable) for before, after in pairs
        )

    @property
    def counts(self) -> dict[str, int]:
        done = Counter(step.action for step in self.steps)
        return {
            "read": self.read,
            "created": done[Action.CREATE],
            "updated": done[Action.UPDATE],
            "restored": done[Action.RESTORE],
            "missing": done[Action.MISSING],
            "disabled": done[Action.DISABLE],
            "deleted": done[Action.DELETE],
            "unchanged": self.unchanged,
            "skipped": len(self.skips),
            "conflicts": done[Action.CONFLICT],
        }


def change(before: User | None, after: User | None, *, why: str = "") -> Plan:
    """A plan of one step that a person asked for; empty when it would change nothing."""
    if before == after:
        return Plan(unchanged=1, read=1, usable=1)
    return Plan(steps=(Step(action(before, after), before, after, why=why),), read=1, usable=1)


def action(before: User | None, after: User | None) -> Action:
    """What a step from one to the other does."""
    if before is None:
        return Action.CREATE
    if after is None:
        return Action.DELETE
    if after.status is before.status:
        return Action.UPDATE
    return {Status.ACTIVE: Action.RESTORE, Status.MISSING: Action.MISSING, Status.DISABLED: Action.DISABLE}[
        after.status
    ]


_DEFAULTS: dict[str, Any] = {
    "aliases": [],
    "first_name": "",
    "last_name": "",
    "kind": Kind.MAILBOX.value,
    "source_id": None,
    "source_key": None,
    "status": Status.ACTIVE.value,
    "reason": "",
    "missing_since": None,
    "by_hand": [],
    "exempt": False,
}


def user_to_json(user: User | None) -> dict[str, object] | None:
    """A user as JSON for the record of a change; what is at its default is left out."""
    if user is None:
        return None
    full: dict[str, object] = {
        "address": user.address,
        "group_id": user.group_id,
        "origin": user.origin.value,
        "aliases": list(user.aliases),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "kind": user.kind.value,
        "source_id": user.source_id,
        "source_key": user.source_key,
        "status": user.status.value,
        "reason": user.reason,
        "missing_since": user.missing_since.isoformat() if user.missing_since else None,
        "by_hand": sorted(user.by_hand),
        "exempt": user.exempt,
    }
    return {name: value for name, value in full.items() if name not in _DEFAULTS or value != _DEFAULTS[name]}


def user_from_json(data: Mapping[str, Any] | None, user_id: int | None) -> User | None:
    """The inverse of `user_to_json`."""
    if data is None:
        return None
    held = {**_DEFAULTS, **data}
    since = held["missing_since"]
    return User(
        address=Address(held["address"]),
        group_id=held["group_id"],
        origin=Origin(held["origin"]),
        aliases=tuple(Address(alias) for alias in held["aliases"]),
        first_name=held["first_name"],
        last_name=held["last_name"],
        kind=Kind(held["kind"]),
        source_id=held["source_id"],
        source_key=held["source_key"],
        status=Status(held["status"]),
        reason=held["reason"],
        missing_since=dt.datetime.fromisoformat(since) if since else None,
        by_hand=frozenset(held["by_hand"]),
        exempt=held["exempt"],
        id=user_id,
    )
