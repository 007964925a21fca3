"""Apply a plan: the only writer of the list. One transaction, in sets, only what changed, a change row for each."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import psycopg
from sqlalchemy import select, text, update

from console.core.address import key
from console.core.errors import StaleError
from console.core.person import User
from console.core.plan import Plan, Step
from console.core.user_json import encoded
from console.models import Domain, db, now
from console.store import driver, roster, search

CHUNK = 5_000
STALE = "The list changed in the meantime, so nothing was changed. Please try again."
GONE = "The source or the group that these users belonged to was deleted in the meantime, so nothing was changed."


def apply(run_id: int, domain_id: int, plan: Plan) -> None:
    """Write a plan into the list and its steps into the record of its run, in the caller's transaction.

    Raises StaleError, with nothing written, when a user is no longer as the plan found it, an address was taken
    meanwhile, or the plan names a source or a group that is gone: the caller rolls back. The domain's row is locked so
    that two plans for it follow each other, but not against rows that only refer to it, such as a run that is added.
    """
    name = lock(domain_id)
    steps = _with_ids(plan.steps)
    writes = [step for step in steps if step.writes]
    if writes:
        check(writes)
        _put(domain_id, name, writes)
        renew(domain_id)
    db.session.execute(text("delete from changes where run_id = :run"), {"run": run_id})
    record(run_id, steps)


def put(run_id: int, domain_id: int, name: str, steps: Sequence[Step]) -> None:
    """Write a part of a plan, whose users all have their ids, and record it, in the caller's transaction.

    The caller has locked the list, whose name it was told then, before it looked at the users, and has it renewed after
    the last part. Raises StaleError as `apply` does.
    """
    _put(domain_id, name, [step for step in steps if step.writes])
    record(run_id, steps)


def _put(domain_id: int, name: str, writes: Sequence[Step]) -> None:
    try:
        write(domain_id, name, writes)
    except psycopg.errors.UniqueViolation as error:
        raise StaleError(STALE) from error
    except psycopg.errors.ForeignKeyViolation as error:
        raise StaleError(GONE) from error
    count(domain_id, writes)


def renew(domain_id: int) -> None:
    """Note that the list has changed."""
    db.session.execute(
        update(Domain).where(Domain.id == domain_id).values(list_version=Domain.list_version + 1),
        execution_options={"synchronize_session": False},
    )


def record(run_id: int, steps: Iterable[Step], *, ids: Iterator[int] | None = None) -> None:
    """Keep the steps of a run's plan, done or only planned, in the caller's transaction.

    `ids` are for new users who are on record before they are on the list.
    """
    with (
        driver.cursor() as cursor,
        cursor.copy(
            "copy changes (run_id, user_id, action, address, before, after, place, why, contested, rival_id) from stdin"
        ) as copy,
    ):
        for step in steps:
            user = step.user
            user_id = user.id if user is not None else None
            copy.write_row(
                (
                    run_id,
                    next(ids) if user_id is None and step.after is not None and ids is not None else user_id,
                    step.action.value,
                    user.address if user is not None else step.address,
                    encoded(step.before),
                    encoded(step.after),
                    driver.plain(step.where),
                    driver.plain(step.why),
                    json.dumps(step.contested) if step.contested else "[]",
                    step.rival_id,
                )
            )


def _with_ids(steps: Sequence[Step]) -> list[Step]:
    """The steps with an id for every user that is new; one that comes back by an undo keeps its own."""
    ids = new_ids(steps)
    return [
        replace(step, after=replace(step.after, id=next(ids)))
        if step.before is None and step.after is not None and step.after.id is None
        else step
        for step in steps
    ]


def new_ids(steps: Iterable[Step]) -> Iterator[int]:
    """An id for each user of the steps that has none."""
    new = sum(step.before is None and step.after is not None and step.after.id is None for step in steps)
    if not new:
        return iter(())
    with driver.cursor() as cursor:
        cursor.execute(_NEW_IDS, (new,))
        return iter([row[0] for row in cursor.fetchall()])


# The name of the sequence is looked up once, not for each.
_NEW_IDS = """
    select nextval(ids.sequence)
      from (select pg_get_serial_sequence('users', 'id')::regclass as sequence offset 0) as ids, generate_series(1, %s)
