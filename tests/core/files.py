"""Rows of files, and what they would do, for examples and properties."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from console.core.imports import Mode, Verdict, verify
from console.core.person import Origin, Person, Snapshot, User
from tests.core.worlds import ALIAS_DOMAIN, applied
from tests.factories import address, rules, user

GROUPS = {"Default": 1, "Sales": 2, "=Odd, “group”": 3}
SOURCES = {1: "Active Dir. · HQ", 2: "Active Dir. · Branch"}
ADDRESS_ALONE = frozenset({"first_name", "last_name", "kind", "aliases"})


def row(local: str = "ada", line: int = 2, **values: Any) -> Person:
    """A row that speaks of everything but a group."""
    aliases = tuple(address(alias) for alias in values.pop("aliases", ()))
    return Person(f"line {line}", address(local), aliases=aliases, **values)


def kept(local: str = "ada", user_id: int = 1, origin: Origin = Origin.CSV, **values: Any) -> User:
    """A user that the console itself keeps."""
    return user(local, user_id, **{"origin": origin, "source_id": None, "source_key": None, **values})


def verdict(
    people: Sequence[Person],
    users: Sequence[User] = (),
    mode: Mode = Mode.UPDATE,
    groups: Mapping[str, int] = GROUPS,
    **said: Any,
) -> Verdict:
    """What comes of these rows on that list; it can be applied, whatever it is."""
    given = rules(
        origin=Origin.CSV,
        source_id=None,
        source_name="users.csv",
        alias_domains=frozenset({ALIAS_DOMAIN}),
        updates=mode is not Mode.ADD,
        removes=mode is Mode.REPLACE,
    )
    snapshot = Snapshot(tuple(people), complete=mode is Mode.REPLACE)
    made = verify(snapshot, users, replace(given, **said), groups, SOURCES)
    applied(made.plan, users)
    return made
