"""What the runs left on record: their lists, changes and remarks, as pages and commands show them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from console.core.person import Reject
from console.core.plan import Action, Plan, Step, user_from_json
from console.models import OPEN, Change, Group, Issue, Run, RunKind, RunState, db
from console.store.paging import Page, Place, page


def recent(domain_id: int, *, source_id: int | None = None, limit: int = 20) -> Sequence[Run]:
    """The newest runs of a domain's list, or of one source; acts by hand, checks and discoveries are elsewhere."""
    others = (RunKind.MANUAL, RunKind.CHECK, RunKind.DISCOVERY)
    query = select(Run).where(Run.domain_id == domain_id, Run.kind.not_in(others))
    if source_id is not None:
        query = query.where(Run.source_id == source_id)
    query = query.options(joinedload(Run.source), joinedload(Run.admin)).order_by(Run.id.desc()).limit(limit)
    return db.session.scalars(query).all()


def latest(domain_id: int | None = None, limit: int = 20) -> Sequence[Run]:
    """The newest runs of every kind, acts by hand too, of one domain or of all."""
    query = select(Run).options(joinedload(Run.domain), joinedload(Run.source)).order_by(Run.id.desc()).limit(limit)
    if domain_id is not None:
        query = query.where(Run.domain_id == domain_id)
    return db.session.scalars(query).all()


def open_runs(domain_id: int) -> Sequence[Run]:
    """The runs of a domain that have not ended, oldest first."""
    query = select(Run).where(Run.domain_id == domain_id, Run.state.in_(OPEN)).options(joinedload(Run.source))
    return db.session.scalars(query.order_by(Run.id)).all()


def read_before(run: Run) -> Run | None:
    """The sync of the same source that was applied before this one: what changed since then is what this one read."""
    query = select(Run).where(
        Run.source_id == run.source_id,
        Run.kind == RunKind.SYNC,
        Run.state == RunState.SUCCEEDED,
        Run.reading != "",
        Run.id < run.id,
    )
    return db.session.scalars(query.order_by(Run.id.desc()).limit(1)).first()


def last_trial(source_id: int) -> Run | None:
    """The newest test of a source that ended."""
    query = select(Run).where(Run.source_id == source_id, Run.kind == RunKind.TEST, Run.ended_at.is_not(None))
    return db.session.scalars(query.order_by(Run.id.desc()).limit(1)).first()


def changes(run_id: int, *, action: Action | None = None, after: int = 0, limit: int = 50) -> Sequence[Change]:
    """A page of a run's steps, after the change with that id."""
    query = select(Change).where(Change.run_id == run_id, Change.id > after)
    if action is not None:
        query = query.where(Change.action == action)
    return db.session.scalars(query.order_by(Change.id).limit(limit)).all()


def all_changes(run_id: int) -> Iterator[Row[Any]]:
    """Every step of a run in order, a thousand at a time: rows with the columns of Change that tell what was done."""
    columns = (Change.action, Change.address, Change.place, Change.why, Change.before, Change.after)
    query = select(*columns).where(Change.run_id == run_id).order_by(Change.id)
    yield from db.session.execute(query.execution_options(yield_per=1000))


def issues(run_id: int, *, after: int = 0, limit: int = 50) -> Sequence[Issue]:
    """A page of a run's remarks, after the one with that id."""
    query = select(Issue).where(Issue.run_id == run_id, Issue.id > after).order_by(Issue.id).limit(limit)
    return db.session.scalars(query).all()


def changes_page(run_id: int, place: Place, *, action: Action | None = None) -> Page[Change]:
    """A run's steps at a place, all or those that did one thing."""
    query = select(Change).where(Change.run_id == run_id)
    return page(query.where(Change.action == action) if action is not None else query, Change.id, place)


def issues_page(run_id: int, place: Place) -> Page[Issue]:
    """A run's remarks at a place."""
    return page(select(Issue).where(Issue.run_id == run_id), Issue.id, place)


def issue_count(run_id: int) -> int:
    return db.session.scalar(select(func.count()).select_from(Issue).where(Issue.run_id == run_id)) or 0


def latest_changes(domain_id: int, limit: int = 8) -> Sequence[Change]:
    """The newest additions and changes that syncs, imports and ends of grace periods made to a domain's list."""
    query = (
        select(Change)
        .join(Run)
        .where(
            Run.domain_id == domain_id,
            Run.state == RunState.SUCCEEDED,
            Run.kind.in_((RunKind.SYNC, RunKind.UNDO, RunKind.IMPORT, RunKind.GRACE)),
            Change.action != Action.CONFLICT,
        )
        .options(contains_eager(Change.run).joinedload(Run.source))
        .order_by(Change.id.desc())
        .limit(limit)
    )
    return db.session.scalars(query).all()


def history(user_id: int, place: Place) -> Page[Change]:
    """What was done to a user, newest first, at a place: the changes of runs that were applied."""
    query = _done_to(user_id).options(
        contains_eager(Change.run).joinedload(Run.admin), contains_eager(Change.run).joinedload(Run.source)
    )
    return page(query, Change.id, place, newest_first=True)


def changes_of_user(user_id: int, limit: int = 500) -> Sequence[Change]:
    """The newest changes that were made to a user, newest first, to tell where something of it came from."""
    query = _done_to(user_id).options(contains_eager(Change.run).joinedload(Run.source))
    return db.session.scalars(query.order_by(Change.id.desc()).limit(limit)).all()


def last_place(user_id: int, source_id: int) -> str:
    """Where a source had the entry behind a user when it last changed something; empty if that is not on record."""
    query = _done_to(user_id).where(Run.source_id == source_id, Change.place != "").order_by(Change.id.desc())
    found = db.session.scalars(query.limit(1)).first()
    return found.place if found is not None else ""


def _done_to(user_id: int) -> Select[Change]:
    unapplied = (RunKind.TEST, RunKind.PREVIEW)
    applied = (Change.user_id == user_id, Run.state == RunState.SUCCEEDED, Run.kind.not_in(unapplied))
    return select(Change).join(Run).where(*applied)


def group_names(domain_id: int) -> dict[int, str]:
    """Names of the domain's groups by id, to say in words what a change of group was."""
    rows = db.session.execute(select(Group.id, Group.name).where(Group.domain_id == domain_id))
    return {group_id: name for group_id, name in rows}  # noqa: C416 - dict() has no type for rows


def planned(run: Run) -> Plan:
    """The plan that was kept with a run, to be applied as it was shown, or to be taken back."""
    counts = run.counts
    skipped = tuple(Reject("", "", "") for _ in range(int(counts.get("skipped", 0))))
    return Plan(
        steps=tuple(steps(run.id)),
        skips=skipped,
        unchanged=int(counts.get("unchanged", 0)),
        read=int(counts.get("read", 0)),
    )


def steps(run_id: int, *where: ColumnElement[bool]) -> Iterator[Step]:
    """The steps of a run in their order, all or some, a thousand at a time."""
    columns = (Change.action, Change.user_id, Change.before, Change.after, Change.place, Change.why)
    query = select(*columns, Change.contested, Change.rival_id).where(Change.run_id == run_id, *where)
    for row in db.session.execute(query.order_by(Change.id).execution_options(yield_per=1000)):
        yield _step(row)


def _step(row: Row[Any]) -> Step:
    return Step(
        action=Action(row.action),
        before=user_from_json(row.before, row.user_id),
        after=user_from_json(row.after, row.user_id),
        where=row.place,
        why=row.why,
        contested=tuple(row.contested),
        rival_id=row.rival_id,
    )
