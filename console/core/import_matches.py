"""Which user each row of a file is. A file has no key like a directory's, so addresses alone must tell."""

from collections.abc import Iterable, Mapping

from console.core.address import Address, key
from console.core.claims import Claim, Told
from console.core.person import Origin, Reject, User


class Matches:
    """Rows and the users they are; `spoken_for` are the ids of users that some row names.

    A row is the user whose primary address it gives. Further addresses show that a row is a user only when there is
    no doubt: a user is renamed when the row has its old primary address, and nobody else's, as a further one. So the
    line of a distribution list that has its members' addresses beside its own becomes none of them.
    """

    def __init__(self, told: Told, holders: Mapping[str, User], *, updates: bool) -> None:
        self.spoken_for: set[int | None] = set()
        self._told = told
        self._holders = holders
        self._updates = updates
        self._rows: dict[int | None, Claim] = {}
        told.claims = self._once(told.claims)
        waiting = [claim for claim in told.claims if not self._by_primary(claim) and self._names_somebody(claim)]
        self._by_rows = frozenset(self._rows)
        for claim in waiting:
            self._by_others(claim)
        doubles = {id(claim) for claim in waiting if claim.user is None and self._says_nothing(claim)}
        if doubles:
            told.claims = [claim for claim in told.claims if id(claim) not in doubles]
        for claim in told.claims:
            if claim.user is not None:
                self._add_silent(claim, claim.user)

    def fixed(self, user: User) -> bool:
        """Whether a user stays as it is whatever a row says."""
        return not self._updates or user.origin is Origin.SOURCE or user.exempt

    def _once(self, claims: Iterable[Claim]) -> list[Claim]:
        """The first of the rows that give one primary address: under two names of the domain, a parser cannot tell."""
        first: dict[str, Claim] = {}
        for claim in claims:
            name = key(claim.addresses[0])
            known = first.setdefault(name, claim)
            if known is claim:
                continue
            counts, double = sorted((known, claim), key=lambda one: (len(one.person.where), one.person.where))
            first[name] = counts
            where = counts.person.where
            said = f"{where[:1].upper()}{where[1:]} has this address already."
            self._told.skips.append(Reject(double.person.where, double.addresses[0], said))
        return list(first.values())

    def _by_primary(self, claim: Claim) -> bool:
        holder = self._holders.get(key(claim.addresses[0]))
        if holder is None or key(holder.address) != key(claim.addresses[0]):
            return False
        self._give(claim, holder)
        return True

    def _names_somebody(self, claim: Claim) -> bool:
        return any(key(address) in self._holders for address in claim.addresses)

    def _by_others(self, claim: Claim) -> None:
        names = {key(address) for address in claim.addresses}
        holder = self._holders.get(key(claim.addresses[0]))
        if holder is not None:
            if self.fixed(holder) or self._is(names, holder):
                self._give(claim, holder)
            return
        held = {user.id: user for name in names if (user := self._holders.get(name)) is not None}
        if not self._updates:
            # Those with rows of their own say nothing of this one: they may be new since this file was imported.
            held = {user_id: user for user_id, user in held.items() if user_id not in self._by_rows}
        only = next(iter(held.values())) if len(held) == 1 else None
        if only is not None and self._is(names, only) and not (self._updates and self.fixed(only)):
            self._give(claim, only)

    def _says_nothing(self, claim: Claim) -> bool:
        """Whether a row says no more than that a user has an alias, which is so and stays so."""
        address = claim.addresses[0]
        holder = self._holders.get(key(address))
        if holder is None or not self._keeps(holder, address):
            return False
        if not {key(other) for other in claim.addresses} <= {key(held) for held in holder.addresses}:
            return False
        said = f"{address} is on the list already, as a further address of a user."
        self._told.skips.append(Reject(claim.person.where, address, said))
        self.spoken_for.add(holder.id)
        return True

    def _is(self, names: set[str], user: User) -> bool:
        """Whether a row that gives a further address of this user, or a free one, as its primary one renames it."""
        return user.id not in self._rows and key(user.address) in names

    def _keeps(self, holder: User, address: Address) -> bool:
        """Whether the holder's own row, if it has one, leaves it this address."""
        own = self._rows.get(holder.id)
        return own is None or "aliases" in own.person.silent or key(address) in map(key, own.addresses)

    def _give(self, claim: Claim, user: User) -> None:
        claim.user = user
        self.spoken_for.add(user.id)
        self._rows.setdefault(user.id, claim)

    def _add_silent(self, claim: Claim, user: User) -> None:
        """A row that does not speak of aliases claims those that its user has: they are not up for others."""
        if "aliases" in claim.person.silent and user.aliases and not self.fixed(user):
            names = {key(address) for address in claim.addresses}
            claim.addresses = [*claim.addresses, *(a for a in user.addresses if key(a) not in names)]
