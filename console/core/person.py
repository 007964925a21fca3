"""The words of the list: what a source says (Person, Reject, Snapshot) and what the console holds (User)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from console.core.address import Address
from console.core.quick import quick


class Kind(StrEnum):
    """What stands behind a recipient. Only a mailbox is billable."""

    MAILBOX = "mailbox"
    SHARED = "shared"
    RESOURCE = "resource"
    LIST = "list"
    PUBLIC_FOLDER = "public_folder"


class Origin(StrEnum):
    """Where a user came from, and so who owns it."""

    MANUAL = "manual"
    CSV = "csv"
    DISCOVERY = "discovery"
    SOURCE = "source"


class Status(StrEnum):
    """Active and missing users receive mail, disabled ones are rejected at the perimeter."""

    ACTIVE = "active"
    MISSING = "missing"
    DISABLED = "disabled"


BILLABLE = frozenset({Kind.MAILBOX})


@dataclass(frozen=True, slots=True)
class Reject:
    """Something a source read and could not use: shown to the administrator, never swallowed.

    `where` tells the place (a DN, a line number), `what` the value, `why` is a sentence.
    """

    where: str
    what: str
    why: str


@quick
@dataclass(frozen=True, slots=True)
class Person:
    """One recipient as a source tells it.

    `key` is the directory's own immutable identity (objectGUID, entryUUID, Graph id) in text form, or None.
    `primary` and `aliases` are all mail addresses of the entry, of whatever domain; the rules choose those of the
    domain. `left_out` is a reason when the source's own switches leave the entry out (a disabled person, say): it then
    counts as absent. `notes` are values of this entry that could not be used, although the entry could. `group` is the
    name of a group, where the source has such a thing. `silent` names what the source does not speak of ("first_name",
    "last_name", "kind", "aliases", "status"): a user that is known already keeps its own.
    """

    where: str
    primary: Address
    key: str | None = None
    aliases: tuple[Address, ...] = ()
    first_name: str = ""
    last_name: str = ""
    kind: Kind = Kind.MAILBOX
    left_out: str = ""
    notes: tuple[Reject, ...] = ()
    group: str = ""
    silent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a source said. Every entry read is either one of `people` or one of `rejects`.

    `complete` is true only if the source was read to its end; only then may absence mean anything. `changes` is true
    where only what changed was asked for: entries that are not here are as they were, and `gone` are the keys of those
    that are known to be recipients no longer. `watermark` is where a later read of changes may start, in the source's
    own words. `remarks` are what the source has to say of itself (a server that did not answer, and which one was used
    instead): no entries. `instead` says why it was read in full although only changes were asked for.
    """

    people: tuple[Person, ...]
    rejects: tuple[Reject, ...] = ()
    complete: bool = False
    remarks: tuple[Reject, ...] = ()
    changes: bool = False
    gone: frozenset[str] = frozenset()
    watermark: Mapping[str, Any] | None = None
    instead: str = ""

    @property
    def read(self) -> int:
        return len(self.people) + len(self.rejects)


@quick
@dataclass(frozen=True, slots=True)
class User:
    """A recipient as the console holds it: the state that a Plan changes from and to.

    `id` is None before it is stored. `aliases` are sorted. `by_hand` names what a person set and a sync must keep:
    field names ("kind", "group_id", "name", "status") and addresses added by hand.
    """

    address: Address
    group_id: int
    origin: Origin
    aliases: tuple[Address, ...] = ()
    first_name: str = ""
    last_name: str = ""
    kind: Kind = Kind.MAILBOX
    source_id: int | None = None
    source_key: str | None = None
    status: Status = Status.ACTIVE
    reason: str = ""
    missing_since: dt.datetime | None = None
    by_hand: frozenset[str] = frozenset()
    exempt: bool = False
    id: int | None = field(default=None, compare=False)

    @property
    def addresses(self) -> tuple[Address, ...]:
        return (self.address, *self.aliases)

    @property
    def billable(self) -> bool:
        """A disabled mailbox receives nothing and is not billed."""
        return self.kind in BILLABLE and self.status is not Status.DISABLED
