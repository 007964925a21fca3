"""What a file of users would do to the list.

A file is a person's word: it may change whatever no directory keeps, what was set by hand too, but only what its rows
speak of. Why the rules differ from those of a sync: docs/adr/0011-imports.md.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from console.core.address import Address, key
from console.core.claims import Claim, settle, tell
from console.core.import_groups import ImportGroups, tidy
from console.core.import_matches import Matches
from console.core.person import Origin, Person, Reject, Snapshot, Status, User
from console.core.plan import Action, Plan, Step
from console.core.reconcile import Rules, leavers, primary_of

GRACE = dt.timedelta(days=3)
# What a file may say of a name. The list may have longer ones.
NAME_LIMIT = 200


class Mode(StrEnum):
    """What a file may do: add users, add and update them, or say who there is."""

    ADD = "add"
    UPDATE = "update"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The plan of an import. The group -n of a user is the n-th of `new_groups`, which does not exist yet."""

    plan: Plan
    new_groups: tuple[str, ...] = ()


def verify(
    snapshot: Snapshot, users: Sequence[User], rules: Rules, groups: Mapping[str, int], sources: Mapping[int, str]
) -> Verdict:
    """The plan that makes the list say what the file says. `users` are all users of the domain, of every origin.

    `rules` have the origin CSV and name the file, `groups` are the ids of the domain's groups by name, `sources` the
    labels of its sources by id. The order of rows and of users does not matter to the outcome.
    """
    told = tell(snapshot, rules.domain, rules.alias_domains)
    told.notes.extend(snapshot.remarks)
    holders = {key(address): user for user in users for address in user.addresses}
    usable = len(told.claims)
    matches = Matches(told, holders, updates=rules.updates)
    matched = [claim.user for claim in told.claims if claim.user is not None]
    settle(told.claims, holders, {user.id for user in matched if matches.fixed(user)})
    named = ImportGroups(groups, rules.group_id)
    steps: list[Step] = []
    unchanged = 0
    for claim in told.claims:
        outcome = _step(claim, rules, named, sources)
        if isinstance(outcome, Reject):
            told.skips.append(outcome)
            continue
        if claim.user is not None:
            told.notes.extend(_remarks(claim.person, claim.user))
        if outcome is None:
            unchanged += 1
        else:
            steps.append(outcome)
    if snapshot.complete and rules.removes:
        absent = [user for user in users if rules.owns(user) and _may_leave(user) and user.id not in matches.spoken_for]
        steps.extend(leavers(absent, told, holders, rules))
    plan = Plan(
        steps=tuple(steps),
        skips=tuple(told.skips),
        notes=(*told.notes, *named.notes),
        unchanged=unchanged,
        read=snapshot.read,
        usable=usable,
    )
    return Verdict(plan, tuple(named.new))


def expired(users: Iterable[User], at: dt.datetime) -> Plan:
    """The plan that ends the grace period of users that a file left out; the next file would do the same."""
    over = [user for user in users if _grace_is_over(user, at)]
    steps = (Step(Action.DISABLE, user, replace(user, status=Status.DISABLED), why=user.reason) for user in over)
    return Plan(steps=tuple(steps), usable=len(over))


def _grace_is_over(user: User, at: dt.datetime) -> bool:
    if user.origin is not Origin.CSV or user.status is not Status.MISSING or user.missing_since is None:
        return False
    return at - user.missing_since >= GRACE and not user.exempt and "status" not in user.by_hand


def _may_leave(user: User) -> bool:
    """Not one that a person disabled: it is no leaver, and must not come back like one."""
    return user.status is not Status.DISABLED or user.missing_since is not None


