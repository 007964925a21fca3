"""Conflicts of a source, and what a person decides about them: adopt the user, or leave it as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import selectinload

from console.core.address import Address, key
from console.core.person import Origin
from console.core.person import User as ListedUser
from console.core.plan import Action, Plan, Step, change
from console.models import Admin, Change, EventKind, KeptAddress, Run, RunKind, RunState, Source, User, db, now
from console.store import acts, events, records, roster


@dataclass(frozen=True, slots=True)
class Conflict:
    """One entry of the directory that claims an address which someone else has: `rival`, unless it is gone by now.

    `settled` says in words what was decided since that sync; the next one acts on it.
    """

    change: Change
    rival: User | None
    settled: str = ""


def told_by(source_id: int) -> Run | None:
    """The run whose conflicts are to be settled: the newest sync of a source that was applied.

    Before there is one, the newest preview, or a first sync that waits: whoever comes from another source adopts its
    users before anything is applied, since an entry whose own address is another's would else get a second user.
    """
    of_source = select(Run).where(Run.source_id == source_id).order_by(Run.id.desc()).limit(1)
    applied = of_source.where(Run.kind == RunKind.SYNC, Run.state == RunState.SUCCEEDED)
    return db.session.scalars(applied).first() or db.session.scalars(of_source.where(_is_planned())).first()


def of_source(source: Source, *, after: int = 0, limit: int = 50) -> Sequence[Conflict]:
    """A page of the conflicts of a source, after the change with that id."""
    run = told_by(source.id)
    if run is None:
        return []
    rows = records.changes(run.id, action=Action.CONFLICT, after=after, limit=limit)
    rivals = {row.rival_id for row in rows if row.rival_id}
    found = db.session.scalars(select(User).where(User.id.in_(rivals)).options(selectinload(User.source)))
    users = {user.id: user for user in found}
    decided = kept(source.id)
    return [Conflict(row, users.get(row.rival_id or 0), _settled(row, users, decided, source)) for row in rows]


def count(source_id: int) -> int:
    """How many conflicts a source has."""
    run = told_by(source_id)
    return int(run.counts.get("conflicts", 0)) if run else 0


def counts(domain_id: int) -> Mapping[int, int]:
    """How many conflicts each source of a domain has, by source id; those without any are left out."""
    newest = select(func.max(Run.id)).where(Run.source_id == Source.id)
    applied = newest.where(Run.kind == RunKind.SYNC, Run.state == RunState.SUCCEEDED).scalar_subquery()
    planned = newest.where(_is_planned()).scalar_subquery()
    told = func.coalesce(applied.correlate(Source), planned.correlate(Source))
    query = select(Run).join(Source, Run.id == told).where(Source.domain_id == domain_id)
    found = {run.source_id: int(run.counts.get("conflicts", 0)) for run in db.session.scalars(query)}
    return {source_id: number for source_id, number in found.items() if source_id and number}


def kept(source_id: int) -> frozenset[str]:
    """Keys of the addresses that a person left with whoever has them."""
    return frozenset(db.session.scalars(select(KeptAddress.key).where(KeptAddress.source_id == source_id)))


def keep(source: Source, admin: Admin | None, addresses: Iterable[str]) -> None:
    """Leave these addresses with whoever has them: the next sync of this source takes no offence."""
    decided = {"source_id": source.id, "admin_id": admin.id if admin else None, "decided_at": now()}
    wanted = list(addresses)
    rows = [{**decided, "key": key(Address(address))} for address in wanted]
    if rows:
        told = f"Left {', '.join(wanted)} with the user who has it, although {source.label} claims it"
        events.note(EventKind.SETTLED, told, domain=source.domain)
        db.session.execute(insert(KeptAddress).values(rows).on_conflict_do_nothing())
    db.session.commit()


def adopt(source: Source, admin: Admin | None, user_ids: Iterable[int]) -> Run | None:
    """Hand users of the source's domain over to it: the next sync keeps them in step. None when there were none.

    The source knows them by address first, and by its own key from then on. Where the entry that claims such a user's
    address has a user of its own, which was made of its other addresses, the two become one: nobody is doubled.
    """
    users = [
        user
        for user in roster.by_ids(user_ids).values()
        if user.source_id != source.id and _domain_of(user.id) == source.domain_id
    ]
    doubles = _doubles(source, users)
    steps: list[Step] = []
    for user in users:
        double = doubles.get(user.id)
        why = f"adopted into {source.label}"
        steps += change(user, _adopted(user, source.id, double), why=why).steps
        if double is not None:
            steps += change(double, None, why=f"is {user.address} now, {why}").steps
    if not steps:
        return None
    who = users[0].address if len(users) == 1 else f"{len(users):,} users"
    plan = Plan(steps=tuple(steps), read=len(steps), usable=len(steps))
    return acts.act(source.domain_id, admin, f"Adopted {who} into {source.label}", plan)


def adoptable(source: Source) -> Sequence[int]:
    """Every user that stands against an entry of the source and that is not the source's own."""
    run = told_by(source.id)
    if run is None:
        return []
    rivals = select(Change.rival_id).where(Change.run_id == run.id, Change.action == Action.CONFLICT)
    query = select(User.id).where(User.id.in_(rivals), User.source_id.is_distinct_from(source.id))
    return db.session.scalars(query.order_by(User.id)).all()


