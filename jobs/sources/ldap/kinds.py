"""What stands behind an entry, and whether a source wants it. Pure.

Active Directory tells its kinds by msExchRecipientTypeDetails, which only Exchange's schema has. Where it is missing
(Samba, an Active Directory that never saw Exchange) a shared mailbox cannot be told from a disabled person: it is taken
for one, and left out unless disabled people are wanted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.core.person import Kind

Values = Mapping[str, Sequence[bytes]]
"""The attributes of an entry by their names in small letters, without options."""

_LISTS = frozenset({b"group", b"groupofnames", b"groupofuniquenames", b"posixgroup", b"msexchdynamicdistributionlist"})

# msExchRecipientTypeDetails; where there are two of a sort, the second is for a mailbox that is in Office 365.
_KINDS = {
    b"4": Kind.SHARED,
    b"34359738368": Kind.SHARED,
    b"137438953472": Kind.SHARED,  # a team's (site) mailbox
    b"274877906944": Kind.SHARED,
    b"17592186044416": Kind.SHARED,  # of a booking page
    b"16": Kind.RESOURCE,
    b"8589934592": Kind.RESOURCE,
    b"32": Kind.RESOURCE,
    b"17179869184": Kind.RESOURCE,
    b"2199023255552": Kind.RESOURCE,  # a room whose owner is in another forest
    b"4096": Kind.PUBLIC_FOLDER,
}

# msExchRecipientDisplayType, where the other is missing: rooms and equipment, here and synced from elsewhere.
_SHOWN_AS = dict.fromkeys((b"7", b"8", b"-2147481850", b"-2147481594"), Kind.RESOURCE)

# The account of a linked mailbox is disabled by nature: its owner signs in with one of another forest.
_LINKED = b"2"

_CONTACTS = frozenset({b"64", b"32768", b"131072"})

# System attendant, system, Microsoft Exchange, arbitration, mailbox plan, discovery, public folders' store, monitoring,
# audit logs, supervisory review.
_SYSTEM_TYPES = frozenset(
    {
        b"8192",
        b"16384",
        b"4194304",
        b"8388608",
        b"16777216",
        b"536870912",
        b"68719476736",
        b"549755813888",
        b"4398046511104",
        b"70368744177664",
        b"140737488355328",
    }
)

# The mailboxes that Exchange makes for itself. Migration and FederatedEmail are followed by a GUID: without it they
# could be people's mailboxes (migration.team@), whose mail would be lost.
_GUID = r"\{?[0-9a-f]{8}-[0-9a-f]{4}-"
_SYSTEM = re.compile(
    rf"HealthMailbox|SystemMailbox ?{{|DiscoverySearchMailbox|(Migration|FederatedEmail)\.{_GUID}",
    re.IGNORECASE,
)

_ACCOUNT_DISABLED = 0x2  # ADS_UF_ACCOUNTDISABLE of userAccountControl; it is combined with other bits.

_NOT_WANTED = {
    Kind.MAILBOX: "people are not synced from this source",
    Kind.SHARED: "shared mailboxes are not synced from this source",
    Kind.RESOURCE: "rooms and equipment are not synced from this source",
    Kind.LIST: "groups are not synced from this source",
    Kind.PUBLIC_FOLDER: "public folders are not synced from this source",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The switches of "what to sync". What they leave out is read all the same, and counts as absent.

    `shared` is for shared, room and equipment mailboxes, `groups` for distribution lists and mail-enabled groups,
    `disabled` for people whose account is disabled, `hidden` for whatever is hidden from address lists.
    """

    people: bool = True
    shared: bool = True
    groups: bool = True
    public_folders: bool = True
    disabled: bool = False
    hidden: bool = True

    def kind(self, kind: Kind) -> bool:
        if kind is Kind.MAILBOX:
            return self.people
        if kind is Kind.LIST:
            return self.groups
        return self.public_folders if kind is Kind.PUBLIC_FOLDER else self.shared


EVERYTHING_USUAL = Wanted()


def classes_of(values: Values) -> set[bytes]:
    return {value.lower() for value in values.get("objectclass", ())}


def kind_of(values: Values, classes: set[bytes]) -> Kind:
    if not classes.isdisjoint(_LISTS):
        return Kind.LIST
    if b"publicfolder" in classes:
        return Kind.PUBLIC_FOLDER
    if details := _type(values):
        return _KINDS.get(details, Kind.MAILBOX)
    return _SHOWN_AS.get(first(values, "msexchrecipientdisplaytype").strip(), Kind.MAILBOX)


def no_recipient(values: Values, classes: set[bytes], claims: Iterable[str]) -> str:
    """Why no mail is delivered to this entry here, or nothing. `claims` are its addresses as texts.

    A mail user (type 128) is not named here: mail for those of its addresses that are in the domain is accepted and
    sent on, and whether they are is not known yet.
    """
    details = _type(values)
    if b"contact" in classes or details in _CONTACTS:
        return "A contact: mail for its address is delivered elsewhere."
    names = [first(values, name).decode("utf-8", "replace").strip() for name in ("cn", "samaccountname")]
    if details in _SYSTEM_TYPES or any(map(_SYSTEM.match, [*names, *claims])):
        return "A mailbox that Exchange made for itself, not a recipient."
    return ""


def left_out(values: Values, kind: Kind, wanted: Wanted) -> str:
    """Why the switches leave this entry out, or nothing. Only a person is ever left out for being disabled: shared
    mailboxes, rooms and equipment are disabled accounts by nature, and they receive mail.
    """
    if not wanted.kind(kind):
        return _NOT_WANTED[kind]
    if kind is Kind.MAILBOX and not wanted.disabled and _disabled(values):
        return "disabled in the directory"
    if not wanted.hidden and first(values, "msexchhidefromaddresslists").strip().upper() == b"TRUE":
        return "hidden from address lists, which this source leaves out"
    return ""


def first(values: Values, name: str) -> bytes:
    found = values.get(name)
    return found[0] if found else b""


def _type(values: Values) -> bytes:
    return first(values, "msexchrecipienttypedetails").strip()


def _disabled(values: Values) -> bool:
    try:
        disabled = bool(int(first(values, "useraccountcontrol")) & _ACCOUNT_DISABLED)
    except ValueError:
        return False
    return disabled and _type(values) != _LINKED
