"""Where a directory stands: what a later read of changes can start from.

Active Directory counts its changes for each controller: `uSNChanged` of an entry, `highestCommittedUSN` of the RootDSE
([MS-ADTS] sections 3.1.1.1.9 and 3.1.1.3.2.19). The count is worth something only together with the controller's
`invocationId`, which changes when its database is restored. OpenLDAP keeps in `contextCSN` (RFC 4533; slapo-syncprov)
the newest change of each provider: as long as it is the same nothing has changed, deletions included. What was
deleted meanwhile, OpenLDAP does not tell, so that there is no reading of changes there beyond "there are none".
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jobs.sources.ldap import filters
from jobs.sources.ldap.attributes import AD
from jobs.sources.ldap.session import Session
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.strategy import raw

SHOW_DELETED = "1.2.840.113556.1.4.417"

_ROOT = (
    "defaultNamingContext",
    "namingContexts",
    "schemaNamingContext",
    "dsServiceName",
    "highestCommittedUSN",
    "supportedControl",
)

# Attributes that are kept with their entry, so that a change of them is a change of the entry.
_OWN = frozenset(name.lower() for name in AD.wanted)
_CONSTRUCTED = 0x4  # FLAG_ATTR_IS_CONSTRUCTED of systemFlags, [MS-ADTS] section 2.2.10

# LDAP_MATCHING_RULE_TRANSITIVE_EVAL follows links to other entries.
_IN_CHAIN = "1.2.840.113556.1.4.1941"


@dataclass(frozen=True, slots=True)
class Mark:
    """A controller's count (`origin` is its invocationId), or the change numbers of an OpenLDAP database (`csns`).

    `context` is the naming context that is counted; `shows_deleted` tells whether the account may see deleted entries.
    """

    context: str
    origin: str = ""
    usn: int = 0
    csns: tuple[str, ...] = ()
    shows_deleted: bool = False

    def to_json(self) -> dict[str, Any]:
        if self.csns:
            return {"context": self.context, "csns": list(self.csns)}
        return {"context": self.context, "origin": self.origin, "usn": self.usn}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Mark | None":
        """None for what is no mark of ours."""
        try:
            return cls(
                str(data["context"]),
                str(data.get("origin", "")),
                int(data.get("usn", 0)),
                tuple(str(csn) for csn in data.get("csns", ())),
            )
        except (KeyError, TypeError, ValueError):
            return None


def mark(session: Session, settings: LdapSettings, base: str) -> Mark | None:
    """Where the directory stands now; None where it does not say, or where that would not be enough."""
    root = _entry(session, "", _ROOT)
    context = _text(root, "defaultnamingcontext")
    if _text(root, "highestcommittedusn").isdigit() and _text(root, "dsservicename") and context:
        return _controllers(session, settings, root) if _below(base, context) else None
    suffixes = [suffix for suffix in _texts(root, "namingcontexts") if suffix]
    around = [suffix for suffix in suffixes if _below(base, suffix)]
    if not around or any(_below(suffix, base) for suffix in suffixes if suffix not in around):
        return None
    suffix = max(around, key=len)
    csns = _texts(_entry(session, suffix, ["contextCSN"]), "contextcsn")
    return Mark(suffix, csns=tuple(sorted(csns))) if csns else None


def _controllers(session: Session, settings: LdapSettings, root: Mapping[str, list[bytes]]) -> Mark | None:
    context = _text(root, "defaultnamingcontext")
    if "objectguid" not in settings.attributes.plain().key or not _kept_with_entry(session, settings, root):
        return None
    origin = _entry(session, _text(root, "dsservicename"), ["invocationId"]).get("invocationid", [])
    if not origin:
        return None
    shows = SHOW_DELETED in _texts(root, "supportedcontrol") and _sees_deleted(session, context)
    return Mark(context, origin[0].hex(), int(_text(root, "highestcommittedusn")), shows_deleted=shows)


def _kept_with_entry(session: Session, settings: LdapSettings, root: Mapping[str, list[bytes]]) -> bool:
    """Whether all that decides about an entry is kept with it, and not worked out from others (memberOf, say)."""
    if _IN_CHAIN in settings.filter:
        return False
    named = {*settings.attributes.wanted, *filters.attributes(settings.filter)}
    other = sorted({name.lower().partition(";")[0] for name in named} - _OWN)
    return not other or all(_is_own(session, _text(root, "schemanamingcontext"), name) for name in other)


def _is_own(session: Session, schema: str, name: str) -> bool:
    """Whether the schema calls an attribute neither constructed nor a link back from another entry."""
    if not schema or not name.replace("-", "").isalnum():
        return False
    page = session.search(schema, f"(lDAPDisplayName={name})", ["linkID", "systemFlags"], raw, optional=True)
    if len(page.entries) != 1:
        return False
    found = {label.lower(): values for label, values in page.entries[0][1].items()}
    try:
        back = int(_text(found, "linkid") or 0) % 2
        constructed = int(_text(found, "systemflags") or 0) & _CONSTRUCTED
    except ValueError:
        return False
    return not back and not constructed


def _sees_deleted(session: Session, context: str) -> bool:
    """Whether the account may look into the container of deleted entries: without the right it is not to be seen."""
    held = "(&(isDeleted=TRUE)(cn=Deleted Objects)(objectClass=container))"
    page = session.search(context, held, ["objectGUID"], raw, control=SHOW_DELETED, optional=True)
    return bool(page.entries)


def _entry(session: Session, dn: str, names: Iterable[str]) -> dict[str, list[bytes]]:
    """One entry's attributes by their names in small letters; none where it cannot be read."""
    page = session.search(dn, filters.EVERY, list(names), raw, scope="BASE", optional=True)
    return {name.lower(): values for _, attributes in page.entries for name, values in attributes.items()}


def _below(dn: str, context: str) -> bool:
    """Whether a name is that of the context or below it. Of two ways to write one name only the usual is understood,
    and then the directory is read in full."""
    own, other = _plain(dn), _plain(context)
    return own == other or own.endswith(f",{other}")


def _plain(dn: str) -> str:
    return ",".join(part.strip() for part in dn.lower().split(","))


def _texts(entry: Mapping[str, list[bytes]], name: str) -> list[str]:
    return [value.decode("utf-8", "replace") for value in entry.get(name, ())]


def _text(entry: Mapping[str, list[bytes]], name: str) -> str:
    found = _texts(entry, name)
    return found[0] if found else ""
