"""Entries of a directory as the source sees them, and what it makes of them."""

from collections.abc import Sequence

from console.core.person import Person, Reject
from jobs.sources.ldap.attributes import AD, AttributeMap
from jobs.sources.ldap.entry import person_from_entry
from jobs.sources.ldap.kinds import EVERYTHING_USUAL, Wanted

DN = "CN=Ann Lee,OU=Staff,DC=example,DC=test"

Held = str | bytes | Sequence[str | bytes]


def entry(**attributes: Held) -> dict[str, list[bytes]]:
    found = {}
    for name, held in attributes.items():
        values = [held] if isinstance(held, str | bytes) else held
        found[name] = [value.encode() if isinstance(value, str) else value for value in values]
    return found


def found(names: AttributeMap = AD, wanted: Wanted = EVERYTHING_USUAL, /, **attributes: Held) -> Person | Reject:
    return person_from_entry(DN, entry(**attributes), names.plain(), wanted)


def person(names: AttributeMap = AD, wanted: Wanted = EVERYTHING_USUAL, /, **attributes: Held) -> Person:
    told = found(names, wanted, **attributes)
    assert isinstance(told, Person)
    return told


def reject(**attributes: Held) -> Reject:
    told = found(**attributes)
    assert isinstance(told, Reject)
    return told
