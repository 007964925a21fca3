"""Where each address of a user came from, as the record of what was done to the user tells it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar


class Told(Protocol):
    """A change on record: the user before and after it, as JSON."""

    @property
    def before(self) -> Mapping[str, Any] | None: ...

    @property
    def after(self) -> Mapping[str, Any] | None: ...


T = TypeVar("T", bound=Told)


def gained(addresses: Iterable[str], changes: Sequence[T]) -> dict[str, T]:
    """The newest change that gave the user each of these addresses, as far as `changes`, newest first, go back.

    A primary address that was an alias before was gained as the alias.
    """
    found: dict[str, T] = {}
    for address in addresses:
        for change in changes:
            if address in _addresses(change.after) and address not in _addresses(change.before):
                found[address] = change
                break
    return found


def _addresses(user: Mapping[str, Any] | None) -> set[str]:
    return {user["address"], *user.get("aliases", ())} if user is not None else set()