def _step(claim: Claim, rules: Rules, named: ImportGroups, sources: Mapping[int, str]) -> Step | Reject | None:
    """What comes of one row; None when the list says it already."""
    person, before = claim.person, claim.user
    if before is None and not claim.lost:
        return Step(Action.CREATE, None, _new(claim, rules, named, claim.addresses), person.where)
    if before is not None and (why := _left_alone(claim, before, rules, sources)):
        return Reject(person.where, claim.addresses[0], why)
    after = _after(claim, rules, named, claim.won) if _usable(claim) else before
    if claim.lost:
        return Step(Action.CONFLICT, before, after, person.where, claim.why, tuple(claim.lost), claim.rival_id)
    if before == after or after is None or before is None:
        return None
    action = Action.UPDATE if before.status is after.status else Action.RESTORE
    return Step(action, before, after, person.where)


def _usable(claim: Claim) -> bool:
    """Whether the row's own addresses make or change a user. Of one whose own address is somebody else's, the further
    ones alone would make a user that nobody named."""
    return bool(claim.won) and (claim.user is not None or claim.addresses[0] not in claim.lost)


def _left_alone(claim: Claim, before: User, rules: Rules, sources: Mapping[int, str]) -> str:
    """Why a row changes nothing about its user, whatever it says."""
    address = claim.addresses[0]
    if before.exempt:
        return f"{address} is exempt from sync, so it stays as it is."
    if before.source_id is not None:
        label = sources.get(before.source_id, "a directory")
        return f"{address} comes from {label}, which keeps it up to date."
    if not rules.updates:
        # Another address of the row may be what the list has.
        further = "" if key(address) == key(before.address) else ", as a further address of a user"
        held = address if key(address) in map(key, before.addresses) else before.address
        return f"{held} is on the list already{further}."
    return ""


def _new(claim: Claim, rules: Rules, named: ImportGroups, won: Sequence[Address]) -> User:
    person, primary = claim.person, primary_of(claim)
    return User(
        address=primary,
        aliases=_others(won, primary),
        first_name=person.first_name,
        last_name=person.last_name,
        kind=person.kind,
        group_id=named.of(person, None),
        origin=rules.origin,
    )


def _others(held: Sequence[Address], primary: Address) -> tuple[Address, ...]:
    return tuple(sorted(address for address in held if address != primary)) if len(held) > 1 else ()


def _after(claim: Claim, rules: Rules, named: ImportGroups, won: Sequence[Address]) -> User:
    person, before = claim.person, claim.user
    if before is None:
        return _new(claim, rules, named, won)
    primary = primary_of(claim)
    back = _comes_back(person, before)
    return replace(
        before,
        address=primary,
        aliases=_others([*won, *claim.by_hand], primary),
        first_name=_name("first_name", person, before),
        last_name=_name("last_name", person, before),
        kind=before.kind if "kind" in person.silent else person.kind,
        group_id=named.of(person, before),
        status=Status.ACTIVE if back else before.status,
        reason="" if back else before.reason,
        missing_since=None if back else before.missing_since,
    )


def _name(field: str, person: Person, before: User) -> str:
    """A name that a cell shows in the same way is as it was: it may hold more than a cell does."""
    present, said = str(getattr(before, field)), str(getattr(person, field))
    if present == said or field in person.silent or _in_a_cell(present) == _in_a_cell(said):
        return present
    return said


def _in_a_cell(name: str) -> str:
    return tidy(name)[:NAME_LIMIT].rstrip()


def _comes_back(person: Person, before: User) -> bool:
    """Whether the row brings back a user that a file left out. One that a person disabled has no time of leaving."""
    left = before.origin is Origin.CSV and before.missing_since is not None
    return left and not {"status"} & (person.silent | before.by_hand)


def _remarks(person: Person, before: User) -> Iterable[Reject]:
    """Whoever is disabled by hand stays so, which a file that names it may not expect."""
    if before.status is Status.DISABLED and "status" not in person.silent and not _comes_back(person, before):
        said = f"{before.address} was disabled by a person and stays so: enable it on its own page."
        yield Reject(person.where, before.address, said)
