"""Sightings: addresses that mail came for and that nobody has, what the domain's server said of them, and what a person
made of that. There are no more than a bounded number of them a domain."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text, update

from console.core.address import Address, key
from console.core.discovery import FIRST_RETRY, NO_HOLDS, Sighted, SightingState, next_try
from console.core.rejections import SENDERS
from console.models import Admin, Discovery, Sighting, db, now
from console.store import driver

# Rows a domain. When they are all there, those that a server refused long ago make room, and else nothing new is noted.
LIMIT = 10_000
PAGE = 50


@dataclass(frozen=True, slots=True)
class Seen:
    """Mail for an address, in its domain's own name, that nobody has. `sender` and `client` are as they were told."""

    address: Address
    sender: str = ""
    client: str = ""


def note(domain_id: int, seen: Sequence[Seen], *, full: bool = False) -> Mapping[str, Sighted]:
    """Count mail for addresses, and commit; how each stands now, by its key.

    What finds no room is not in it, and nothing is while the domain's discovery is off. An address is due to be asked
    for once it was seen as often as the domain wants, and once more when the server's no is old. One that was added and
    that nobody has any more was taken off the list by a person, and so it is not ours. With `full` there was no room a
    moment ago, and none is looked for: that takes most of the time. Where nothing is known then, as in a dictionary
    attack, nobody is waited for and nothing written.
    """
    if full and not _any_known(domain_id, {key(item.address) for item in seen}):
        return {}
    at = now()
    on = Discovery.domain_id == domain_id, Discovery.state == "on", Discovery.ends_at > at
    # Two that note the same addresses in another order would wait for each other: one of a domain at a time.
    needed = db.session.scalar(select(Discovery.needed).where(*on).with_for_update(key_share=True))
    if needed is None:
        db.session.rollback()
        return {}
    rows: dict[str, dict[str, object]] = {}
    for item in seen:
        row = rows.setdefault(
            key(item.address),
            {"key": key(item.address), "address": item.address, "times": 0, "senders": [], "client": ""},
        )
        row["times"] = int(str(row["times"])) + 1
        row["client"] = driver.plain(item.client)[:64]
        senders = row["senders"]
        if item.sender and isinstance(senders, list):
            shown = driver.plain(item.sender)[:256]
            row["senders"] = [shown, *(other for other in senders if other != shown)][:SENDERS]
    given = {
        "domain": domain_id,
        "at": at,
        "needed": needed,
        "old": at - NO_HOLDS,
        "limit": LIMIT,
        "full": full,
        "senders": SENDERS,
        "rows": json.dumps(driver.plain_json(list(rows.values()))),
    }
    if not full and (db.session.scalar(text(_COUNT), given) or 0) + len(rows) > LIMIT:
        db.session.execute(text(_MAKE_ROOM), given)
    found = db.session.execute(text(_NOTE), given).all()
    db.session.commit()
    return {name: _sighted(*row) for name, *row in found}


def standing(ids: Collection[int]) -> Mapping[int, Sighted]:
    """How these sightings stand now."""
    with driver.cursor() as cursor:
        rows = cursor.execute(
            "select id, address, state, due_at, answered_at from sightings where id = any(%s)", (list(ids),)
        ).fetchall()
    db.session.rollback()
    return {row[0]: _sighted(*row) for row in rows}


def due(domain_id: int, limit: int) -> Sequence[Sighted]:
    """What is to be asked now: first what mail comes for again and again, as it does for people, not for guesses."""
    query = select(Sighting).where(Sighting.domain_id == domain_id, Sighting.due_at <= now())
    found = db.session.scalars(query.order_by(Sighting.times.desc(), Sighting.due_at, Sighting.id).limit(limit)).all()
    return [_sighted(row.id, row.address, row.state, row.due_at, row.answered_at) for row in found]


