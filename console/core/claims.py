"""The first half of reconcile: which user each entry of a snapshot is, and which addresses it gets."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from console.core.address import Address, key, split, with_domain
from console.core.errors import AddressError
from console.core.person import Origin, Person, Reject, Snapshot, User

_WORDS = {
    Origin.MANUAL: "a user added by hand",
    Origin.CSV: "a user imported from a file",
    Origin.DISCOVERY: "a discovered user",
    Origin.SOURCE: "a user of a source",
}


@dataclass(slots=True, eq=False)
class Claim:
    """An entry on its way to a step: its addresses in the domain, best primary first, and the user that it is.

    `by_hand` are the user's addresses that a person gave and the entry does not name. `lost` are those of its
    addresses that another side keeps, with the reason for the first of them and the user that has it.
    """

    person: Person
    addresses: list[Address]
    user: User | None = None
    by_hand: list[Address] = field(default_factory=list)
    lost: list[Address] = field(default_factory=list)
    why: str = ""
    rival_id: int | None = None

    @property
    def won(self) -> list[Address]:
        """What is left of the entry's own addresses. When nothing is, its user stays as it is."""
        return [address for address in self.addresses if address not in self.lost] if self.lost else self.addresses

    @property
    def order(self) -> tuple[str, str, str]:
        return (key(self.addresses[0]), self.person.key or "", self.person.where)

    def lose(self, name: str, said: str, rival: User | None) -> None:
        address = next((address for address in self.addresses if key(address) == name), None)
        if address is None:
            return
        if not self.lost:
            self.why = f"{address} is held by {said}."
            self.rival_id = rival.id if rival else None
        self.lost.append(address)


@dataclass(slots=True)
class Told:
    """A snapshot told apart: entries that claim addresses, entries that count as absent and why, remarks."""

    claims: list[Claim] = field(default_factory=list)
    absent: list[tuple[Person, list[Address], str]] = field(default_factory=list)
    skips: list[Reject] = field(default_factory=list)
    notes: list[Reject] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


def tell(snapshot: Snapshot, domain: str, alias_domains: AbstractSet[str]) -> Told:
    """Sort the entries by use; the order in which the source gave them is forgotten."""
    told = Told(skips=list(snapshot.rejects))
    for person in _sorted(snapshot.people):
        told.notes.extend(person.notes)
        if person.key and person.key in told.keys:
            told.skips.append(Reject(person.where, person.primary, "The directory listed this entry twice."))
            continue
        if person.key:
            told.keys.add(person.key)
        addresses, notes = _in_domain(person, domain, alias_domains)
        if not addresses:
            told.skips.append(Reject(person.where, person.primary, f"It has no address in {domain}."))
            told.absent.append((person, [], f"It has no address in {domain} any more."))
        elif person.left_out:
            told.skips.append(Reject(person.where, addresses[0], person.left_out))
            told.absent.append((person, addresses, person.left_out))
        else:
            told.claims.append(Claim(person, addresses))
            told.notes.extend(notes)
    told.claims.sort(key=lambda claim: claim.order)
    return told


def _sorted(people: Sequence[Person]) -> list[Person]:
    """In a total order, of which the beginning is nearly always enough, and much cheaper for a hundred thousand."""
    begun = [(person.key or "", bool(person.left_out), person.where) for person in people]
    if len(set(begun)) < len(begun):
        return sorted(people, key=_order)
    return [people[number] for _, number in sorted(zip(begun, range(len(begun)), strict=True))]


def _order(person: Person) -> tuple[object, ...]:
    """A total order. Of two entries with one key the one that is not left out comes first, so that it counts."""
    return (
        person.key or "",
        bool(person.left_out),
        person.where,
        person.primary,
        sorted(person.aliases),
        person.first_name,
        person.last_name,
        person.kind,
        person.left_out,
    )


def _in_domain(person: Person, domain: str, alias_domains: AbstractSet[str]) -> tuple[list[Address], list[Reject]]:
    """The addresses of this domain, each once and under the domain's own name, and remarks on the others.

    The best primary comes first: the entry's own, else, where that is another domain's, the one with the same local
    part. A directory gives the rest in no order that would last, so they are sorted.
    """
    if not person.aliases and split(person.primary)[1] == domain:
        return [person.primary], []
    ours: dict[str, Address] = {}
    notes: list[Reject] = []
    for address in (person.primary, *sorted(person.aliases)) if person.aliases else (person.primary,):
        found = split(address)[1]
        if found == domain:
            ours.setdefault(key(address), address)
        elif found not in alias_domains:
            notes.append(Reject(person.where, address, f"It is not in {domain}, so it is left to its own domain."))
        else:
            try:
                own = with_domain(address, domain)
            except AddressError as error:
                notes.append(Reject(person.where, address, error.sentence))
            else:
                ours.setdefault(key(own), own)
    addresses = list(ours.values())
    if len(addresses) > 1 and rank_as_primary(addresses[0], person):
        addresses.sort(key=lambda address: (rank_as_primary(address, person), address))
    return addresses, notes


