"""The users or the groups of a tenant, and what has happened to them."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One act on one object. `before` is its state until then, None where it did not exist."""

    version: int
    id: str
    before: Object | None
    keys: frozenset[str]


class Collection:
    """Objects by their id, in the order in which they came."""

    def __init__(self, name: str, objects: Sequence[Object] = ()) -> None:
        self.name = name
        self._objects: dict[str, Object] = {found["id"]: found for found in objects}
        self._ever: dict[str, set[str]] = {}
        self._changes: list[Change] = []
        self._lock = threading.Lock()

    @property
    def version(self) -> int:
        return len(self._changes)

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[Object]:
        return iter(list(self._objects.values()))

    def get(self, key: str) -> Object | None:
        return self._objects.get(key)

    def put(self, found: Object) -> None:
        """Add an object, or put it in the place of the one with its id."""
        before = self._objects.get(found["id"])
        old = before or {}
        keys = frozenset(name for name in {*found, *old} if found.get(name) != old.get(name))
        self._note(found["id"], before, keys, found)

    def change(self, key: str, **values: Any) -> None:
        self.put({**self._objects[key], **values})

    def remove(self, key: str) -> None:
        self._note(key, self._objects[key], frozenset(), None)

    def _note(self, key: str, before: Object | None, keys: frozenset[str], after: Object | None) -> None:
        with self._lock:
            self._ever.setdefault(key, set()).update(_filled(before), _filled(after))
            self._changes.append(Change(len(self._changes) + 1, key, before, keys))
            if after is None:
                del self._objects[key]
            else:
                self._objects[key] = after

    def ever_set(self, key: str) -> set[str]:
        """The properties of an object that had a value at some time."""
        return self._ever.get(key) or set(_filled(self._objects.get(key)))

    def changed(self, since: int, until: int) -> list[tuple[str, Object | None, frozenset[str]]]:
        """What changed between two versions, each object once: its id, its state at the first of them, and the
        properties that changed.
        """
        found: dict[str, tuple[Object | None, frozenset[str]]] = {}
        for change in self._changes[since:until]:
            before, keys = found.pop(change.id, (change.before, frozenset()))
            found[change.id] = before, keys | change.keys
        return [(key, before, keys) for key, (before, keys) in found.items()]


def _filled(found: Object | None) -> set[str]:
    return {name for name, value in (found or {}).items() if value not in (None, [], "")}
