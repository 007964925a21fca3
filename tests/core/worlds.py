"""Random snapshots and lists that a directory and a database could really hold, and what applying a plan does."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from hypothesis import strategies as st

from console.core.address import Address, key
from console.core.person import Kind, Origin, Person, Reject, Snapshot, Status, User
from console.core.plan import Plan
from console.core.reconcile import Rules
from tests.factories import DOMAIN, NOW, address, rules

ALIAS_DOMAIN = "bf.example"
ELSEWHERE = "elsewhere.example"
LOCALS = ("a", "b", "c", "d", "e", "weiß", "weiss")
KEYS = ("k1", "k2", "k3", "k4")
REASONS = ("", "", "", "disabled in the directory")


@dataclass(frozen=True)
class World:
    """A snapshot, the list that it meets, and the rules of the meeting."""

    snapshot: Snapshot
    users: tuple[User, ...]
    rules: Rules


addresses = st.builds(
    address, st.sampled_from(LOCALS), st.sampled_from((DOMAIN, DOMAIN, DOMAIN, ALIAS_DOMAIN, ELSEWHERE))
)
own_addresses = st.builds(address, st.sampled_from(LOCALS))

people = st.builds(
    Person,
    where=st.sampled_from(("CN=1", "CN=2", "CN=3", "line 4")),
    primary=addresses,
    key=st.sampled_from((*KEYS, None)),
    aliases=st.lists(addresses, max_size=3).map(tuple),
    first_name=st.sampled_from(("", "Ada")),
    last_name=st.sampled_from(("Byron", "King")),
    kind=st.sampled_from(tuple(Kind)),
    left_out=st.sampled_from(REASONS),
)
rejects = st.builds(Reject, where=st.just("CN=9"), what=st.just("x"), why=st.just("It is no address."))


@st.composite
def users(draw: st.DrawFn, user_id: int) -> User:
    """One user; of source 1 more often than not."""
    mine = draw(st.lists(own_addresses, min_size=1, max_size=3, unique_by=key))
    origin, source_id = draw(
        st.sampled_from(((Origin.SOURCE, 1), (Origin.SOURCE, 1), (Origin.SOURCE, 2), (Origin.MANUAL, None)))
    )
    status = draw(st.sampled_from((Status.ACTIVE, Status.ACTIVE, Status.MISSING, Status.DISABLED)))
    days = draw(st.integers(0, 5))
    fields = draw(st.sets(st.sampled_from(("kind", "name", "group_id", "status")))) if source_id == 1 else set()
    kept = draw(st.sets(st.sampled_from(mine))) if source_id == 1 else set()
    return User(
        address=mine[0],
        aliases=tuple(sorted(mine[1:])),
        group_id=draw(st.integers(1, 2)),
        origin=origin,
        source_id=source_id,
        source_key=draw(st.sampled_from((*KEYS, None))) if source_id else None,
        first_name=draw(st.sampled_from(("", "Ada"))),
        kind=draw(st.sampled_from(tuple(Kind))),
        status=status,
        reason="" if status is Status.ACTIVE else "No longer there.",
        missing_since=NOW - dt.timedelta(days=days) if status is Status.MISSING else None,
        by_hand=frozenset(fields | kept),
        exempt=source_id == 1 and draw(st.integers(0, 5)) == 0,
        id=user_id,
    )


@st.composite
def lists(draw: st.DrawFn) -> tuple[User, ...]:
    """A list as the database allows it: no address twice, no key of a source twice."""
    found: list[User] = []
    for number in range(1, draw(st.integers(0, 5)) + 1):
        user = draw(users(number))
        if legal([*found, user]):
            found.append(user)
    return tuple(found)


@st.composite
def worlds(draw: st.DrawFn, complete: bool | None = None) -> World:
    """Anything may meet anything; with `complete` given, under the rules of an ordinary sync."""
    snapshot = Snapshot(
        people=tuple(draw(st.lists(people, max_size=6))),
        rejects=tuple(draw(st.lists(rejects, max_size=2))),
        complete=draw(st.booleans()) if complete is None else complete,
    )
    made = rules(
        alias_domains=frozenset({ALIAS_DOMAIN}),
        grace=dt.timedelta(days=draw(st.sampled_from((0, 3)))),
        removes=draw(st.sampled_from((True, True, False))) if complete is None else True,
        updates=draw(st.sampled_from((True, True, False))) if complete is None else True,
        kept=frozenset(map(key, draw(st.sets(own_addresses, max_size=2)))),
    )
    return World(snapshot, draw(lists()), made)


def legal(users: Iterable[User]) -> bool:
    """What the database's unique indexes allow."""
    listed = list(users)
    names = [key(held) for user in listed for held in user.addresses]
    keys = [(user.source_id, user.source_key) for user in listed if user.source_key]
    return len(names) == len(set(names)) and len(keys) == len(set(keys))


def numbered(plan: Plan, users: Sequence[User]) -> Plan:
    """The plan with an id for every new user, as the store gives them."""
    fresh = count(max((user.id or 0 for user in users), default=0) + 1)
    steps = []
    for step in plan.steps:
        if step.before is None and step.after is not None and step.after.id is None:
            steps.append(replace(step, after=replace(step.after, id=next(fresh))))
        else:
            steps.append(step)
    return replace(plan, steps=tuple(steps))


def applied(plan: Plan, users: Sequence[User]) -> tuple[User, ...]:
    """The list after the plan, as the store would write it: refused when a user is not as the plan found it."""
    after = {user.id: user for user in users}
    for step in numbered(plan, users).writes:
        if step.before is not None:
            assert after.pop(step.before.id) == step.before, "a step starts from a user that is not on the list so"
        if step.after is not None:
            after[step.after.id] = step.after
    assert legal(after.values()), "two users share an address"
    return tuple(after.values())


def accepted(users: Iterable[User]) -> dict[str, User]:
    """Who receives the mail of each address."""
    return {key(held): user for user in users for held in user.addresses if user.status is not Status.DISABLED}


def in_domain(claimed: Address) -> str | None:
    """The key under which an address is looked up, or None if it is another domain's."""
    local, _, domain = claimed.rpartition("@")
    return key(Address(f"{local}@{DOMAIN}")) if domain in (DOMAIN, ALIAS_DOMAIN) else None
