"""The counts beside the list are those of the list, whatever was done to it."""

import random
from collections.abc import Mapping
from dataclasses import replace

import pytest
from sqlalchemy import text

from console.core.address import Address
from console.core.person import Kind, Origin, Status, User
from console.core.plan import Action, Step
from console.models import Domain, Source, db
from console.store import domains
from tests import factories
from tests.factories import address, manual_user, user
from tests.store.lists import act, listed

COUNTED = """
    select domain_id, group_id, origin, source_id, kind, status, users, addresses from user_counts where users <> 0
     order by 1, 2, 3, 4, 5, 6
"""
LISTED = """
    select u.domain_id, u.group_id, u.origin, coalesce(u.source_id, 0), u.kind, u.status,
           count(distinct u.id), count(a.key)
      from users u join addresses a on a.user_id = u.id
     group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4, 5, 6
"""


@pytest.mark.parametrize("seed", range(3))
def test_the_counts_are_those_of_the_list_after_any_acts(domain: Domain, seed: int) -> None:
    chance = random.Random(seed)
    source, other = factories.source(domain), domains.add_group(domain, "Sales")
    groups = [source.group_id, other.id]
    for _ in range(12):
        act(domain, *some_steps(chance, listed(domain), source, groups))
        assert rows(COUNTED) == rows(LISTED)
    assert rows(COUNTED)


def test_a_count_that_falls_to_nothing_has_no_addresses_left(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", aliases=["a", "b"]))
    act(domain, Step(Action.DELETE, listed(domain)["ada"], None))
    assert rows("select users, addresses from user_counts") == [(0, 0)]


def some_steps(chance: random.Random, users: Mapping[str, User], source: Source, groups: list[int]) -> list[Step]:
    """A few steps that are possible on this list: free addresses only, each user once."""
    steps: list[Step] = []
    taken = {held for one in users.values() for held in one.addresses}
    for one in chance.sample(sorted(users.values(), key=lambda one: one.address), min(len(users), 4)):
        if chance.random() < 0.2:
            steps.append(Step(Action.DELETE, one, None))
        else:
            steps.append(Step(Action.UPDATE, one, changed(chance, one, free(chance, taken), groups)))
    for _ in range(chance.randint(1, 4)):
        made = (
            manual_user("x", None) if chance.random() < 0.5 else user("x", None, source_id=source.id, source_key=None)
        )
        local, *aliases = (free(chance, taken) for _ in range(chance.randint(1, 3)))
        new = replace(made, address=local, aliases=tuple(sorted(aliases)), group_id=chance.choice(groups))
        steps.append(Step(Action.CREATE, None, new))
    return [step for step in steps if step.writes]


def changed(chance: random.Random, one: User, new: Address, groups: list[int]) -> User:
    aliases = chance.sample(one.aliases, chance.randint(0, len(one.aliases)))
    if chance.random() < 0.5:
        aliases.append(new)
    return replace(
        one,
        aliases=tuple(sorted(aliases)),
        group_id=chance.choice(groups),
        kind=chance.choice(list(Kind)),
        status=chance.choice(list(Status)),
        origin=one.origin if one.source_id else chance.choice([Origin.MANUAL, Origin.CSV]),
    )


def free(chance: random.Random, taken: set[Address]) -> Address:
    found = next(made for made in iter(lambda: address(f"u{chance.randrange(10_000)}"), None) if made not in taken)
    taken.add(found)
    return found


def rows(query: str) -> list[tuple[object, ...]]:
    found = [tuple(row) for row in db.session.execute(text(query))]
    db.session.commit()
    return found