"""


def lock(domain_id: int) -> str:
    """Let plans for a domain follow each other; the name of the domain. Raises StaleError when it is gone."""
    name = db.session.scalar(select(Domain.name).where(Domain.id == domain_id).with_for_update(key_share=True))
    if name is None:
        raise StaleError(GONE)
    return name


def check(writes: Sequence[Step]) -> None:
    """Raises StaleError when a user is no longer as the plan found it."""
    befores = {step.before.id: step.before for step in writes if step.before is not None and step.before.id is not None}
    if befores and roster.by_ids(befores) != befores:
        raise StaleError(STALE)


def write(domain_id: int, name: str, writes: Sequence[Step]) -> None:
    """Free every address that is given up, then take the new ones: two users may swap theirs in one plan."""
    at = now()
    gone = [step.before.id for step in writes if step.after is None and step.before is not None]
    created = [step.after for step in writes if step.before is None and step.after is not None]
    updated = [(step.before, step.after) for step in writes if step.before is not None and step.after is not None]
    freed = [
        key(address) for before, after in updated for address in before.addresses if address not in after.addresses
    ]
    taken: list[tuple[str, str, int | None]] = [
        (key(address), address, after.id)
        for before, after in updated
        for address in after.addresses
        if address not in before.addresses
    ]
    taken += [(key(address), address, user.id) for user in created for address in user.addresses]
    with driver.cursor() as cursor:
        if gone:
            cursor.execute("delete from users where id = any(%s)", (gone,))
        if freed:
            cursor.execute("delete from addresses where key = any(%s)", (freed,))
        for chunk in _chunks([after for _, after in updated]):
            cursor.execute(_UPDATE, (at, json.dumps([_row(user, name) for user in chunk])))
        if created:
            with cursor.copy(_COPY_USERS) as copy:
                for user in created:
                    copy.write_row(_values(user, domain_id, name, at))
        if taken:
            with cursor.copy("copy addresses (key, address, user_id) from stdin") as copy:
                for row in taken:
                    copy.write_row(row)


_COPY_USERS = """
    copy users (id, domain_id, group_id, address, first_name, last_name, kind, origin, source_id, source_key, status,
                reason, missing_since, by_hand, exempt, search, created_at, changed_at) from stdin
"""
_UPDATE = """
    update users u set
        group_id = n.group_id, address = n.address, first_name = n.first_name, last_name = n.last_name, kind = n.kind,
        origin = n.origin, source_id = n.source_id, source_key = n.source_key, status = n.status, reason = n.reason,
        missing_since = n.missing_since, by_hand = n.by_hand, exempt = n.exempt, search = n.search, changed_at = %s
      from jsonb_to_recordset(%s::jsonb) as n(
        id bigint, group_id bigint, address text, first_name text, last_name text, kind text, origin text,
        source_id bigint, source_key text, status text, reason text, missing_since timestamptz, by_hand text[],
        exempt boolean, search text)
     where u.id = n.id
"""


def _values(user: User, domain_id: int, name: str, at: dt.datetime) -> tuple[object, ...]:
    return (
        user.id,
        domain_id,
        user.group_id,
        user.address,
        user.first_name,
        user.last_name,
        user.kind.value,
        user.origin.value,
        user.source_id,
        user.source_key,
        user.status.value,
        user.reason,
        user.missing_since,
        sorted(user.by_hand),
        user.exempt,
        search.text_of(user, name),
        at,
        at,
    )


def _row(user: User, name: str) -> dict[str, object]:
    return {
        "id": user.id,
        "group_id": user.group_id,
        "address": user.address,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "kind": user.kind.value,
        "origin": user.origin.value,
        "source_id": user.source_id,
        "source_key": user.source_key,
        "status": user.status.value,
        "reason": user.reason,
        "missing_since": user.missing_since.isoformat() if user.missing_since else None,
        "by_hand": sorted(user.by_hand),
        "exempt": user.exempt,
        "search": search.text_of(user, name),
    }


def count(domain_id: int, writes: Sequence[Step]) -> None:
    """Keep the counts of users and addresses by group, origin, source, kind and status in step with the list."""
    users: Counter[tuple[object, ...]] = Counter()
    addresses: Counter[tuple[object, ...]] = Counter()
    for step in writes:
        for user, sign in ((step.before, -1), (step.after, 1)):
            if user is not None:
                make = (user.group_id, user.origin.value, user.source_id or 0, user.kind.value, user.status.value)
                users[make] += sign
                addresses[make] += sign * len(user.addresses)
    changed = [make for make in users if users[make] or addresses[make]]
    with driver.cursor() as cursor:
        cursor.executemany(
            """
            insert into user_counts (domain_id, group_id, origin, source_id, kind, status, users, addresses)
            values (%s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (domain_id, group_id, origin, source_id, kind, status)
            do update set users = user_counts.users + excluded.users,
                          addresses = user_counts.addresses + excluded.addresses
            """,
            [(domain_id, *make, users[make], addresses[make]) for make in changed],
        )


def _chunks(users: Sequence[User]) -> Iterator[Sequence[User]]:
    for start in range(0, len(users), CHUNK):
        yield users[start : start + CHUNK]
