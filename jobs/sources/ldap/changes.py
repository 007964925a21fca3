"""What changed in an Active Directory since a controller's count stood where it stood: read instead of everything."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from jobs.sources.ldap import failures
from jobs.sources.ldap.entry import key_of
from jobs.sources.ldap.mark import SHOW_DELETED, Mark
from jobs.sources.ldap.reading import EMPTY_PAGES, Reading, read
from jobs.sources.ldap.session import Session
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.strategy import Attributes
from jobs.sources.source import Progress

# What holds no recipients below itself, so that moving it moves nobody else. Whoever is in a branch that was moved
# comes under the search base, or leaves it, without being changed: after any other change everything is read.
_LEAVES = frozenset(
    {
        b"user",
        b"inetorgperson",
        b"computer",
        b"group",
        b"contact",
        b"publicfolder",
        b"msexchdynamicdistributionlist",
        b"foreignsecurityprincipal",
        b"dnsnode",
        b"grouppolicycontainer",
        b"printqueue",
        b"ridset",
        b"ridmanager",
        b"domaindns",
    }
)


@dataclass(slots=True)
class Changes:
    """The changed recipients, and the keys of changed entries that are none (any more), deleted ones among them.

    `branches` tells that a branch of the directory was changed, so that this is not to be relied on.
    """

    reading: Reading
    gone: frozenset[str] = field(default=frozenset())
    branches: bool = False


def why_not(since: Mark | None, now: Mark | None) -> str:
    """Why nothing can be said of the changes between two marks, as a sentence, or nothing."""
    if since is None or now is None or since.context != now.context or bool(since.csns) != bool(now.csns):
        return "The directory does not tell what changed since the last sync."
    if since.csns:
        changed = "The directory tells that it changed, but not all of what did."
        return "" if since.csns == now.csns else changed
    if since.origin != now.origin:
        return "Another domain controller answered than at the last sync, or its database was restored."
    return "The domain controller was set back to an earlier state." if now.usn < since.usn else ""


def changed(
    session: Session,
    settings: LdapSettings,
    base: str,
    search_filter: str,
    progress: Progress,
    *,
    since: Mark,
    now: Mark,
) -> Changes:
    """Read what changed since a mark that `why_not` has nothing against.

    The keys of all changed entries come first, wherever in the directory they are, then the recipients among them: an
    entry that is in the first answer and not in the second is none. One whose change comes in between has a higher
    count than `now`, and is read again next time.
    """
    if since.csns:
        return Changes(Reading(base))
    newer = f"(uSNChanged>={since.usn})"
    changes = Changes(Reading(base))
    keys: set[str] = set()
    progress("reading", 0)
    for key, classes in _entries(session, settings, now.context, newer):
        changes.branches = changes.branches or classes.isdisjoint(_LEAVES)
        keys.add(key)
    if changes.branches:
        return changes
    if now.shows_deleted:
        deleted = f"(&(isDeleted=TRUE){newer})"
        keys.update(key for key, _ in _entries(session, settings, now.context, deleted, SHOW_DELETED))
    changes.reading = read(session, settings, base, f"(&{newer}{search_filter})", progress)
    changes.gone = frozenset(keys - {person.key for person in changes.reading.people})
    return changes


def _entries(
    session: Session, settings: LdapSettings, context: str, search_filter: str, control: str = ""
) -> Iterator[tuple[str, set[bytes]]]:
    """The key and the classes of each entry that has a key."""
    names = settings.attributes.plain()

    def convert(_: bytes, attributes: Attributes) -> tuple[str, set[bytes]]:
        values = {name.lower(): found for name, found in attributes.items()}
        return key_of(values, names) or "", {value.lower() for value in values.get("objectclass", ())}

    cookie: bytes | None = None
    empty = 0
    while True:
        page = session.search(
            context,
            search_filter,
            ["objectGUID", "objectClass"],
            convert,
            cookie=cookie,
            where="changes",
            control=control,
        )
        yield from (entry for entry in page.entries if entry[0])
        cookie = page.cookie
        if not cookie:
            return
        empty = 0 if page.entries else empty + 1
        if empty > EMPTY_PAGES:
            raise failures.endless(settings, "changes")
