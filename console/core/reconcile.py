"""Compare what a source said with what the console holds: a pure function from both to a Plan."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from console.core.address import Address, key, split, with_domain
from console.core.person import Origin, Person, Reject, Snapshot, Status, User
from console.core.plan import Action, Plan, Step


@dataclass(frozen=True, slots=True)
class Rules:
    """For whom and how a snapshot is compared.

    `alias_domains` are names in which every local part of `domain` is valid too. `origin` and `source_id` say which
    users this source owns, `source_name` names it in sentences. `removes` is false while absence must mean nothing
    (another source of the domain is failing), `updates` is false where only new users may come of it.
    """

    domain: str
    group_id: int
    origin: Origin
    now: dt.datetime
    source_id: int | None = None
    source_name: str = ""
    alias_domains: frozenset[str] = frozenset()
    grace: dt.timedelta = dt.timedelta(days=3)
    removes: bool = True
    updates: bool = True

    def owns(self, user: User) -> bool:
        return user.origin is self.origin and user.source_id == self.source_id


@dataclass(slots=True, eq=False)
class _Claim:
    """An entry of the snapshot on its way to a step: its addresses in this domain and the user that it is."""

    person: Person
    addresses: list[Address]
    user: User | None = None
    lost: list[Address] = field(default_factory=list)
    why: str = ""
    rival_id: int | None = None

    @property
    def order(self) -> tuple[str, str, str]:
        return (key(self.addresses[0]), self.person.key or "", self.person.where)


@dataclass(slots=True)
class _Sorted:
    """The snapshot told apart: entries that claim addresses, entries left out, entries of no use."""

    claims: list[_Claim] = field(default_factory=list)
    left_out: list[tuple[Person, list[Address]]] = field(default_factory=list)
    skips: list[Reject] = field(default_factory=list)
    notes: list[Reject] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)


def reconcile(snapshot: Snapshot, users: Sequence[User], rules: Rules) -> Plan:
    """The plan that makes the list say what the source says, within the rules of ownership, grace and overrides.

    `users` are all users of the domain, of every origin: addresses that others hold are conflicts, never taken. The
    order of entries and of users does not matter to the outcome.
    """
    told = _sort(snapshot, rules)
    holders = {key(address): user for user in users for address in user.addresses}
    own = [user for user in users if rules.owns(user)]
    _match(told, own, holders, complete=snapshot.complete)
    taken = {claim.user.id for claim in told.claims if claim.user is not None}
    _settle(told.claims, holders, taken)
    steps: list[Step] = []
    unchanged = 0
    for claim in told.claims:
        outcome = _step(claim, rules)
        if isinstance(outcome, Reject):
            told.skips.append(outcome)
        elif outcome is None:
            unchanged += 1
        else:
            steps.append(outcome)
    if snapshot.complete and rules.removes:
        wanted = {key(address) for claim in told.claims for address in claim.lost}
        absent = [user for user in own if user.id not in taken]
        steps.extend(_leavers(absent, _reasons(told.left_out, own, holders), wanted, rules))
    return Plan(
        steps=tuple(steps),
        skips=tuple(told.skips),
        notes=tuple(told.notes),
        unchanged=unchanged,
        read=snapshot.read,
        usable=len(told.claims),
    )


def _sort(snapshot: Snapshot, rules: Rules) -> _Sorted:
    told = _Sorted(skips=list(snapshot.rejects))
    for person in sorted(snapshot.people, key=lambda person: (person.key or "", person.where, person.primary)):
        told.notes.extend(person.notes)
        if person.key and person.key in told.keys:
            told.skips.append(Reject(person.where, person.primary, "The directory listed this entry twice."))
            continue
        if person.key:
            told.keys.add(person.key)
        addresses, foreign = _in_domain((person.primary, *person.aliases), rules)
        if not addresses:
            told.skips.append(Reject(person.where, person.primary, f"It has no address in {rules.domain}."))
        elif person.left_out:
            told.left_out.append((person, addresses))
            told.skips.append(Reject(person.where, addresses[0], person.left_out))
        else:
            told.claims.append(_Claim(person, addresses))
            told.notes.extend(
                Reject(
                    person.where, address, f"This address is not in {rules.domain}, so it is left to its own domain."
                )
                for address in foreign
            )
    told.claims.sort(key=lambda claim: claim.order)
    return told


def _in_domain(addresses: Iterable[Address], rules: Rules) -> tuple[list[Address], list[Address]]:
    """The addresses of this domain, each once and under the domain's own name, and those of other domains."""
    ours: dict[str, Address] = {}
    foreign: list[Address] = []
    for address in addresses:
        domain = split(address)[1]
        if domain in rules.alias_domains:
            address = with_domain(address, rules.domain)
        elif domain != rules.domain:
            foreign.append(address)
            continue
        ours.setdefault(key(address), address)
    return list(ours.values()), foreign


def _match(told: _Sorted, own: list[User], holders: dict[str, User], *, complete: bool) -> None:
    """Give each claim the user that it is: by the directory's key, else by address.

    A holder with another key is the same person only if that key is gone from a complete snapshot: the account was
    deleted and made anew.
    """
    by_key = {user.source_key: user for user in own if user.source_key}
    own_ids = {user.id for user in own}
    taken: set[int | None] = set()
    for claim in told.claims:
        claim.user = by_key.get(claim.person.key) if claim.person.key else None
        if claim.user:
            taken.add(claim.user.id)

    def adopt(claim: _Claim, user: User | None) -> None:
        if user is None or user.id not in own_ids or user.id in taken:
            return
        free = not user.source_key or not claim.person.key or (complete and user.source_key not in told.keys)
        if free:
            claim.user = user
            taken.add(user.id)

    waiting = [claim for claim in told.claims if claim.user is None]
    for claim in waiting:
        holder = holders.get(key(claim.addresses[0]))
        if holder is not None and key(holder.address) == key(claim.addresses[0]):
            adopt(claim, holder)
    for claim in waiting:
        for address in claim.addresses:
            if claim.user is None:
                adopt(claim, holders.get(key(address)))


