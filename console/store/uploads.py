"""Files of users on their way into a list: each is an upload and the run that reads, shows and imports it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from flask import current_app
from sqlalchemy import delete, exists, func, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from console.core.discovery import Taking
from console.core.errors import RefusedError
from console.core.import_groups import tidy
from console.core.imports import Mode
from console.core.person import Origin, Status
from console.models import (
    OPEN,
    Admin,
    Change,
    Domain,
    EventKind,
    Group,
    Issue,
    Run,
    RunKind,
    RunState,
    Upload,
    UserCount,
    db,
)
from console.store import decided, driver, smtp

NAME_LIMIT = 200
PIECE = 1024 * 1024
BUSY = "Another import of this list has not ended. Import or discard what it shows first."
GONE = "The file of this import is no longer kept. Upload it again."
CAME_TO_NOTHING = frozenset({RunState.FAILED, RunState.INTERRUPTED, RunState.CANCELLED})


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
    if not content:
        raise RefusedError("This file is empty. Export your users again, and look into the file before you import it.")
    options = {"mode": Mode(mode).value, "group_id": group_id, **_columns(columns)}
    run = Run(kind=RunKind.IMPORT.value, domain_id=domain.id, admin_id=admin.id if admin else None)
    return _start(run, "Import of {}", name=name, content=content, options=options, other=BUSY)


def again(run: Run, admin: Admin | None) -> Run:
    """A queued import of the file of one that came to nothing, with the same options, committed; the caller enqueues it
    then.

    The file goes over to the new run, and is kept for a week from its upload as before. Raises RefusedError for a run
    that did not come to nothing, without its file, and while another import of the domain is open.
    """
    if run.kind != RunKind.IMPORT or run.state not in CAME_TO_NOTHING:
        raise RefusedError("Only an import that failed or was stopped can be run again.")
    new = Run(
        kind=RunKind.IMPORT.value,
        domain_id=run.domain_id,
        admin_id=admin.id if admin else None,
        title=run.title,
        stage="queued",
    )
    db.session.add(new)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(BUSY) from None
    there = Upload.run_id == run.id, Upload.content.is_not(None)
    moved = db.session.scalar(update(Upload).where(*there).values(run_id=new.id).returning(Upload.id))
    if moved is None:
        db.session.rollback()
        raise RefusedError(GONE)
    db.session.commit()
    return new


def has_content(run_id: int) -> bool:
    """Whether the file of an import is still kept, and still its own."""
    there = exists().where(Upload.run_id == run_id, Upload.content.is_not(None))
    return bool(db.session.scalar(select(there)))


def start_discovery(domain: Domain, admin: Admin | None, *, name: str, content: bytes, taking: Taking) -> Run:
    """A queued run that asks a domain's mail servers about the addresses in a text, committed with it; the caller
    enqueues it then.

    `taking` is what becomes of those that exist: they are added at once, or once a person approves. Raises RefusedError
    for a text without anything that could be an address, one that is too large, without a mail server, and while
    another such run of the domain is open.
    """
    if b"@" not in content:
        raise RefusedError("There is no address in it. Paste addresses, or choose a file or a mail log that has some.")
    if not smtp.of_domain(domain.id):
        raise RefusedError("There is no mail server to ask. Add one on the page Inbound SMTP first.")
    other = "Another list of addresses of this domain is being asked about, or waits for approval. End that one first."
    run = Run(kind=RunKind.DISCOVERY.value, domain_id=domain.id, admin_id=admin.id if admin else None)
    return _start(run, "Addresses in {}", name=name, content=content, options={"taking": taking.value}, other=other)


def _start(run: Run, title: str, *, name: str, content: bytes, options: dict[str, Any], other: str) -> Run:
    """Queue a run with its file, and commit. Raises RefusedError for a file that is too large, and with the sentence
    `other` while another run is in the way."""
    limit = current_app.extensions["settings"].upload_limit_mb
    if len(content) > limit * 1024 * 1024:
        raise RefusedError(f"This file is larger than {limit} MB, which is the most that can be read at once.")
    name = tidy(name)[:NAME_LIMIT] or "a file"
    run.title, run.stage = title.format(name), "queued"
    upload = Upload(domain_id=run.domain_id, name=name, size=len(content), content=content, options=options, run=run)
    db.session.add(upload)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(other) from None
    return run


def open_discovery(domain_id: int) -> Run | None:
    """The list of addresses of a domain that is being asked about, or waits for approval: there is one at a time."""
    waiting = (RunState.QUEUED, RunState.RUNNING, RunState.NEEDS_APPROVAL)
    query = select(Run).where(Run.domain_id == domain_id, Run.kind == RunKind.DISCOVERY, Run.state.in_(waiting))
    return db.session.scalars(query).first()


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
                raise RefusedError(GONE)
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
        decided.of_run(run, EventKind.DISCARDED)
        db.session.flush()
        db.session.expunge(run)
    db.session.commit()
    return gone


def forget(before: dt.datetime) -> None:
    """Drop the contents of files from before a time, and discard imports and discoveries that have waited since."""
    old = exists().where(Upload.run_id == Run.id, Upload.created_at < before)
    kinds = (RunKind.IMPORT, RunKind.DISCOVERY)
    db.session.execute(delete(Run).where(Run.kind.in_(kinds), Run.state == RunState.NEEDS_APPROVAL, old))
    ended = exists().where(Run.id == Upload.run_id, Run.state.not_in(OPEN))
    stale = Upload.content.is_not(None), Upload.created_at < before
    db.session.execute(update(Upload).where(*stale, ended).values(content=None))
    db.session.commit()


def _waiting(run_id: int) -> tuple[Any, ...]:
    return Run.id == run_id, Run.kind == RunKind.IMPORT, Run.state == RunState.NEEDS_APPROVAL


def _columns(columns: Mapping[int, str] | None) -> dict[str, Any]:
    """As JSON has it: the places of columns as text."""
    return {} if columns is None else {"columns": {str(index): str(meaning) for index, meaning in columns.items()}}