def contested(source: Source, change_id: int) -> list[str]:
    """The addresses of one conflict of this source; none when there is no such conflict."""
    row = db.session.get(Change, change_id)
    if row is None or row.action != Action.CONFLICT or row.run.source_id != source.id:
        return []
    return [str(address) for address in row.contested]


def _doubles(source: Source, users: Iterable[ListedUser]) -> dict[int | None, ListedUser]:
    """The users that entries of the source have beside these, by the id of the one whose address they claim."""
    run = told_by(source.id)
    wanted = [user.id for user in users]
    if run is None or not wanted:
        return {}
    rows = db.session.execute(
        select(Change.rival_id, Change.user_id)
        .where(Change.run_id == run.id, Change.action == Action.CONFLICT, Change.rival_id.in_(wanted))
        .order_by(Change.id)
    ).all()
    listed = roster.by_ids(row.user_id for row in rows if row.user_id is not None)
    found: dict[int | None, ListedUser] = {}
    for row in rows:
        double = listed.get(row.user_id)
        # One entry may claim addresses of several users: it is merged with the first of them.
        if double is not None and double.source_id == source.id and double.source_key and double not in found.values():
            found.setdefault(row.rival_id, double)
    return found


def _adopted(user: ListedUser, source_id: int, double: ListedUser | None) -> ListedUser:
    """The user as one of the source, with the key and the addresses of its double if it has one."""
    adopted = replace(user, origin=Origin.SOURCE, source_id=source_id, source_key=None, by_hand=frozenset())
    if double is None:
        return adopted
    return replace(adopted, source_key=double.source_key, aliases=tuple(sorted({*user.aliases, *double.addresses})))


def _is_planned() -> ColumnElement[bool]:
    """A preview, or a sync that waits: what a source claims before anything of it was applied."""
    previewed = (Run.kind == RunKind.PREVIEW) & (Run.state == RunState.SUCCEEDED)
    return previewed | ((Run.kind == RunKind.SYNC) & (Run.state == RunState.NEEDS_APPROVAL))


def _domain_of(user_id: int | None) -> int | None:
    return db.session.scalar(select(User.domain_id).where(User.id == user_id))


def _settled(row: Change, users: dict[int, User], decided: frozenset[str], source: Source) -> str:
    rival = users.get(row.rival_id or 0)
    if all(key(Address(address)) in decided for address in row.contested):
        return "kept as it is"
    if row.rival_id and rival is None:
        return "the other user was deleted"
    if rival is not None and rival.source_id == source.id and row.rival_id != row.user_id:
        return "adopted"
    return ""
