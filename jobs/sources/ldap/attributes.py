"""Which attributes of a directory say what: presets for the usual servers, and single fields of them set otherwise."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from console.core.errors import SourceError

# A short name of RFC 4512 section 1.4. Object identifiers are not taken: servers answer them under the short name, and
# the values would never be found. Options (;lang-de) are not, since the values of all options count.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_NAME_LIMIT = 100
_NAMES_LIMIT = 10

# What is asked for whatever the map says: it tells kinds apart.
_ALWAYS = (
    "cn",
    "objectClass",
    "sAMAccountName",
    "userAccountControl",
    "msExchRecipientTypeDetails",
    "msExchRecipientDisplayType",
    "msExchHideFromAddressLists",
)


@dataclass(frozen=True, slots=True)
class AttributeMap:
    """The attributes of each field. All values of `mail` and `aliases` are addresses, the first of them the primary
    unless one is marked `SMTP:`; of the other fields the first attribute that an entry has is taken.

    `key` must never change for an entry, nor be given to another one: a source knows its users by it.
    """

    mail: tuple[str, ...] = ("mail",)
    aliases: tuple[str, ...] = ()
    first_name: tuple[str, ...] = ("givenName",)
    last_name: tuple[str, ...] = ("sn",)
    display_name: tuple[str, ...] = ("displayName", "cn")
    key: tuple[str, ...] = ("entryUUID",)

    def plain(self) -> "AttributeMap":
        """The same map in small letters, as the values of an entry are looked up."""
        return AttributeMap(*(tuple(name.lower() for name in getattr(self, field.name)) for field in fields(self)))

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.mail, *self.aliases)))

    @property
    def wanted(self) -> tuple[str, ...]:
        """The attributes to ask a server for, each once, however it is spelled."""
        named = (*self.addresses, *self.first_name, *self.last_name, *self.display_name, *self.key, *_ALWAYS)
        return tuple({name.lower(): name for name in reversed(named)}.values())[::-1]


# Active Directory with or without Exchange. The identities of other servers are looked at too, since a source may have
# been set up for one of them before there was a choice.
AD = AttributeMap(aliases=("proxyAddresses",), key=("objectGUID", "entryUUID", "nsUniqueId"))

# inetOrgPerson (RFC 2798), with the further addresses of inetLocalMailRecipient (draft-lachman-laser-ldap-mail-routing,
# in OpenLDAP's misc.schema) and of Netscape's and qmail's schemas. mgrpRFC822MailMember is none of them: it holds the
# members of a list, not its own addresses.
OPENLDAP = AttributeMap(aliases=("mailLocalAddress", "mailAlternateAddress"))

# Any server: what nearly all have, and every identity that one of them may have.
GENERIC = AttributeMap(key=("entryUUID", "nsUniqueId", "objectGUID"))

PRESETS: Mapping[str, AttributeMap] = {"ad": AD, "openldap": OPENLDAP, "generic": GENERIC}

_LABELS = {
    "mail": "mail address",
    "aliases": "aliases",
    "first_name": "first name",
    "last_name": "last name",
    "display_name": "display name",
    "key": "key",
}


def chosen(preset: object, overrides: object) -> AttributeMap:
    """A preset with single fields set otherwise, as they are stored; raises SourceError that names what is wrong.

    Each field is a text with one attribute or several, separated by commas or blanks; an empty one leaves the preset's.
    """
    known = PRESETS.get(str(preset or "ad"))
    if known is None:
        raise SourceError(f"The kind of directory must be one of {', '.join(PRESETS)}.", permanent=True)
    if not isinstance(overrides or {}, Mapping):
        raise SourceError("The attributes must be given by field, such as mail and aliases.", permanent=True)
    given: Mapping[object, object] = overrides or {}  # type: ignore[assignment]  # checked just above
    for name in given:
        if name not in {field.name for field in fields(AttributeMap)}:
            raise SourceError(f"There is no field {name!s:.60} to choose an attribute for.", permanent=True)
    return replace(known, **{str(name): names for name, text in given.items() if (names := _names(str(name), text))})


def _names(field: str, text: object) -> tuple[str, ...]:
    if text is not None and not isinstance(text, str):
        raise SourceError(f"The attribute for the {_LABELS[field]} must be a text.", permanent=True)
    names = tuple(dict.fromkeys(re.split(r"[\s,]+", (text or "").strip(" ,\t\n\r")))) if text else ()
    names = tuple(name for name in names if name)
    for name in names:
        if not _NAME.fullmatch(name) or len(name) > _NAME_LIMIT:
            raise SourceError(
                f"The attribute for the {_LABELS[field]} is not the name of one: {name[:_NAME_LIMIT]}. A right one "
                "looks like mailAlternateAddress.",
                permanent=True,
            )
    if len(names) > _NAMES_LIMIT:
        raise SourceError(f"At most {_NAMES_LIMIT} attributes can hold the {_LABELS[field]}.", permanent=True)
    return names
