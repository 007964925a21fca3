"""Compare what a source said with what the console holds: a pure function from both to a Plan."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from console.core.address import Address, key
from console.core.claims import Claim, Told, match, rank_as_primary, settle, tell
from console.core.person import Origin, Reject, Snapshot, Status, User
from console.core.plan import Action, Plan, Step


@dataclass(frozen=True, slots=True)
class Rules:
    """For whom and how a snapshot is compared.

    `alias_domains` are names in which every local part of `domain` is valid too. `origin` and `source_id` say which
    users this source owns, `source_name` names it in sentences. `removes` is false while absence must mean nothing
    (another source of the domain is failing), `updates` is false where only new users may come of it. `kept` are the
    keys of addresses that a person left with whoever has them: they are no conflicts any more.
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
    kept: frozenset[str] = frozenset()

    def owns(self, user: User) -> bool:
        return user.origin is self.origin and user.source_id == self.source_id


def reconcile(snapshot: Snapshot, users: Sequence[User], rules: Rules) -> Plan:
    """The plan that makes the list say what the source says, within the rules of ownership, grace and overrides.

    `users` are all users of the domain, of every origin: addresses that others hold are conflicts, never taken. The
    order of entries and of users does not matter to the outcome.
    """
    told = tell(snapshot, rules.domain, rules.alias_domains)
    told.notes.extend(snapshot.remarks)
    holders = {key(address): user for user in users for address in user.addresses}
    own = [user for user in users if rules.owns(user)]
    match(told, own, holders, complete=snapshot.complete, gone=snapshot.gone)
    matched = [claim.user for claim in told.claims if claim.user is not None]
    settle(told.claims, holders, {user.id for user in matched if user.exempt or not rules.updates})
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
    if rules.removes:
        spoken_for = {user.id for user in matched}
        absent = [user for user in _absent(snapshot, told, own) if user.id not in spoken_for]
        steps.extend(leavers(absent, told, holders, rules))
    return Plan(
        steps=tuple(steps),
        skips=tuple(told.skips),
        notes=tuple(told.notes),
        unchanged=unchanged,
        read=snapshot.read,
        usable=len(told.claims),
    )


def concerned(snapshot: Snapshot, rules: Rules) -> tuple[set[str], set[str]]:
    """Which users a snapshot of changes is about: those with these keys of its source, and those with these addresses
    (both as they are looked up). For all others a plan made without them is the same."""
    told = tell(snapshot, rules.domain, rules.alias_domains)
    listed = [claim.addresses for claim in told.claims] + [addresses for _, addresses, _ in told.absent]
    return told.keys | snapshot.gone, {key(address) for addresses in listed for address in addresses}


def _absent(snapshot: Snapshot, told: Told, own: Sequence[User]) -> Iterable[User]:
    """The users that may count as absent: all of a source that was read to its end. Of what changed, those that it is
    told of, and those that were absent before."""
    if snapshot.complete:
        return own
    if not snapshot.changes:
        return ()
    known = {person.key for person, _, _ in told.absent} | snapshot.gone
    return [user for user in own if user.source_key in known or user.status is not Status.ACTIVE]


def _step(claim: Claim, rules: Rules) -> Step | Reject | None:
    """What comes of one entry; None when the list says it already."""
    person, before = claim.person, claim.user
    if before is not None and before.exempt:
        return Reject(person.where, before.address, "This user is exempt from sync.")
    if before is not None and not rules.updates:
        address = claim.addresses[0]
        alias = "" if address == before.address else f", as an alias of {before.address}"
        return Reject(person.where, address, f"{address} is on the list already{alias}.")
    after = _after(claim, rules) if claim.won else _back(before)
    contested = tuple(address for address in claim.lost if key(address) not in rules.kept)
    if contested:
        return Step(Action.CONFLICT, before, after, person.where, claim.why, contested, claim.rival_id)
    if claim.lost and after is None:
        return Reject(person.where, claim.lost[0], f"{claim.why} It stays so by a person's decision.")
    if before == after or after is None:
        return None
    if before is None:
        return Step(Action.CREATE, None, after, person.where)
    action = Action.UPDATE if before.status is after.status else Action.RESTORE
    return Step(action, before, after, person.where)


def _back(before: User | None) -> User | None:
    """A user whose entry is there, although others have all that it claims: it is no leaver, and is accepted."""
    if before is None or "status" in before.by_hand:
        return before
    return replace(before, status=Status.ACTIVE, reason="", missing_since=None)


def _after(claim: Claim, rules: Rules) -> User:
    person, before = claim.person, claim.user
    primary = primary_of(claim)
    aliases = tuple(sorted(address for address in (*claim.won, *claim.by_hand) if address != primary))
    if before is None:
        return User(
            address=primary,
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
    named, sorted_in, standing = "name" in hand, "kind" in hand, "status" in hand
    return replace(
        before,
        address=primary,
        aliases=aliases,
        source_key=person.key or before.source_key,
        first_name=before.first_name if named else person.first_name,
        last_name=before.last_name if named else person.last_name,
        kind=before.kind if sorted_in or "kind" in person.silent else person.kind,
        status=before.status if standing else Status.ACTIVE,
        reason=before.reason if standing else "",
        missing_since=before.missing_since if standing else None,
    )


def primary_of(claim: Claim) -> Address:
    """The entry's own primary address; where that is lost or another domain's, one that stays from sync to sync."""
    first, person, before = claim.won[0], claim.person, claim.user
    if len(claim.won) == 1 or first == person.primary:
        return first
    present = before.address if before is not None else None
    return min(claim.won, key=lambda address: (rank_as_primary(address, person), address != present, address))


def leavers(absent: list[User], told: Told, holders: dict[str, User], rules: Rules) -> Iterable[Step]:
    """Users that are gone from their source, in stages: missing first, disabled after the grace period.

    One whose address an entry claims stays missing, or becomes it again, and so is accepted: to reject its mail would
    reject that entry's.
    """
    if not absent:
        return
    claimed = {key(address) for claim in told.claims for address in claim.addresses}
    reasons = _reasons(told, absent, holders)
    for user in sorted(absent, key=lambda user: user.address):
        if user.exempt or "status" in user.by_hand:
            continue
        reason = reasons.get(user.id, f"No longer in {rules.source_name}.")
        since = user.missing_since or rules.now
        wanted = any(key(address) in claimed for address in user.addresses)
        status = Status.DISABLED if rules.now - since >= rules.grace and not wanted else Status.MISSING
        if user.status is status or (user.status is Status.DISABLED and not wanted):
            continue
        after = replace(user, status=status, reason=reason, missing_since=since)
        yield Step(Action(status.value), user, after, why=reason)


def _reasons(told: Told, absent: list[User], holders: dict[str, User]) -> dict[int | None, str]:
    """Why a user counts as absent although its entry was read, by user id."""
    by_key = {user.source_key: user for user in absent if user.source_key}
    reasons: dict[int | None, str] = {}
    for person, addresses, reason in told.absent:
        for user in (by_key.get(person.key or ""), *(holders.get(key(address)) for address in addresses)):
            if user is not None and (not person.key or user.source_key in (None, person.key)):
                reasons[user.id] = reason
    return reasons
