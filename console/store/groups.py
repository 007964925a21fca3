"""Delete a group: its users go to "Default", and so does what its sources bring from then on. One undo takes all of it
back, the group with its own id, so that what is on record of its users fits again."""

from typing import Any

from sqlalchemy import delete as sql_delete
from sqlalchemy import func, insert, select, text, update

from console.core import bulk as rules
from console.core.bulk import Act, Bulk
from console.core.errors import RefusedError, StaleError
from console.models import OPEN, Admin, EventKind, Group, Run, RunKind, Source, User, db
from console.store import acts, apply, bulk, domains, events, roster
from console.store.bulk import Selection, Told
from console.store.users import Filters

DEFAULT_STAYS = "The group that users without another one are in cannot be deleted. It can be renamed."
_DROPPED = "dropped_group"
_QUIETLY = {"synchronize_session": False}


def sources(domain_id: int) -> dict[int, list[Source]]:
    """The sources that put their new users into a group, by the group's id."""
    found: dict[int, list[Source]] = {}
    for source in db.session.scalars(select(Source).where(Source.domain_id == domain_id).order_by(Source.id)):
        found.setdefault(source.group_id, []).append(source)
    return found


def look(group: Group) -> Told:
    """What the deletion would do to the users of a group, and the mark of it."""
    return bulk.look(group.domain_id, Selection(filters=Filters(group=group.id)), _to_default(group))


def delete(group: Group, admin: Admin | None, *, seen: str) -> Run:
    """Move the users and delete the group, and commit. With many users it is left to a worker: the run is queued, and
    the caller enqueues it.

    Raises RefusedError for the default group, and StaleError where the users are not those of which `seen` was told.
    """
    if group.is_default:
        raise RefusedError(DEFAULT_STAYS)
    domain_id, group_id = group.domain_id, group.id
    apply.lock(domain_id)
    told = look(group)
    if told.seen != seen:
        db.session.rollback()
        raise StaleError(bulk.CHANGED)
    targets = [source.id for source in sources(domain_id).get(group_id, ())]
    dropped = {"id": group_id, "name": group.name, "sources": targets}
    wanted, title = _to_default(group), f"Deleted the group {group.name}"
    if told.outlook.selected <= bulk.AT_ONCE:
        ids = db.session.scalars(select(User.id).where(User.group_id == group_id).order_by(User.address)).all()
        found = roster.by_ids(ids)
        plan, _ = rules.plan(wanted, (found[user_id] for user_id in ids))
        return acts.act(domain_id, admin, title, plan, also=lambda run: _drop(run, dropped))
    selection = Selection(filters=Filters(group=group_id))
    order = {"change": str(wanted), "selection": selection.to_json(), "seen": seen, "title": title, _DROPPED: dropped}
    run = Run(
        kind=RunKind.MANUAL.value,
        domain_id=domain_id,
        admin_id=admin.id if admin else None,
        title=f"Delete the group {group.name}",
        stage="queued",
        total=told.outlook.selected,
        trial=order,
    )
    db.session.add(run)
    db.session.commit()
    return run


def finish(run: Run) -> None:
    """Delete the group whose users a worker has moved, in the caller's transaction; nothing for any other change."""
    dropped = (run.trial or {}).get(_DROPPED)
    if dropped is not None:
        _drop(run, dropped)


def bring_back(undone: Run) -> None:
    """Make the group again that a run deleted, with its sources as far as nobody gave them another group since, in the
    caller's transaction; nothing for any other run."""
    dropped = (undone.trial or {}).get(_DROPPED)
    if dropped is None or db.session.get(Group, dropped["id"]) is not None:
        return
    group_id, domain_id = int(dropped["id"]), undone.domain_id
    name = _free_name(domain_id, str(dropped["name"]))
    db.session.execute(insert(Group).values(id=group_id, domain_id=domain_id, name=name, is_default=False))
    default = domains.default_group(domain_id).id
    mine = (Source.id.in_(dropped["sources"]), Source.domain_id == domain_id, Source.group_id == default)
    db.session.execute(update(Source).where(*mine).values(group_id=group_id), execution_options=_QUIETLY)
    events.note_of(domain_id, EventKind.ADDED, f"Brought the group {name} back")


def _to_default(group: Group) -> Bulk:
    return Bulk(Act.GROUP, group_id=domains.default_group(group.domain_id).id)


def _drop(run: Run, dropped: dict[str, Any]) -> None:
    group_id, domain_id = int(dropped["id"]), run.domain_id
    default = domains.default_group(domain_id).id
    mine = (Source.group_id == group_id, Source.domain_id == domain_id)
    db.session.execute(update(Source).where(*mine).values(group_id=default), execution_options=_QUIETLY)
    values = {"domain": domain_id, "group": str(group_id), "default": default, "open": [state.value for state in OPEN]}
    db.session.execute(text(_PLANNED), values)
    db.session.execute(sql_delete(Group).where(Group.id == group_id), execution_options=_QUIETLY)
    db.session.execute(
        update(Run).where(Run.id == run.id).values(trial={**(run.trial or {}), _DROPPED: dropped}),
        execution_options=_QUIETLY,
    )
    events.note_of(domain_id, EventKind.REMOVED, f"Deleted the group {dropped['name']}")


# What waits for approval may be about to add users to the group.
_PLANNED = """
    update changes set after = jsonb_set(after, '{group_id}', to_jsonb(cast(:default as bigint)))
      from runs
     where runs.id = changes.run_id and runs.domain_id = :domain and runs.state = any(:open)
       and changes.after ->> 'group_id' = :group
"""


def _free_name(domain_id: int, name: str) -> str:
    """The name, or with a number if a new group has it by now."""
    taken = set(db.session.scalars(select(func.lower(Group.name)).where(Group.domain_id == domain_id)))
    names = (name, *(f"{name} {number}" for number in range(2, len(taken) + 3)))
    return next(item for item in names if item.lower() not in taken)