def answered(sighting_id: int, state: SightingState, said: str, *, user_id: int | None = None) -> None:
    """Keep a clear answer, in the caller's transaction. What a person decided meanwhile stays."""
    db.session.execute(
        update(Sighting)
        .where(Sighting.id == sighting_id, Sighting.state != SightingState.NOT_OURS)
        .values(state=state, said=driver.plain(said), due_at=None, attempts=0, answered_at=now(), user_id=user_id)
    )


def unanswered(sighting_id: int, said: str) -> None:
    """Keep that the server said nothing of use, with when to ask again, in the caller's transaction."""
    row = db.session.get(Sighting, sighting_id, populate_existing=True)
    if row is None or row.state == SightingState.NOT_OURS:
        return
    row.attempts += 1
    row.state, row.said, row.due_at = SightingState.UNKNOWN.value, driver.plain(said), next_try(row.attempts, now())


def put_off(domain_id: int, said: str) -> None:
    """The server could not be asked: nothing of what is due was asked for, and all of it waits for a while; commits."""
    waiting = (SightingState.WAITING.value, SightingState.UNKNOWN.value)
    due = Sighting.domain_id == domain_id, Sighting.due_at <= now(), Sighting.state.in_(waiting)
    values = {"state": SightingState.UNKNOWN.value, "said": driver.plain(said), "due_at": now() + FIRST_RETRY}
    db.session.execute(update(Sighting).where(*due).values(values))
    db.session.commit()


def still_due(ids: Collection[int]) -> Collection[int]:
    """Which of these nobody has decided about meanwhile, locked until the caller's transaction ends.

    One that is being written to just now is left out: it stays due.
    """
    query = select(Sighting.id).where(Sighting.id.in_(list(ids)), Sighting.due_at.is_not(None))
    return set(db.session.scalars(query.with_for_update(skip_locked=True)))


def visible(admin: Admin, sighting_id: int) -> Sighting | None:
    """The sighting, if the administrator may see its domain."""
    row = db.session.get(Sighting, sighting_id)
    return None if row is None or (admin.limited and row.domain not in admin.domains) else row


def counts(domain_id: int) -> Mapping[SightingState, int]:
    """How many addresses stand where."""
    query = select(Sighting.state, func.count()).where(Sighting.domain_id == domain_id).group_by(Sighting.state)
    found = {SightingState(state): int(count) for state, count in db.session.execute(query)}
    return {state: found.get(state, 0) for state in SightingState}


def page(
    domain_id: int,
    states: Iterable[SightingState],
    number: int = 1,
    *,
    q: str = "",
    since: dt.datetime | None = None,
) -> tuple[Sequence[Sighting], bool]:
    """The sightings in some states, the latest first, on pages counted from 1; and whether there are further ones.

    `q` is looked for in addresses and senders. With `since` only what was answered after that time.
    """
    query = select(Sighting).where(Sighting.domain_id == domain_id, Sighting.state.in_([item.value for item in states]))
    if wanted := q.strip().lower():
        senders = func.lower(func.array_to_string(Sighting.senders, " "))
        query = query.where(
            Sighting.address.contains(wanted, autoescape=True) | senders.contains(wanted, autoescape=True)
        )
    if since is not None:
        query = query.where(Sighting.answered_at > since)
    query = query.order_by(Sighting.last_at.desc(), Sighting.id.desc()).limit(PAGE + 1).offset((number - 1) * PAGE)
    rows = db.session.scalars(query).all()
    return rows[:PAGE], len(rows) > PAGE


def added_since(domain_id: int, since: dt.datetime | None) -> Sequence[Sighting]:
    """What was added after a time (None: ever), to be looked at again when a server is found to accept everything."""
    query = select(Sighting).where(Sighting.domain_id == domain_id, Sighting.state == SightingState.ADDED)
    if since is not None:
        query = query.where(Sighting.answered_at > since)
    return db.session.scalars(query.order_by(Sighting.address)).all()


