"""One object of Graph, a user or a group, becomes a Person or a Reject. Pure, and called for each of 50,000."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from console.core.address import Address, key, parse
from console.core.errors import AddressError
from console.core.person import Kind, Person, Reject
from jobs.sources.office365.wanted import EVERYTHING_USUAL, KINDS, Wanted

GraphObject = Mapping[str, Any]

# A tenant's own first domain, in each of Microsoft's clouds. Everybody has an address there, which no perimeter sees.
_INITIAL = (".onmicrosoft.com", ".onmicrosoft.us", ".onmschina.cn")

# The mailboxes that Exchange makes for itself. Migration and FederatedEmail are followed by a GUID: without it they
# could be people's mailboxes, whose mail would be lost.
_GUID = r"\{?[0-9a-f]{8}-[0-9a-f]{4}-"
_SYSTEM = re.compile(
    rf"HealthMailbox|SystemMailbox ?{{|DiscoverySearchMailbox|(?:Migration|FederatedEmail)\.{_GUID}", re.IGNORECASE
)

_PREFIX = re.compile(r"[A-Za-z0-9.-]+")
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_NAME_LIMIT, _WHAT_LIMIT, _WHERE_LIMIT, _KEY_LIMIT = 200, 400, 400, 200
_KIND_UNKNOWN = frozenset({"kind"})
_NOTHING: frozenset[str] = frozenset()

GUEST = "A guest of the tenant: mail for its address is delivered elsewhere."
SYSTEM = "A mailbox that Exchange made for itself, not a recipient."
NO_ADDRESS = "It has no mail address."
INITIAL_ONLY = "Its only addresses are in the tenant's own onmicrosoft.com domain."
NO_ID = "It came without an ID."


class Reader:
    """Makes people of objects, as one source wants them.

    `domains` are the names of the mail domain. `kinds` holds by id what is known of mailboxes; those that are not in it
    are taken as people's, and `silent` on their kind.
    """

    def __init__(
        self,
        wanted: Wanted = EVERYTHING_USUAL,
        domains: frozenset[str] = frozenset(),
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        self._left_out = {kind: wanted.left_out(kind) for kind in KINDS}
        self._domains = domains
        self._kinds = kinds or {}

    def user(self, found: GraphObject) -> Person | Reject:
        """A user of the tenant: a person, a shared mailbox, a room."""
        name, mail, identity = found.get("userPrincipalName"), found.get("mail"), found.get("id")
        if not (isinstance(name, str) and isinstance(mail, str) and isinstance(identity, str)):
            name, mail, identity = _text(found, "userPrincipalName"), _text(found, "mail"), _text(found, "id")
        where = _line(name or found.get("displayName") or identity, _WHERE_LIMIT)
        if found.get("userType") == "Guest" or ("#" in name and "#EXT#" in name.upper()):
            return Reject(where, _what([mail]), GUEST)
        if _SYSTEM.match(name) or (mail != name and _SYSTEM.match(mail)):
            return Reject(where, _what([mail]), SYSTEM)
        first_name = _line(found.get("givenName"), _NAME_LIMIT)
        last_name = _line(found.get("surname"), _NAME_LIMIT)
        if not first_name and not last_name:
            last_name = _line(found.get("displayName"), _NAME_LIMIT)
        return self._person(found, identity, where, (first_name, last_name), self._kinds.get(identity))

    def group(self, found: GraphObject) -> Person | Reject:
        """A distribution list, a mail-enabled security group or a Microsoft 365 group: each hands mail on to others."""
        identity = _text(found, "id")
        name = found.get("displayName")
        where = _line(_text(found, "mail") or name or identity, _WHERE_LIMIT)
        return self._person(found, identity, where, ("", _line(name, _NAME_LIMIT)), Kind.LIST)

    def _person(
        self, found: GraphObject, identity: str, where: str, names: tuple[str, str], known: Kind | None
    ) -> Person | Reject:
        claims = _claims(found)
        if not identity or len(identity) > _KEY_LIMIT:
            return Reject(where, _what(claims), NO_ID)
        addresses: dict[str, Address] = {}
        notes: tuple[Reject, ...] = ()
        initial = False
        for claim in claims:
            if claim.endswith(_INITIAL) and self._elsewhere(claim):
                initial = True
                continue
            try:
                address = parse(claim)
            except AddressError as error:
                if claim.strip():
                    notes = (*notes, Reject(where, _what([claim]), error.sentence))
                continue
            if address != claim and address.endswith(_INITIAL) and self._elsewhere(address):
                initial = True
            else:
                addresses.setdefault(address if address.isascii() else key(address), address)
        if not addresses:
            why = notes[0].why if notes else INITIAL_ONLY if initial else NO_ADDRESS
            return Reject(where, _what(claims), why)
        primary, *aliases = addresses.values()
        kind = known or Kind.MAILBOX
        unsure = _NOTHING if known else _KIND_UNKNOWN
        return Person(
            where, primary, identity, tuple(aliases), *names, kind, self._left_out[kind], notes, silent=unsure
        )

    def _elsewhere(self, address: str) -> bool:
        return address.rpartition("@")[2] not in self._domains


def _claims(found: GraphObject) -> list[str]:
    """The texts that claim to be mail addresses, the primary first.

    In proxyAddresses `SMTP:` in capitals marks the primary, `smtp:` the others; further prefixes (sip:, x500:, eum:)
    mark what is no mail address. `mail` is the primary where there is no better one.
    """
    primary: list[str] = []
    others: list[str] = []
    listed = found.get("proxyAddresses")
    for text in listed if isinstance(listed, list) else ():
        if not isinstance(text, str):
            continue
        prefix, colon, rest = text.partition(":")
        if prefix == "smtp":
            others.append(rest)
        elif prefix == "SMTP":
            primary.append(rest)
        elif prefix.lower() == "smtp":
            others.append(rest)
        elif not colon or not _PREFIX.fullmatch(prefix):
            others.append(text)
    mail = found.get("mail")
    if isinstance(mail, str) and mail not in primary:
        primary.append(mail)
    primary += others
    return primary


def _text(found: GraphObject, name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""


def _line(value: object, limit: int) -> str:
    """One line without control characters, which neither a page nor a PostgreSQL text (NUL) could hold."""
    if not isinstance(value, str):
        return ""
    if value.isascii() and value.isprintable():
        return value.strip()[:limit]
    return " ".join(value.translate(_CONTROL).encode("utf-8", "replace").decode().split())[:limit]


def _what(claims: Iterable[str]) -> str:
    return _line(", ".join(claim for claim in claims if claim.strip()), _WHAT_LIMIT)
