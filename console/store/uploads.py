"""Files of users on their way into a list: each is an upload and the run that reads, shows and imports it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import delete, exists, func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from console.core.errors import RefusedError
from console.core.import_groups import tidy
from console.core.imports import Mode
from console.core.person import Origin, Status
from console.models import OPEN, Admin, Change, Domain, Group, Issue, Run, RunKind, RunState, Upload, UserCount, db
from console.store import driver

NAME_LIMIT = 200
PIECE = 1024 * 1024


def start(
    domain: Domain,
    admin: Admin | None,
    *,
    name: str,
    content: bytes,
    group_id: int,
    mode: str = Mode.UPDATE,
    columns: Mapping[int, str] | None = None,
) -> Run:
    """A queued import of a file, committed with the file; the caller enqueues it then.

    `group_id` is the group of new users for whom the file names none, `columns` the meaning of columns, by their place
    from 0 on, where a person said it. Raises RefusedError for an empty file, one that is too large, and while another
    import of the domain is open.
    """
    limit = current_app.extensions["settings"].upload_limit_mb
    if not content:
        raise RefusedError("This file is empty. Export your users again, and look into the file before you import it.")
    if len(content) > limit * 1024 * 1024:
        raise RefusedError(f"This file is larger than {limit} MB, which is the most that can be imported at once.")
    name = tidy(name)[:NAME_LIMIT] or "a file"
    run = Run(
        kind=RunKind.IMPORT.value,
        domain_id=domain.id,
        admin_id=admin.id if admin else None,
        title=f"Import of {name}",
        stage="queued",
    )
    options = {"mode": Mode(mode).value, "group_id": group_id, **_columns(columns)}
    upload = Upload(domain_id=domain.id, name=name, size=len(content), content=content, options=options, run=run)
    db.session.add(upload)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(
            "Another import of this list has not ended. Import or discard what it shows first."
        ) from None
    return run


def open_import(domain_id: int) -> Run | None:
    """The import of a domain that has not ended: there is one at a time."""
    query = select(Run).where(Run.domain_id == domain_id, Run.kind == RunKind.IMPORT, Run.state.in_(OPEN))
    return db.session.scalars(query).first()


def of_run(run_id: int) -> Upload | None:
    """The file of an import, without its content."""
    return db.session.scalars(select(Upload).where(Upload.run_id == run_id)).one_or_none()


def owned(domain_id: int) -> int:
    """How many users of a domain came from files and receive mail."""
    mine = UserCount.domain_id == domain_id, UserCount.origin == Origin.CSV, UserCount.status != Status.DISABLED
    return int(db.session.scalar(select(func.coalesce(func.sum(UserCount.users), 0)).where(*mine)) or 0)


def content(run_id: int) -> bytes:
    """What is in the file of an import. Raises RefusedError once it was dropped."""
    pieces: list[bytes] = []
    with driver.cursor() as cursor:
        while True:
            # In pieces, since the driver would take three times the memory for the whole, and in binary, since text is
            # hexadecimal.
            place = len(pieces) * PIECE + 1
            cursor.execute(_PIECE, {"run": run_id, "place": place, "size": PIECE}, binary=True)
            row = cursor.fetchone()
            if row is None or row[0] is None:
                raise RefusedError("The file of this import is no longer kept. Upload it again.")
            pieces.append(row[0])
            if len(row[0]) < PIECE:
                return b"".join(pieces)


_PIECE = "select substring(content from %(place)s::int for %(size)s::int) from uploads where run_id = %(run)s"


def choose(
    run: Run,
    *,
    mode: str | None = None,
    columns: Mapping[int, str] | None = None,
    header: bool | None = None,
    group_id: int | None = None,
) -> bool:
    """Have a waiting import verified anew with other options, and commit; the caller enqueues it then.

    What is None stays as it was chosen before. False, with nothing changed, when the import does not wait.
    """
    chosen: dict[str, Any] = {**_columns(columns)}
    chosen |= {} if mode is None else {"mode": Mode(mode).value}
    chosen |= {} if header is None else {"header": header}
    chosen |= {} if group_id is None else {"group_id": group_id}
    again = {"state": RunState.QUEUED, "stage": "queued", "done": 0, "total": None, "trial": null(), "counts": {}}
    moved = db.session.scalar(
        update(Run).where(*_waiting(run.id)).values(**again, waits_because=[], approved=False).returning(Run.id)
    )
    if moved is not None:
        forget_plan(run.id)
        options = Upload.options.concat(chosen)
        db.session.execute(update(Upload).where(Upload.run_id == run.id).values(options=options))
    db.session.commit()
    return moved is not None


def make_groups(run: Run) -> None:
    """Make the groups that the plan of an import names and put their ids into it, in the caller's transaction."""
    names = (run.trial or {}).get("new_groups", ())
    made = {-number: _group(run.domain_id, str(name)) for number, name in enumerate(names, start=1)}
    if not made:
        return
    with driver.cursor() as cursor:
        cursor.execute(_IN_GROUPS, {"run": run.id, "numbers": list(made), "ids": list(made.values())})


_IN_GROUPS = """
    update changes set after = jsonb_set(after, '{group_id}', to_jsonb(made.id))
      from unnest(%(numbers)s::bigint[], %(ids)s::bigint[]) as made(number, id)
     where run_id = %(run)s and (after ->> 'group_id')::bigint = made.number
"""


def _group(domain_id: int, name: str) -> int:
    """The id of the group with this name, made unless somebody made it since the file was verified."""
    new = insert(Group).values(domain_id=domain_id, name=name, is_default=False).on_conflict_do_nothing()
    made: int | None = db.session.scalar(new.returning(Group.id))
    named = select(Group.id).where(Group.domain_id == domain_id, func.lower(Group.name) == func.lower(name))
    return made if made is not None else db.session.scalars(named).one()


def forget_plan(run_id: int) -> None:
    """Drop what was planned and noted for a run, in the caller's transaction."""
    db.session.execute(delete(Change).where(Change.run_id == run_id))
    db.session.execute(delete(Issue).where(Issue.run_id == run_id))


def discard(run: Run) -> bool:
    """Give up a waiting import without a trace: its run, its plan and its file go. False when it does not wait.

    The object stays readable as far as it was loaded, to say what was discarded.
    """
    query = delete(Run).where(*_waiting(run.id)).returning(Run.id)
    gone = db.session.scalar(query.execution_options(synchronize_session=False)) is not None
    if gone:
        db.session.expunge(run)
    db.session.commit()
    return gone


def forget(before: dt.datetime) -> None:
    """Drop the contents of files from before a time, and discard imports that have waited since."""
    old = exists().where(Upload.run_id == Run.id, Upload.created_at < before)
    db.session.execute(delete(Run).where(Run.kind == RunKind.IMPORT, Run.state == RunState.NEEDS_APPROVAL, old))
    ended = exists().where(Run.id == Upload.run_id, Run.state.not_in(OPEN))
    stale = Upload.content.is_not(None), Upload.created_at < before
    db.session.execute(update(Upload).where(*stale, ended).values(content=None))
    db.session.commit()


def _waiting(run_id: int) -> tuple[Any, ...]:
    return Run.id == run_id, Run.kind == RunKind.IMPORT, Run.state == RunState.NEEDS_APPROVAL


def _columns(columns: Mapping[int, str] | None) -> dict[str, Any]:
    """As JSON has it: the places of columns as text."""
    return {} if columns is None else {"columns": {str(index): str(meaning) for index, meaning in columns.items()}}