def rank_as_primary(address: Address, person: Person) -> bool:
    """False, and so first, for an address with the local part of the entry's primary one."""
    return split(address)[0] != split(person.primary)[0]


def match(
    told: Told,
    own: Sequence[User],
    holders: Mapping[str, User],
    *,
    complete: bool,
    gone: AbstractSet[str] = frozenset(),
) -> None:
    """Give each claim the user that it is: by the directory's key, else by address, primary ones first.

    A holder with another key is the same person only if that key is known to be gone, or not in a complete snapshot:
    the account was deleted and made anew.
    """
    by_key = {user.source_key: user for user in own if user.source_key}
    waiting: list[Claim] = []
    for claim in told.claims:
        claim.user = by_key.get(claim.person.key) if claim.person.key else None
        if claim.user is None:
            waiting.append(claim)
    if not waiting:
        return
    own_ids = {user.id for user in own}
    taken = {claim.user.id for claim in told.claims if claim.user is not None}

    def adopt(claim: Claim, user: User | None) -> None:
        if claim.user is not None or user is None or user.id not in own_ids or user.id in taken:
            return
        theirs = user.source_key
        if not theirs or not claim.person.key or theirs in gone or (complete and theirs not in told.keys):
            claim.user = user
            taken.add(user.id)

    for claim in waiting:
        holder = holders.get(key(claim.addresses[0]))
        if holder is not None and key(holder.address) == key(claim.addresses[0]):
            adopt(claim, holder)
    for claim in waiting:
        for address in claim.addresses:
            adopt(claim, holders.get(key(address)))


def settle(claims: Sequence[Claim], holders: Mapping[str, User], fixed: AbstractSet[int | None]) -> None:
    """Decide every address that more than one side claims, and note it with the sides that lose it.

    Someone must have a contested address, or mail to it would be rejected while both wait. It is, in this order: a
    user that stays as it is, the entry that has it already, the entry whose primary address it is, the first in
    order. `fixed` are the ids of matched users that stay as they are whatever their entry says; a user that no entry
    speaks for stays too, and so does one whose entry loses all that it claims. The last kind keeps addresses that
    others may just have been given, so then it is decided anew.
    """
    sides: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.user is not None and claim.user.id in fixed:
            continue
        _keep_by_hand(claim)
        for address in (*claim.addresses, *claim.by_hand):
            sides.setdefault(key(address), []).append(claim)
    contested = [
        (name, claimants, holders.get(name))
        for name, claimants in sides.items()
        if len(claimants) > 1 or holders.get(name, claimants[0].user) is not claimants[0].user
    ]
    moving = {claim.user.id for claim in claims if claim.user is not None} - fixed
    while True:
        _award(contested, moving)
        stuck = {claim.user.id for _, claimants, _ in contested for claim in claimants if claim.user and not claim.won}
        if not stuck & moving:
            return
        moving -= stuck


def _keep_by_hand(claim: Claim) -> None:
    """What a person gave to a user stays with it, whether or not the directory knows."""
    if claim.user is not None and claim.user.by_hand:
        named = {key(address) for address in claim.addresses}
        hand = {key(Address(item)) for item in claim.user.by_hand}
        claim.by_hand = [a for a in claim.user.addresses if key(a) in hand and key(a) not in named]


def _award(contested: Iterable[tuple[str, list[Claim], User | None]], moving: AbstractSet[int | None]) -> None:
    """One round of decisions, in which the users of `moving` give up whatever their entries do not claim."""
    for _, claimants, _ in contested:
        for claim in claimants:
            claim.lost, claim.why, claim.rival_id = [], "", None
    rival: User | None
    for name, claimants, holder in contested:
        if holder is not None and holder.id not in moving:
            winner = next((claim for claim in claimants if claim.user is holder), None)
            rival, said = holder, _WORDS[holder.origin]
            if key(holder.address) != name:
                said = f"{holder.address}, {said}"
        else:
            able = [claim for claim in claimants if claim.user is None or claim.user.id in moving]
            winner = min(able, key=lambda claim: _rank(claim, name, holder))
            rival, said = winner.user, f"{winner.addresses[0]} ({winner.person.where})"
        for claim in claimants:
            if claim is not winner:
                claim.lose(name, said, rival)


def _rank(claim: Claim, name: str, holder: User | None) -> tuple[bool, bool, tuple[str, str, str]]:
    holds = holder is not None and claim.user is holder
    return (not holds, key(claim.addresses[0]) != name, claim.order)
