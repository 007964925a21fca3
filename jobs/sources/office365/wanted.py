"""What a source takes from a tenant, and what Graph is asked for."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from typing import Self

from console.core.errors import SourceError
from console.core.person import Kind

USER_PROPERTIES = (
    "id",
    "displayName",
    "givenName",
    "surname",
    "mail",
    "proxyAddresses",
    "userPrincipalName",
    "userType",
)
GROUP_PROPERTIES = ("id", "displayName", "mail", "proxyAddresses", "mailEnabled")

_NOT_WANTED = {
    Kind.MAILBOX: "people are not synced from this source",
    Kind.SHARED: "shared mailboxes are not synced from this source",
    Kind.RESOURCE: "rooms and equipment are not synced from this source",
    Kind.LIST: "groups are not synced from this source",
}

KINDS = tuple(_NOT_WANTED)
"""The kinds that Microsoft Graph knows."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The switches of “what to sync”. What they leave out counts as absent. Guests are never synced.

    `shared` is for shared, room and equipment mailboxes, `groups` for distribution lists, mail-enabled security groups
    and Microsoft 365 groups. There is no switch for disabled accounts: those of shared mailboxes and rooms are disabled
    by nature, and without the permission to ask what a mailbox is for nobody can tell them from a person's.
    """

    people: bool = True
    shared: bool = True
    groups: bool = True

    def left_out(self, kind: Kind) -> str:
        """Why the switches leave out what is of this kind, or nothing."""
        wanted = self.people if kind is Kind.MAILBOX else self.groups if kind is Kind.LIST else self.shared
        return "" if wanted else _NOT_WANTED[kind]

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """From `sync_people`, `sync_shared` and `sync_groups`; raises SourceError."""
        switches: dict[str, bool] = {}
        for switch in dataclass_fields(cls):
            value = data.get(f"sync_{switch.name}")
            if isinstance(value, bool):
                switches[switch.name] = value
            elif value is not None:
                raise SourceError(f"sync_{switch.name} must be true or false.", permanent=True)
        return cls(**switches)


EVERYTHING_USUAL = Wanted()


def fingerprint(*parts: object) -> str:
    """A short name for what was asked for: another one means that what was read before says nothing now."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()[:32]
