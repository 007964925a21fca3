"""The text that the Users page searches in, and how a search becomes conditions on it.

The name of the domain is left out of it: every address of the list ends so, and its letters would be half of an index
that costs more than all else about a new user. A search that has it finds the same as if it were there.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, true

from console.core.person import User as Person
from console.models import User

# Trigrams need three characters; a shorter text is looked for at the beginning of addresses alone.
TRIGRAM = 3


def text_of(user: Person, domain: str) -> str:
    """Every address of a user, up to its @ where it is one of `domain`, and the name, in lower case."""
    addresses = f"{' '.join(user.addresses)} ".replace(f"@{domain} ", "@ ")
    return f"{addresses}{user.first_name} {user.last_name}".lower()


SQL_TEXT = """
    replace(concat(address, ' ' || aliases, ' '), '@' || %(name)s || ' ', '@ ')
    || lower((first_name || ' ' || last_name) collate "C")
"""
"""`text_of` in SQL, of names in ASCII alone: `aliases` is a text or null, the parameter `name` is the domain's."""


def conditions(q: str, names: Sequence[str]) -> list[ColumnElement[bool]]:
    """What a search asks of users: of several words each is looked for on its own.

    `names` are those of the domain, its own first: an address is found by any of them.
    """
    text = q.strip().lower()
    if len(text) < TRIGRAM:
        return [User.address.startswith(text, autoescape=True)]
    return [_has(word, names) for word in text.split()]


def _has(word: str, names: Sequence[str]) -> ColumnElement[bool]:
    local, at, domain = word.rpartition("@")
    within = User.search.contains(word, autoescape=True)
    if not at:
        # Any part of its own domain's name stands in every user's address.
        return true() if word in names[0] else within
    if not any(name.startswith(domain) for name in names):
        return within
    if not local:
        return true()
    # As it stands, it may be part of a name, or of a local part in quotation marks.
    return or_(User.search.contains(f"{local}@ ", autoescape=True), within)
