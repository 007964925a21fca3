"""Change many users at once: what it would do is told first, and what is done then is that or nothing."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, func, select

from console.core import bulk
from console.core.address import Address
from console.core.bulk import Already, Bulk, Outlook
from console.core.errors import RefusedError, StaleError
from console.core.person import Kind, Origin, Status
from console.core.person import User as Person
from console.core.plan import Plan
from console.models import Admin, Domain, Run, RunKind, User, db
from console.store import acts, apply, roster, runs, users
from console.store.users import Filters

# What a page may wait for. More is a worker's, whose progress the page of the run shows.
AT_ONCE = 500
CHUNK = 2_000
CHANGED = "The list changed since you looked, so nothing was changed. Look at what it would do now."
CHANGED_SINCE = "The list changed before a worker came to it, so nothing was changed. Select the users again."
NOBODY = "Select the users first, with the boxes before them."
NO_CHANGE = "Nothing was changed: all of them are like that already."


@dataclass(frozen=True, slots=True)
class Selection:
    """Users of a domain: those with these ids, or with `filters` all that match them."""

    ids: tuple[int, ...] = ()
    filters: Filters | None = None

    def to_json(self) -> dict[str, Any]:
        return {"ids": list(self.ids), "filters": asdict(self.filters) if self.filters is not None else None}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Selection":
        filters = data["filters"]
        return cls(tuple(data["ids"]), Filters(**filters) if filters is not None else None)


@dataclass(frozen=True, slots=True)
class Told:
    """What a change would do, and `seen`: a mark of the very users that this was told of, as they were."""

    outlook: Outlook
    seen: str


def look(domain_id: int, selection: Selection, wanted: Bulk) -> Told:
    """What the change would do now. One statement, whose answer is short however many users there are."""
    same_group = User.group_id == wanted.group_id
    make = (User.kind, User.status, User.origin, User.exempt, same_group)
    # Whoever is changed is so later than all before, and whoever comes or goes changes the sum.
    marks = (func.count(), func.sum(User.id), func.max(User.changed_at))
    query = select(*make, *marks).where(*_where(domain_id, selection)).group_by(*make).order_by(*make)
    rows = db.session.execute(query).all()
    makes = []
    for kind, status, origin, exempt, same, number, *_ in rows:
        group_id = wanted.group_id if same else -1
        one = Person(Address(""), group_id, Origin(origin), kind=Kind(kind), status=Status(status), exempt=exempt)
        makes.append((one, int(number)))
    seen = hashlib.sha256(repr((str(wanted), [[str(part) for part in row] for row in rows])).encode())
    return Told(bulk.outlook(wanted, makes), seen.hexdigest()[:32])


def perform(
    domain: Domain,
    admin: Admin | None,
    selection: Selection,
    wanted: Bulk,
    *,
    seen: str,
    wish: Callable[[int], str],
    title: Callable[[int], str],
) -> Run:
    """Change the users, and commit. Many of them are left to a worker: the run is queued, and the caller enqueues it.

    `wish` and `title` say of so many users what is to be done, and what was done. Raises StaleError, with nothing
    changed, where the users are not those of which `seen` was told, and RefusedError where none would be changed.
    """
    apply.lock(domain.id)
    told = look(domain.id, selection, wanted)
    try:
        _check(told, seen, CHANGED)
        if not told.outlook.changes:
            raise RefusedError(NO_CHANGE if told.outlook.selected else NOBODY)
    except (StaleError, RefusedError):
        db.session.rollback()
        raise
    number = told.outlook.changes
    if told.outlook.selected <= AT_ONCE:
        chosen = [user for part in _parts(domain.id, selection) for user in part]
        plan, stay = bulk.plan(wanted, chosen)
        return acts.act(domain.id, admin, title(number), replace(plan, notes=bulk.notes(stay)))
    run = Run(
        kind=RunKind.MANUAL.value,
        domain_id=domain.id,
        admin_id=admin.id if admin else None,
        title=wish(number),
        stage="queued",
        total=told.outlook.selected,
        trial={"change": str(wanted), "selection": selection.to_json(), "seen": seen, "title": title(number)},
    )
    db.session.add(run)
    db.session.commit()
    return run


def write(run: Run, done: Callable[[int], None]) -> dict[str, int]:
    """Do what a queued run is for, in the caller's transaction, and tell its counts.

    `done` hears how many users were gone through. However many they are, a few thousand at a time are in memory: the
    list is held meanwhile, so that nobody else's change comes in between. Raises StaleError as `perform` does.
    """
    order, domain_id = run.trial or {}, run.domain_id
    wanted, selection = Bulk.parse(order["change"]), Selection.from_json(order["selection"])
    if wanted is None:
        raise RefusedError("This change is of a kind that is not known any more. Select the users again.")
    name = apply.lock(domain_id)
    _check(look(domain_id, selection, wanted), order["seen"], CHANGED_SINCE)
    counts: Counter[str] = Counter()
    stay: Counter[Already] = Counter()
    for part in _parts(domain_id, selection):
        plan, reasons = bulk.plan(wanted, part)
        apply.put(run.id, domain_id, name, plan.steps)
        counts.update(plan.counts)
        stay.update(reasons)
        done(counts["read"])
    apply.renew(domain_id)
    runs.remark(run.id, Plan(notes=bulk.notes(stay)))
    return dict(counts)


def title(run: Run) -> str:
    """What a run is called once it is done: that something was done, and no longer that it is to be."""
    return str((run.trial or {}).get("title", run.title))


def _check(told: Told, seen: str, sentence: str) -> None:
    if told.seen != seen:
        raise StaleError(sentence)


def _where(domain_id: int, selection: Selection) -> list[ColumnElement[bool]]:
    mine = [User.domain_id == domain_id]
    if selection.filters is not None:
        return mine + users.conditions(domain_id, selection.filters)
    return [*mine, User.id.in_(selection.ids)]


def _parts(domain_id: int, selection: Selection) -> Iterator[Sequence[Person]]:
    """The users of a selection by address, some at a time."""
    ids = db.session.scalars(select(User.id).where(*_where(domain_id, selection)).order_by(User.address)).all()
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found = roster.by_ids(part)
        yield [found[user_id] for user_id in part]
