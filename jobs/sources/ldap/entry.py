"""One entry of a directory, as raw values, becomes a Person or a Reject. Pure.

The attributes are those of Active Directory with Exchange where they exist, else of inetOrgPerson (RFC 2798).
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from functools import lru_cache

from console.core.address import Address, key, parse
from console.core.errors import AddressError
from console.core.person import Kind, Person, Reject

ATTRIBUTES = (
    "mail",
    "proxyAddresses",
    "givenName",
    "sn",
    "displayName",
    "cn",
    "objectGUID",
    "entryUUID",
    "nsUniqueId",
    "userAccountControl",
    "objectClass",
    "msExchRecipientTypeDetails",
    "sAMAccountName",
)

Values = Mapping[str, Sequence[bytes]]

_LISTS = frozenset({b"group", b"groupofnames", b"groupofuniquenames", b"posixgroup", b"msexchdynamicdistributionlist"})

# msExchRecipientTypeDetails, the second ones where the mailbox is in Office 365. Shared and resource mailboxes are
# disabled accounts by nature, and they receive mail.
_KINDS = {
    b"4": Kind.SHARED,
    b"34359738368": Kind.SHARED,
    b"16": Kind.RESOURCE,
    b"32": Kind.RESOURCE,
    b"8589934592": Kind.RESOURCE,
    b"17179869184": Kind.RESOURCE,
}

_ACCOUNT_DISABLED = 0x2  # ADS_UF_ACCOUNTDISABLE of userAccountControl; it is combined with other bits.

# The mailboxes that Exchange makes for itself. Migration and FederatedEmail are followed by a GUID: without it they
# could be people's mailboxes (migration.team@), whose mail would be lost.
_GUID = r"\{?[0-9a-f]{8}-[0-9a-f]{4}-"
_SYSTEM = re.compile(
    rf"HealthMailbox|SystemMailbox ?{{|DiscoverySearchMailbox|(Migration|FederatedEmail)\.{_GUID}",
    re.IGNORECASE,
)

_PREFIX = re.compile(r"[A-Za-z0-9.-]+")
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_NAME_LIMIT = 200
_WHAT_LIMIT = 400


def person_from_entry(dn: str, attributes: Values) -> Person | Reject:
    """The recipient that an entry stands for; whatever its bytes are, it is a Person or a Reject that says why not.

    Attribute names are compared without regard to case, and options (`;lang-de`) are taken off.
    """
    values = _plain(attributes)
    where = _clean(dn)
    classes = {value.lower() for value in values.get("objectclass", ())}
    claims = _claims(values)
    if reason := _no_recipient(values, classes, claims):
        return Reject(where, _what(*claims), reason)
    addresses, notes = _addresses(where, claims)
    if not addresses:
        return Reject(where, _what(*claims), notes[0].why if notes else "The entry has no mail address.")
    first_name, last_name = _names(values)
    kind = _kind(values, classes)
    return Person(
        where=where,
        primary=addresses[0],
        key=_key(values),
        aliases=tuple(addresses[1:]),
        first_name=first_name,
        last_name=last_name,
        kind=kind,
        left_out="disabled in the directory" if kind is Kind.MAILBOX and _disabled(values) else "",
        notes=tuple(notes),
    )


@lru_cache(maxsize=1024)
def _plain_name(name: str) -> str:
    return name.partition(";")[0].lower()


def _plain(attributes: Values) -> dict[str, Sequence[bytes]]:
    plain: dict[str, Sequence[bytes]] = {_plain_name(name): values for name, values in attributes.items()}
    if len(plain) < len(attributes):  # One attribute with several options.
        plain.clear()
        for name, values in attributes.items():
            plain[_plain_name(name)] = [*plain.get(_plain_name(name), ()), *values]
    return plain


def _clean(text: str) -> str:
    """One line without control characters, which neither a page nor a PostgreSQL text (NUL) could hold."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return " ".join(text.translate(_CONTROL).split())


def _text(value: bytes) -> str:
    return _clean(value.decode("utf-8", "replace"))


def _what(*claims: str) -> str:
    return _clean(", ".join(claims))[:_WHAT_LIMIT]


def _claims(values: Values) -> list[str]:
    """The texts that claim to be mail addresses, the primary first.

    In proxyAddresses `SMTP:` in capitals marks the primary, `smtp:` the others; further prefixes (sip:, x500:, eum:)
    mark what is no mail address. The first value of mail is the primary where there is no better one.
    """
    primary: list[str] = []
    others: list[str] = []
    for value in values.get("proxyaddresses", ()):
        text = value.decode("utf-8", "replace").strip()
        prefix, colon, rest = text.partition(":")
        if prefix == "SMTP":
            primary.append(rest.strip())
        elif prefix.lower() == "smtp":
            others.append(rest.strip())
        elif not colon or not _PREFIX.fullmatch(prefix):
            others.append(text)
    mail = [value.decode("utf-8", "replace").strip() for value in values.get("mail", ())]
    return [claim for claim in dict.fromkeys([*primary, *mail, *others]) if claim]


def _no_recipient(values: Values, classes: set[bytes], claims: list[str]) -> str:
    """Why no mail is delivered to this entry here, or nothing."""
    if b"contact" in classes:
        return "A contact: mail for its address is delivered elsewhere."
    names = [_text(_first(values, "cn")), _text(_first(values, "samaccountname"))]
    if any(map(_SYSTEM.match, [*names, *claims])):
        return "A mailbox that Exchange made for itself, not a recipient."
    return ""


def _addresses(where: str, claims: list[str]) -> tuple[list[Address], list[Reject]]:
    addresses: dict[str, Address] = {}
    notes: list[Reject] = []
    for claim in claims:
        try:
            address = parse(claim)
        except AddressError as error:
            notes.append(Reject(where, _what(claim), error.sentence))
        else:
            addresses.setdefault(key(address), address)
    return list(addresses.values()), notes


def _kind(values: Values, classes: set[bytes]) -> Kind:
    if not classes.isdisjoint(_LISTS):
        return Kind.LIST
    if b"publicfolder" in classes:
        return Kind.PUBLIC_FOLDER
    return _KINDS.get(_first(values, "msexchrecipienttypedetails").strip(), Kind.MAILBOX)


def _disabled(values: Values) -> bool:
    try:
        return bool(int(_first(values, "useraccountcontrol")) & _ACCOUNT_DISABLED)
    except ValueError:
        return False


def _names(values: Values) -> tuple[str, str]:
    """First and last name; where the entry has neither, its display name is the last one: guesses split it wrong."""
    first = _text(_first(values, "givenname"))[:_NAME_LIMIT]
    last = _text(_first(values, "sn"))[:_NAME_LIMIT]
    if first or last:
        return first, last
    return "", (_text(_first(values, "displayname")) or _text(_first(values, "cn")))[:_NAME_LIMIT]


def _key(values: Values) -> str | None:
    """The directory's own immutable identity in its usual spelling. A GUID's first three parts are little-endian."""
    guid = _first(values, "objectguid")
    if len(guid) == 16:
        return str(uuid.UUID(bytes_le=guid))
    return (_text(_first(values, "entryuuid")) or _text(_first(values, "nsuniqueid"))).lower() or None


def _first(values: Values, name: str) -> bytes:
    found = values.get(name)
    return found[0] if found else b""
