"""Add users by hand, one or several: what would come of it, and one run that does it."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from console.core import additions
from console.core.additions import Judged, Line, Place, Verdict
from console.core.address import Address, key, split
from console.core.errors import RefusedError
from console.core.person import Kind, Person, Snapshot
from console.core.plan import Action
from console.core.reconcile import reconcile
from console.models import Admin, Domain, DomainName, Run, db
from console.store import acts, roster
from console.store.recipients import rules_by_hand

CHANGED = "The list changed since you looked, so nobody was added. Look at what would be added now."


def judge(domain: Domain, admin: Admin, lines: Sequence[Line]) -> list[Judged]:
    """What would come of each line now. Other domains are named only where the administrator may see them."""
    place = Place(domain.name, frozenset(domain.aliases), domain.plus_tags)
    asked = [Address(item) for item in additions.keys(lines, place)]
    holders = {key(address): user for user in roster.holding(asked) for address in user.addresses}
    foreign = {split(line.address)[1] for line in lines if line.address is not None}
    others = _others(admin, foreign - {domain.name, *domain.aliases})
    return additions.judge(lines, replace(place, holders=holders, others=others))


def add(domain: Domain, admin: Admin, judged: Sequence[Judged], *, kind: Kind, group_id: int) -> Run:
    """Add the users of those lines that can be added: one run, which one undo takes back.

    Raises RefusedError, with nobody added, where one of them cannot be added any more or there is none; StaleError
    where that turned out while writing.
    """
    people = [
        Person(f"line {item.line.number}", item.address, None, (), item.line.first_name, item.line.last_name, kind)
        for item in judged
        if item.verdict is Verdict.ADD and item.address is not None
    ]
    if not people:
        raise RefusedError("There is nobody to add.")
    rules = rules_by_hand(domain, group_id)
    plan = reconcile(Snapshot(tuple(people)), roster.holding(person.primary for person in people), rules)
    if len(plan.steps) != len(people) or any(step.action is not Action.CREATE for step in plan.steps):
        raise RefusedError(CHANGED)
    title = f"Added {plan.steps[0].address}" if len(people) == 1 else f"Added {len(people):,} users by hand"
    return acts.act(domain.id, admin, title, plan)


def _others(admin: Admin, names: set[str]) -> dict[str, str]:
    """Of these names those of domains that the administrator may see, each with its domain's own name."""
    if not names:
        return {}
    query = select(DomainName).where(DomainName.name.in_(names)).options(joinedload(DomainName.domain))
    if admin.limited:
        query = query.where(DomainName.domain_id.in_([domain.id for domain in admin.domains]))
    return {row.name: row.domain.name for row in db.session.scalars(query)}
