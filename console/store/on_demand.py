"""A list of addresses on demand: what is left of its plan, and what it leaves behind for mail that arrives later."""

from sqlalchemy import delete, func, select, text, update

from console.core.address import key
from console.core.person import Reject
from console.core.plan import Action, Plan
from console.models import Change, Run, Sighting, db, now
from console.store import records, roster, runs, sightings


def drop_listed(run: Run) -> int:
    """Take out of a run's kept plan whose addresses somebody has by now, with a remark each, and commit; how many."""
    planned = [step.after for step in records.steps(run.id, Change.action == Action.CREATE) if step.after is not None]
    listed = {key(held) for user in roster.holding(user.address for user in planned) for held in user.addresses}
    gone = [user.address for user in planned if key(user.address) in listed]
    if gone:
        db.session.execute(delete(Change).where(Change.run_id == run.id, Change.address.in_(gone)))
        skips = tuple(Reject("", address, f"{address} is on the list already.") for address in gone)
        runs.remark(run.id, Plan(skips=skips))
        counts = {name: int(count) for name, count in run.counts.items()}
        counts |= {"created": counts["created"] - len(gone), "skipped": counts["skipped"] + len(gone)}
        db.session.execute(update(Run).where(Run.id == run.id).values(counts=counts))
    db.session.commit()
    return len(gone)


def keep_added(run: Run) -> None:
    """Note of each user that a run added that it was discovered, as if mail had come, in the caller's transaction.

    So one that a person takes off the list again does not come back with the next mail for it. The place of its step
    is what the server said.
    """
    rows = db.session.execute(
        select(Change.user_id, Change.address, Change.place).where(
            Change.run_id == run.id, Change.action == Action.CREATE
        )
    )
    given = [(key(step.address), step.address, step.user_id, step.place) for step in rows]
    if not given:
        return
    count = select(func.count()).select_from(Sighting).where(Sighting.domain_id == run.domain_id)
    values = {
        "domain": run.domain_id,
        "at": now(),
        "room": max(0, sightings.LIMIT - (db.session.scalar(count) or 0)),
        "keys": [row[0] for row in given],
        "addresses": [row[1] for row in given],
        "users": [row[2] for row in given],
        "said": [row[3] for row in given],
    }
    db.session.execute(text(_KEEP), values)


_KEEP = """
    with n as (
        select * from unnest(cast(:keys as text[]), cast(:addresses as text[]), cast(:users as bigint[]),
                             cast(:said as text[])) as n(key, address, user_id, said)
    ),
    known as (
        update sightings s
           set state = 'added', due_at = null, attempts = 0, answered_at = :at, said = n.said, user_id = n.user_id
          from n where s.domain_id = :domain and s.key = n.key
        returning s.key
    )
    insert into sightings (domain_id, key, address, state, times, first_at, last_at, client, attempts, answered_at,
                           said, user_id)
    select :domain, n.key, n.address, 'added', 0, :at, :at, '', 0, :at, n.said, n.user_id
      from n where n.key not in (select key from known)
     limit :room
    on conflict (domain_id, key) do nothing
"""
