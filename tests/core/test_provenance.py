"""Where each address of a user came from."""

from dataclasses import dataclass
from typing import Any

from console.core.provenance import gained


@dataclass(frozen=True)
class Change:
    name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


CHANGES = [
    Change("renamed", {"address": "b", "aliases": ["a"]}, {"address": "a", "aliases": ["b"]}),
    Change("again", {"address": "b"}, {"address": "b", "aliases": ["a"]}),
    Change("taken", {"address": "b", "aliases": ["a"]}, {"address": "b"}),
    Change("given", {"address": "b"}, {"address": "b", "aliases": ["a"]}),
    Change("made", None, {"address": "b"}),
]


def test_an_address_came_with_the_newest_change_that_gave_it() -> None:
    found = gained(["a", "b", "unknown"], CHANGES)
    assert {address: change.name for address, change in found.items()} == {"a": "again", "b": "made"}


def test_what_is_older_than_the_record_is_not_told() -> None:
    assert gained(["a", "b"], CHANGES[:1]) == {}
    assert gained(["a"], [Change("deleted", {"address": "a"}, None)]) == {}