def of_users(user_ids: Collection[int]) -> Mapping[int, Sighting]:
    """The sightings that became these users, or their aliases; of several the first that was seen."""
    query = select(Sighting).where(Sighting.user_id.in_(list(user_ids)), Sighting.state == SightingState.ADDED)
    query = query.order_by(Sighting.first_at.desc(), Sighting.id.desc())
    return {row.user_id: row for row in db.session.scalars(query) if row.user_id is not None}


def decide(sighting_ids: Collection[int], state: SightingState) -> None:
    """What a person says of addresses, in the caller's transaction: nothing is asked about them any more."""
    db.session.execute(
        update(Sighting).where(Sighting.id.in_(list(sighting_ids))).values(state=state, due_at=None, answered_at=now())
    )


def ask_again(sighting_ids: Collection[int]) -> None:
    """Have addresses asked for anew, whatever was said of them, in the caller's transaction."""
    db.session.execute(
        update(Sighting)
        .where(Sighting.id.in_(list(sighting_ids)))
        .values(state=SightingState.WAITING, due_at=now(), attempts=0)
    )


def forget(before: dt.datetime) -> None:
    """Drop what nobody wrote to since, but for what a person decided."""
    db.session.execute(text(_FORGET), {"before": before})
    db.session.commit()


def _any_known(domain_id: int, keys: Collection[str]) -> bool:
    with driver.cursor() as cursor:
        query = "select from sightings where domain_id = %s and key = any(%s) limit 1"
        found = cursor.execute(query, (domain_id, list(keys))).fetchone()
    db.session.rollback()
    return found is not None


def _sighted(
    number: int, address: str, state: str, due_at: dt.datetime | None, answered_at: dt.datetime | None
) -> Sighted:
    return Sighted(number, Address(address), SightingState(state), due_at, answered_at)


_COUNT = "select count(*) from sightings where domain_id = :domain"
_MAKE_ROOM = """
    delete from sightings where domain_id = :domain and state = 'refused' and answered_at <= :old
"""
_FORGET = "delete from sightings where last_at < :before and state not in ('not_ours', 'review')"
# An address is due when it is new or the server's no is old, and was seen often enough.
_NOTE = """
    with n as (
        select * from jsonb_to_recordset(cast(:rows as jsonb)) as n(
            key text collate "C", address text collate "C", times bigint, senders text[], client text)
    ),
    known as (
        update sightings s set
            times = s.times + n.times, last_at = :at,
            client = case when n.client = '' then s.client else n.client end,
            senders = array(
                select w from unnest(n.senders || s.senders) with ordinality as told(w, place)
                 group by w order by min(place) limit :senders),
            state = case
                when s.state = 'added' and not exists (select from addresses a where a.key = s.key) then 'not_ours'
                when s.state = 'refused' and s.answered_at <= :old then 'waiting'
                else s.state end,
            attempts = case when s.due_at is null and s.state = 'unknown' then 0 else s.attempts end,
            due_at = case
                when s.due_at is not null then s.due_at
                when s.state in ('waiting', 'unknown') or (s.state = 'refused' and s.answered_at <= :old)
                then case when s.times + n.times >= :needed then cast(:at as timestamptz) end
                end
          from n where s.domain_id = :domain and s.key = n.key
        returning s.key, s.id, s.address, s.state, s.due_at, s.answered_at
    ),
    made as (
        insert into sightings (domain_id, key, address, state, times, first_at, last_at, senders, client, due_at,
                               attempts, said)
        select :domain, n.key, n.address, 'waiting', n.times, :at, :at, n.senders, n.client,
               case when n.times >= :needed then cast(:at as timestamptz) end, 0, ''
          from n where n.key not in (select key from known)
         limit case when :full then 0
               else greatest(0, :limit - (select count(*) from sightings where domain_id = :domain)) end
        on conflict (domain_id, key) do update set times = sightings.times + excluded.times, last_at = excluded.last_at
        returning key, id, address, state, due_at, answered_at
    )
    select * from known union all select * from made
"""
