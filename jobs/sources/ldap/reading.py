"""Everything under a search base, page by page, each entry turned into a person at once to keep the memory small."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from console.core.errors import SourceError
from console.core.person import Person, Reject
from jobs.sources.ldap import failures, filters, ranges
from jobs.sources.ldap.entry import person_from_entry
from jobs.sources.ldap.session import Depth, Page, Session
from jobs.sources.ldap.settings import LdapSettings, Scope
from jobs.sources.ldap.strategy import Attributes, raw
from jobs.sources.source import Progress

# Active Directory may answer with empty pages while it searches on; a server that does so for ever is broken.
EMPTY_PAGES = 50

Found = Person | Reject | ranges.Ranged


@dataclass(slots=True)
class Reading:
    """What was read under `base`. `paged` tells whether the server kept to pages; `references` counts the parts of
    the directory that lie on other servers and were not read, but for those that hold no people.
    """

    base: str
    people: list[Person] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    pages: int = 0
    paged: bool = False
    references: int = 0

    def add(self, found: Person | Reject) -> None:
        if isinstance(found, Person):
            self.people.append(found)
        else:
            self.rejects.append(found)

    @property
    def done(self) -> int:
        return len(self.people) + len(self.rejects)


def read(session: Session, settings: LdapSettings, base: str, search_filter: str, progress: Progress) -> Reading:
    """Read to the end, or raise. `progress` is called before the first page and after each."""
    reading = Reading(base)
    names = settings.attributes.plain()
    progress("reading", 0)
    for page in _pages(session, settings, search_filter, reading):
        reading.pages += 1
        reading.paged = reading.paged or page.cookie is not None
        reading.references += page.references
        for found in page.entries:
            reading.add(
                person_from_entry(found.where, ranges.completed(session, found), names, settings.wanted)
                if isinstance(found, ranges.Ranged)
                else found
            )
        progress("reading", reading.done)
    return reading


def _converter(settings: LdapSettings) -> Callable[[bytes, Attributes], Found]:
    """What is made of an entry as it arrives."""
    names, wanted = settings.attributes.plain(), settings.wanted

    def found(dn: bytes, attributes: Attributes) -> Found:
        where = dn.decode("utf-8", "replace")
        if ranges.is_ranged(attributes):
            return ranges.Ranged(where, attributes)
        return person_from_entry(where, attributes, names, wanted)

    return found


def _pages(session: Session, settings: LdapSettings, search_filter: str, reading: Reading) -> Iterator[Page[Found]]:
    """The pages until the last one; raises when the server goes in a circle, or on without entries."""
    names, convert = settings.attributes.wanted, _converter(settings)
    depth: Depth = "LEVEL" if settings.scope is Scope.ONE_LEVEL else "SUBTREE"
    cookie: bytes | None = None
    seen: set[tuple[str, str, int]] = set()
    empty = 0
    while True:
        where = f"page {reading.pages + 1}, after {reading.done:,} entries" if reading.pages else ""
        page = session.search(reading.base, search_filter, names, convert, scope=depth, cookie=cookie, where=where)
        yield page
        cookie = page.cookie
        if not cookie:
            return
        empty = 0 if page.entries else empty + 1
        ends = (page.entries[0].where, page.entries[-1].where, len(page.entries)) if page.entries else None
        if ends in seen or empty > EMPTY_PAGES:
            raise failures.endless(settings, where)
        if ends:
            seen.add(ends)


def base_of(session: Session, settings: LdapSettings) -> str:
    """The search base, or the one that the server proposes where there is none."""
    return settings.search_base or _proposed_base(session, settings)


def _proposed_base(session: Session, settings: LdapSettings) -> str:
    """The base that the server itself names (RFC 4512 section 5.1): Active Directory's domain, or the only one."""
    page = session.search("", filters.EVERY, ["defaultNamingContext", "namingContexts"], raw, scope="BASE")
    root = {name.lower(): values for _, attributes in page.entries for name, values in attributes.items()}
    default, contexts = (
        [value.decode("utf-8", "replace") for value in root.get(name, ()) if value]
        for name in ("defaultnamingcontext", "namingcontexts")
    )
    if default or len(contexts) == 1:
        return (default or contexts)[0]
    choice = f"it holds {', '.join(contexts)}" if contexts else "it does not say what it holds"
    raise SourceError(f"Search base is missing, and {settings.peer}, proposes none: {choice}.", permanent=True)
