"""What a person makes of addresses, worked out address by address before any of it is a plan: several of them may be
about the same user."""

from collections.abc import Iterable
from dataclasses import replace

from console.core.address import Address, display, key
from console.core.errors import RefusedError
from console.core.person import Kind, Origin, Status, User
from console.core.plan import Plan, change


class Draft:
    """Users as they are, and as they are to be.

    Each act raises RefusedError where it would touch what is not discovery's: a user of another origin, or an alias
    that a directory would give again.
    """

    def __init__(self, users: Iterable[User]) -> None:
        self._before = {user.id: user for user in users}
        self._after: dict[int | None, User | None] = dict(self._before)
        self._new: list[User] = []

    def place(self, address: Address, kind: Kind, group_id: int) -> None:
        """Make an address a user of this kind; the user whom discovery made of it gets the kind."""
        held = self._holder(address)
        if held is None:
            self._new.append(User(address, group_id, Origin.DISCOVERY, kind=kind))
        elif _alias(held, address):
            raise RefusedError(f"{display(address)} is an alias of {display(held.address)} already.")
        else:
            self._put(replace(_discovered(held), kind=kind))

    def give(self, address: Address, to: User) -> None:
        """Make an address an alias. The user whom discovery made of it goes, and all its addresses go over."""
        if to.status is Status.DISABLED:
            raise RefusedError(f"{display(to.address)} is disabled, so mail to an alias would be rejected.")
        held = self._holder(address)
        if held is not None and held.id == to.id:
            return
        moved: tuple[Address, ...] = (address,)
        if held is not None and _alias(held, address):
            self._put(_without(held, address))
        elif held is not None:
            moved = _discovered(held).addresses
            self._after[held.id] = None
        now = self._after[to.id] or to
        by_hand = now.by_hand | set(moved) if now.origin is Origin.SOURCE else now.by_hand
        self._put(replace(now, aliases=tuple(sorted({*now.aliases, *moved})), by_hand=by_hand))

    def drop(self, address: Address) -> None:
        """Take an address off the list, if it is there: an alias from who has it, or the user whom discovery made."""
        held = self._holder(address)
        if held is not None and _alias(held, address):
            self._put(_without(held, address))
        elif held is not None:
            self._after[_discovered(held).id] = None

    def plan(self) -> Plan:
        """Who is deleted comes first, then who is changed, then who is new."""
        pairs = [(before, self._after[user_id]) for user_id, before in self._before.items()]
        pairs.sort(key=lambda pair: (pair[1] is not None, pair[0].address))
        steps = [step for before, after in pairs for step in change(before, after).steps]
        steps += [step for user in self._new for step in change(None, user).steps]
        return Plan(steps=tuple(steps), read=len(steps), usable=len(steps))

    def _holder(self, address: Address) -> User | None:
        """Who has the address by now."""
        name = key(address)
        users = (user for user in self._after.values() if user is not None)
        return next((user for user in users if name in map(key, user.addresses)), None)

    def _put(self, user: User) -> None:
        self._after[user.id] = user


def _alias(held: User, address: Address) -> Address | None:
    """The alias of a user that is this address, in the user's own spelling."""
    return next((alias for alias in held.aliases if key(alias) == key(address)), None)


def _discovered(held: User) -> User:
    if held.origin is not Origin.DISCOVERY:
        said = "was not added by Address Discovery. Change it on its own page, under Users."
        raise RefusedError(f"{display(held.address)} {said}")
    return held


def _without(held: User, address: Address) -> User:
    alias = _alias(held, address)
    if held.origin is Origin.SOURCE and alias not in held.by_hand and not held.exempt:
        said = f"is an alias of {display(held.address)} in its directory. Change it there."
        raise RefusedError(f"{display(address)} {said}")
    kept = tuple(item for item in held.aliases if item != alias)
    return replace(held, aliases=kept, by_hand=frozenset(item for item in held.by_hand if item != alias))
