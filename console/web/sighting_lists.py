"""The lists of the page Address Discovery: which addresses stand where, and what can be made of them there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.datastructures import MultiDict

from console.core.address import Address, key
from console.core.discovery import Ended, SightingState, Taking
from console.core.person import Kind, Origin, User
from console.models import Discovery, Domain
from console.store import sightings

# No domain has more sightings than this many pages.
LAST_PAGE = sightings.LIMIT // sightings.PAGE
DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Act:
    """What one makes of an address: its button, and a sentence with what it does to the billable mailboxes."""

    label: str
    sentence: str


KINDS = {"resource": Kind.RESOURCE, "shared": Kind.SHARED, "list": Kind.LIST}
ACTS = {
    "add": Act("Add", "a user of its own: one billable mailbox more."),
    "alias": Act("Alias of …", "a further address of somebody whom you choose: not billed."),
    "resource": Act("Resource", "a room or equipment, a user that is not billed."),
    "shared": Act("Shared mailbox", "such as info@, a user that is not billed."),
    "list": Act("List", "a distribution list or a group, a user that is not billed."),
    "not_ours": Act("Not ours", "its mail is rejected, and it is not asked for again. Not billed."),
    "ask": Act("Ask again", "the mail server is asked anew; nothing changes before it has answered."),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: what it is called, whose addresses are on it, the acts that fit them, and those beside each row.

    `cost` says what the acts do to the billable mailboxes, `empty` is said where there is no address.
    """

    label: str
    states: tuple[SightingState, ...]
    acts: tuple[str, ...]
    beside: tuple[str, ...]
    cost: str
    empty: str


_KINDS = tuple(KINDS)
_NEW = "“Add” makes one billable mailbox more of each address. Nothing else here changes how many there are."
LISTS: Mapping[str, Listed] = {
    "review": Listed(
        "In review",
        (SightingState.REVIEW,),
        ("add", "alias", *_KINDS, "not_ours", "ask"),
        ("add", "alias", "resource", "not_ours"),
        _NEW,
        "Addresses that the mail server accepts wait here for your word. Their mail is accepted meanwhile.",
    ),
    DOUBTFUL: Listed(
        "Added in doubt",
        (SightingState.ADDED,),
        ("alias", *_KINDS, "not_ours"),
        ("alias", "resource", "not_ours"),
        "Each billable mailbox among them that you make something else, or say is not yours, is one fewer.",
        "Nothing was added since the mail server last refused an address that nobody has.",
    ),
    "added": Listed(
        "Added",
        (SightingState.ADDED,),
        ("alias", *_KINDS, "not_ours"),
        ("alias", "resource", "not_ours"),
        "Each billable mailbox among them that you make something else, or say is not yours, is one fewer.",
        "As soon as mail comes for an address that the mail server accepts, it stands here, and on the Users page.",
    ),
    "waiting": Listed(
        "No answer yet",
        (SightingState.WAITING, SightingState.UNKNOWN),
        ("ask", "add", "alias", *_KINDS, "not_ours"),
        ("ask", "add", "alias", "not_ours"),
        _NEW,
        "There is an answer for every address that mail came for.",
    ),
    "refused": Listed(
        "Refused",
        (SightingState.REFUSED,),
        ("ask", "add", "alias", *_KINDS, "not_ours"),
        ("ask", "add", "alias", "not_ours"),
        _NEW,
        "The mail server has refused no address so far.",
    ),
    "not_ours": Listed(
        "Not ours",
        (SightingState.NOT_OURS,),
        ("ask", "add", "alias", *_KINDS),
        ("ask", "add", "alias"),
        _NEW,
        "What you say is not yours stands here. Its mail is rejected, and it is never asked for.",
    ),
}


@dataclass(frozen=True, slots=True)
class Who:
    """The user who has an address: whether it is that user's `own` one, made by discovery, or whose alias it is."""

    id: int | None
    kind: str
    billable: bool
    own: bool
    alias_of: str


def who(address: Address, user: User) -> Who:
    """What a row says of the user who has its address."""
    primary = key(user.address) == key(address)
    own = primary and user.origin is Origin.DISCOVERY
    return Who(user.id, user.kind, user.billable, own, "" if primary else user.address)


@dataclass(frozen=True, slots=True)
class Shown:
    """Which part of which list a page shows, as its address line says it."""

    name: str
    q: str = ""
    number: int = 1

    @property
    def listed(self) -> Listed:
        return LISTS[self.name]

    @property
    def place(self) -> dict[str, Any]:
        """What an address line says of it."""
        return {"list": self.name, "q": self.q or None, "page": self.number if self.number > 1 else None}

    def url(self, domain: Domain, *, found: bool = True, **changes: str | int | None) -> str:
        """Its address, or that of another part; the page then shows the list at once, if not `found` its beginning."""
        anchor = "sightings" if found else None
        return url_for("discovery.index", name=domain.name, **{**self.place, **changes}, _anchor=anchor)


def shown(args: MultiDict[str, str], domain: Domain, switch: Discovery | None) -> Shown:
    """What an address line or a form asks for; the list where there is something to do, if it asks for none."""
    name = args.get("list", "")
    if name not in LISTS:
        name = _first(domain, switch)
    number = min(max(args.get("page", 1, type=int), 1), LAST_PAGE)
    return Shown(name, args.get("q", "").replace("\x00", "").strip()[:300], number)


def is_doubtful(switch: Discovery | None) -> bool:
    """Whether discovery ended because the server accepts everybody, so that what was added last is to be looked at."""
    return switch is not None and switch.state == "off" and switch.ended_why == Ended.EVERY_ADDRESS


def sizes(domain: Domain, switch: Discovery | None) -> Mapping[str, int]:
    """How many addresses each list has."""
    counts = sightings.counts(domain.id)
    found = {name: sum(counts[state] for state in item.states) for name, item in LISTS.items()}
    late = sightings.added_since(domain.id, switch.tested_at) if switch is not None and is_doubtful(switch) else ()
    return {**found, DOUBTFUL: len(late)}


def _first(domain: Domain, switch: Discovery | None) -> str:
    found = sizes(domain, switch)
    for name in (DOUBTFUL, "review", "added", "waiting", "refused", "not_ours"):
        if found[name]:
            return name
    return "review" if switch is not None and switch.taking == Taking.REVIEW else "added"