def _settle(claims: list[_Claim], holders: dict[str, User], taken: set[int | None]) -> None:
    """Decide every address that more than one side claims, and note it with the losing side.

    Someone must hold a contested address, or mail to it would be rejected while both wait. It is, in this order:
    a user that no entry of this snapshot speaks for, the entry that has it already, the entry whose primary address
    it is, the first by key.
    """
    for claim in claims:
        if claim.user is not None:
            ours = {key(address) for address in claim.addresses}
            claim.addresses += [a for a in claim.user.aliases if a in claim.user.by_hand and key(a) not in ours]
    sides: dict[str, list[_Claim]] = {}
    for claim in claims:
        for address in claim.addresses:
            sides.setdefault(key(address), []).append(claim)
    for name, claimants in sides.items():
        holder = holders.get(name)
        standing = holder is not None and (holder.id not in taken or holder.exempt)
        if holder is not None and standing:
            winner = None if holder.id not in taken else next((c for c in claimants if c.user == holder), None)
            said = f"{holder.address} ({_owner(holder)})"
        elif len(claimants) == 1:
            continue
        else:
            winner = min(claimants, key=lambda claim: _rank(claim, name, holder))
            said = f"{winner.addresses[0]} ({winner.person.where})"
        for claim in claimants:
            if claim is not winner:
                address = next(a for a in claim.addresses if key(a) == name)
                claim.lost.append(address)
                claim.why = claim.why or f"{address} is held by {said}."
                claim.rival_id = claim.rival_id or (holder.id if holder else None)


def _rank(claim: _Claim, name: str, holder: User | None) -> tuple[bool, bool, tuple[str, str, str]]:
    holds = holder is not None and claim.user is not None and claim.user.id == holder.id
    return (not holds, key(claim.addresses[0]) != name, claim.order)


def _owner(user: User) -> str:
    words = {Origin.MANUAL: "added by hand", Origin.CSV: "imported from a file", Origin.DISCOVERY: "discovered"}
    return words.get(user.origin, "from a user source")


def _step(claim: _Claim, rules: Rules) -> Step | Reject | None:
    """What comes of one entry; None when the list says it already."""
    person, before = claim.person, claim.user
    if before is not None and before.exempt:
        return Reject(person.where, before.address, "This user is exempt from sync.")
    if before is not None and not rules.updates:
        address = claim.addresses[0]
        alias = "" if address == before.address else f", as an alias of {before.address}"
        return Reject(person.where, address, f"{address} is on the list already{alias}.")
    lost = set(claim.lost)
    addresses = [address for address in claim.addresses if address not in lost]
    after = _after(person, before, addresses, rules) if addresses else before
    if lost:
        return Step(Action.CONFLICT, before, after, person.where, claim.why, tuple(claim.lost), claim.rival_id)
    if before == after or after is None:
        return None
    if before is None:
        return Step(Action.CREATE, None, after, person.where)
    action = Action.UPDATE if before.status is after.status else Action.RESTORE
    return Step(action, before, after, person.where)


def _after(person: Person, before: User | None, addresses: list[Address], rules: Rules) -> User:
    aliases = tuple(sorted(addresses[1:]))
    if before is None:
        return User(
            address=addresses[0],
            aliases=aliases,
            first_name=person.first_name,
            last_name=person.last_name,
            kind=person.kind,
            group_id=rules.group_id,
            origin=rules.origin,
            source_id=rules.source_id,
            source_key=person.key,
        )
    hand = before.by_hand
    after = replace(before, address=addresses[0], aliases=aliases, source_key=person.key or before.source_key)
    if "name" not in hand:
        after = replace(after, first_name=person.first_name, last_name=person.last_name)
    if "kind" not in hand:
        after = replace(after, kind=person.kind)
    if "status" not in hand:
        after = replace(after, status=Status.ACTIVE, reason="", missing_since=None)
    return after


def _reasons(
    left_out: list[tuple[Person, list[Address]]], own: list[User], holders: dict[str, User]
) -> dict[int | None, str]:
    """Why a user counts as absent although its entry was read, by user id."""
    by_key = {user.source_key: user for user in own if user.source_key}
    reasons: dict[int | None, str] = {}
    for person, addresses in left_out:
        known = by_key.get(person.key) if person.key else None
        for user in (known, *(holders.get(key(address)) for address in addresses)):
            if user is not None and user.source_key in (None, person.key):
                reasons[user.id] = person.left_out
    return reasons


def _leavers(absent: list[User], reasons: dict[int | None, str], wanted: set[str], rules: Rules) -> Iterable[Step]:
    """Users that are gone from their source, in stages: missing first, disabled after the grace period.

    One whose address another entry claims stays missing, and so accepted: to disable it would reject that entry's mail.
    """
    for user in absent:
        if user.exempt or "status" in user.by_hand or user.status is Status.DISABLED:
            continue
        reason = reasons.get(user.id, f"No longer in {rules.source_name}.")
        since = user.missing_since or rules.now
        due = rules.now - since >= rules.grace and not any(key(a) in wanted for a in user.addresses)
        if due:
            after = replace(user, status=Status.DISABLED, reason=reason, missing_since=since)
            yield Step(Action.DISABLE, user, after, why=reason)
        elif user.status is Status.ACTIVE:
            after = replace(user, status=Status.MISSING, reason=reason, missing_since=since)
            yield Step(Action.MISSING, user, after, why=reason)
