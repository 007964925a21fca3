"""One entry of a directory, as raw values, becomes a Person or a Reject. Pure."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from console.core.address import Address, key, parse
from console.core.errors import AddressError
from console.core.person import Person, Reject
from jobs.sources.ldap import kinds
from jobs.sources.ldap.attributes import AD, AttributeMap
from jobs.sources.ldap.kinds import EVERYTHING_USUAL, Values, Wanted

_AD = AD.plain()

_PREFIX = re.compile(r"[A-Za-z0-9.-]+")
_HEXADECIMAL = re.compile(r"[0-9A-Fa-f-]+")
_CONTROL = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), " ")
_NAME_LIMIT = 200
_WHAT_LIMIT = 400
_KEY_LIMIT = 200


def person_from_entry(
    dn: str,
    attributes: Mapping[str, Sequence[bytes]],
    names: AttributeMap = _AD,
    wanted: Wanted = EVERYTHING_USUAL,
) -> Person | Reject:
    """The recipient that an entry stands for; whatever its bytes are, it is a Person or a Reject that says why not.

    Attribute names are compared without regard to case and options (`;lang-de`) are taken off; those of `names` must be
    in small letters (AttributeMap.plain).
    """
    values = _plain(attributes)
    where = _clean(dn)
    claims = _claims(values, names)
    classes = kinds.classes_of(values)
    if reason := kinds.no_recipient(values, classes, claims):
        return Reject(where, _what(*claims), reason)
    addresses, notes = _addresses(where, claims)
    if not addresses:
        return Reject(where, _what(*claims), notes[0].why if notes else "The entry has no mail address.")
    first_name, last_name = _names(values, names)
    kind = kinds.kind_of(values, classes)
    return Person(
        where=where,
        primary=addresses[0],
        key=key_of(values, names),
        aliases=tuple(addresses[1:]),
        first_name=first_name,
        last_name=last_name,
        kind=kind,
        left_out=kinds.left_out(values, kind, wanted),
        notes=tuple(notes),
    )


@lru_cache(maxsize=1024)
def _plain_name(name: str) -> str:
    return name.partition(";")[0].lower()


def _plain(attributes: Mapping[str, Sequence[bytes]]) -> Values:
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


def _what(*claims: str) -> str:
    return _clean(", ".join(claims))[:_WHAT_LIMIT]


def _all(values: Values, names: Sequence[str]) -> list[str]:
    return [value.decode("utf-8", "replace").strip() for name in names for value in values.get(name, ())]


def _claims(values: Values, names: AttributeMap) -> list[str]:
    """The texts that claim to be mail addresses, the primary first.

    In proxyAddresses `SMTP:` in capitals marks the primary, `smtp:` the others; further prefixes (sip:, x500:, eum:)
    mark what is no mail address. The first value of mail is the primary where there is no better one.
    """
    primary: list[str] = []
    others: list[str] = []
    for text in _all(values, names.aliases):
        prefix, colon, rest = text.partition(":")
        if prefix == "SMTP":
            primary.append(rest.strip())
        elif prefix.lower() == "smtp":
            others.append(rest.strip())
        elif not colon or not _PREFIX.fullmatch(prefix):
            others.append(text)
    return [claim for claim in dict.fromkeys([*primary, *_all(values, names.mail), *others]) if claim]


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


def _names(values: Values, names: AttributeMap) -> tuple[str, str]:
    """First and last name; where the entry has neither, its display name is the last one: guesses split it wrong."""
    first_name = _text(values, names.first_name)[:_NAME_LIMIT]
    last_name = _text(values, names.last_name)[:_NAME_LIMIT]
    if first_name or last_name:
        return first_name, last_name
    return "", _text(values, names.display_name)[:_NAME_LIMIT]


def _text(values: Values, names: Sequence[str]) -> str:
    """The first value of the first of these attributes that has one."""
    for name in names:
        if (found := values.get(name)) and (text := _clean(found[0].decode("utf-8", "replace"))):
            return text
    return ""


def key_of(values: Values, names: AttributeMap) -> str | None:
    """The directory's own immutable identity in its usual spelling."""
    for name in names.key:
        value = kinds.first(values, name)
        if name == "objectguid":
            if len(value) == 16:
                return _guid(value)
        elif text := _identity(value):
            return text
    return None


def _guid(value: bytes) -> str:
    """16 bytes of which the first three parts are little-endian; uuid.UUID takes four times as long for it."""
    last = value[8:].hex()
    return f"{value[3::-1].hex()}-{value[5:3:-1].hex()}-{value[7:5:-1].hex()}-{last[:4]}-{last[4:]}"


def _identity(value: bytes) -> str:
    """A key as text: bytes that are none in hexadecimal, long ones as their hash.

    Capitals are made small only among digits: other keys may differ in nothing else.
    """
    try:
        text = value.decode().strip()
    except UnicodeDecodeError:
        text = ""
    if not text.isprintable() or not text:
        text = value.hex()
    if len(text) > _KEY_LIMIT:
        return hashlib.sha256(text.encode()).hexdigest()
    return text.lower() if _HEXADECIMAL.fullmatch(text) else text
