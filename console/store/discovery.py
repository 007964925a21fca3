"""The switch of Address Discovery: a domain's choices, when it ends and why, and how much it may still ask."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import ColumnElement, and_, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from console.core.delivery import Finding
from console.core.discovery import TEST_EVERY, Ended, Taking
from console.core.errors import RefusedError
from console.models import OPEN, Admin, Discovery, Domain, EventKind, NoticeKind, Run, RunState, Sighting, db, now
from console.store import events, locks, notices, smtp

_MINUTE, _DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
_TEST_AGAIN = dt.timedelta(minutes=5)
_LABELS = {"taking": "What is found", "needed": "Mails needed", "ends_at": "Until"}
_ON = "Turned Address Discovery on"
_OFF = {
    Ended.BY_HAND: "Turned Address Discovery off",
    Ended.IN_TIME: "Address Discovery is off: its time is over",
    Ended.EVERY_ADDRESS: "Address Discovery is off: a mail server accepts every address",
    Ended.NO_SERVER: "Address Discovery is off: no mail server answered",
    Ended.NOT_GOOD: "Address Discovery is off: its check did not end well",
}


@contextmanager
def held(domain_id: int) -> Iterator[bool]:
    """Be the one process that asks a domain's servers about what arriving mail is for. False when another one is."""
    with locks.held(locks.PROBES + domain_id) as mine:
        yield mine


def of_domain(domain_id: int) -> Discovery | None:
    """The switch as it stands in the database now; None where it was never touched."""
    return db.session.get(Discovery, domain_id, populate_existing=True)


def is_on(domain_id: int) -> bool:
    """Whether addresses of the domain are being discovered now."""
    on = select(Discovery.domain_id).where(Discovery.domain_id == domain_id, *_going_on())
    return db.session.scalar(on) is not None


def waits_for(run: Run) -> Discovery | None:
    """The switch that this check was to turn on, or did; None for any other check."""
    switch = of_domain(run.domain_id)
    return switch if switch is not None and switch.test_run_id == run.id else None


def is_settled_by(run: Run) -> bool:
    """Whether it is still open if this check turns discovery on."""
    switch = waits_for(run)
    return switch is not None and switch.state == "testing"


def ask_for(domain: Domain, admin: Admin | None, *, taking: Taking, needed: int, ends_at: dt.datetime) -> Run:
    """The check of the domain's mail servers that turns discovery on if it ends well, committed; the caller enqueues.

    Raises RefusedError without a mail server, while a check is open, and for an end that is not in the future.
    """
    if ends_at <= now():
        raise RefusedError("The end must be in the future.")
    run = smtp.start_check(domain, admin, title="Check before Address Discovery")
    switch = of_domain(domain.id) or Discovery(domain_id=domain.id)
    switch.state, switch.taking, switch.needed, switch.ends_at = "testing", taking.value, needed, ends_at
    switch.test_run_id, switch.ended_at, switch.ended_why, switch.warned_at = run.id, None, "", None
    db.session.add(switch)
    chosen = {"taking": taking.value, "needed": needed, "ends_at": ends_at}
    changes = events.compared({}, chosen, _LABELS)
    try:
        db.session.flush()
        events.note(EventKind.CHANGED, "Asked to turn Address Discovery on", domain=domain, changes=changes)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError("Address Discovery of this domain was changed meanwhile. Look at it again.") from None
    return run


def tested(domain_id: int, run_id: int, ended: Ended | None) -> bool:
    """The check that discovery waits for has ended: on from now if that went well. Whether it did wait for this one."""
    values = (
        {"state": "on", "started_at": now(), "tested_at": now(), "tested_peer": "", "test_after": None}
        if ended is None
        else {"state": "off", "ended_at": now(), "ended_why": ended.value}
    )
    waited = Discovery.state == "testing", Discovery.test_run_id == run_id
    return _changed(domain_id, *waited, values=values, told=_ON if ended is None else _OFF[ended])


def settle() -> Sequence[tuple[int, int]]:
    """Turn discovery on or off where the check that it waited for has ended, however it did; the domain and run ids.

    A check that failed, was cancelled, or whose worker died says nothing good of the servers.
    """
    query = select(Discovery.domain_id, Run).join(Run, Run.id == Discovery.test_run_id, isouter=True)
    waiting = db.session.execute(query.where(Discovery.state == "testing")).all()
    settled = []
    for domain_id, run in waiting:
        if run is None:
            turn_off(domain_id, Ended.NOT_GOOD)
        elif run.state not in OPEN and tested(domain_id, run.id, _ended(run)):
            settled.append((domain_id, run.id))
    db.session.commit()
    return settled


def _ended(run: Run) -> Ended | None:
    """Why discovery cannot be turned on after this check; None if it can."""
    found = (run.trial or {}).get("finding")
    finding = Finding(found) if found else None
    if finding is Finding.EVERY_ADDRESS:
        return Ended.EVERY_ADDRESS
    if finding is Finding.UNREACHABLE:
        return Ended.NO_SERVER
    good = finding is not None and finding.is_good and run.state == RunState.SUCCEEDED
    return None if good else Ended.NOT_GOOD


def choose(domain_id: int, *, taking: Taking, needed: int, ends_at: dt.datetime) -> bool:
    """Change the choices while it is on; a later end is warned of anew."""
    values = {"taking": taking.value, "needed": needed, "ends_at": ends_at, "warned_at": None}
    before = select(Discovery.taking, Discovery.needed, Discovery.ends_at).where(Discovery.domain_id == domain_id)
    stored = db.session.execute(before).mappings().one_or_none()
    changes = events.compared({str(name): value for name, value in (stored or {}).items()}, values, _LABELS)
    told = "Changed the choices of Address Discovery"
    return _changed(domain_id, Discovery.state == "on", values=values, told=told, changes=changes)


def turn_off(domain_id: int, ended: Ended, *, notice: str = "") -> bool:
    """Ask nothing more from now on; what was found stays. False if it was off already.

    `notice` is what the domain's notification addresses are told of it, in the same transaction.
    """
    values = {"state": "off", "ended_at": now(), "ended_why": ended.value}
    moved = _moved(domain_id, Discovery.state != "off", values=values)
    if moved:
        events.note_of(domain_id, EventKind.CHANGED, _OFF[ended])
    if moved and notice:
        notices.tell(NoticeKind.DISCOVERY_OFF, db.session.get_one(Domain, domain_id), notice)
    db.session.commit()
    return moved


def refuted_every_address(domain_id: int, peer: str = "") -> bool:
    """This server refused a random recipient just now, as it should."""
    values = {"tested_at": now(), "tested_peer": peer, "test_after": None}
    return _changed(domain_id, Discovery.state == "on", values=values)


def retest_later(domain_id: int) -> bool:
    """No server said clearly whether it accepts every address: it is asked again in a while."""
    return _changed(domain_id, Discovery.state == "on", values={"test_after": now() + _TEST_AGAIN})


def warned(domain_id: int) -> bool:
    """Note that its end was announced: true for exactly one caller. In the caller's transaction, with the notice."""
    moved = db.session.execute(
        update(Discovery)
        .where(Discovery.domain_id == domain_id, Discovery.state == "on", Discovery.warned_at.is_(None))
        .values(warned_at=now())
        .returning(Discovery.domain_id)
    )
    return moved.first() is not None


def over() -> Sequence[int]:
    """The ids of domains whose time has come and whose switch is still on."""
    query = select(Discovery.domain_id).where(Discovery.state == "on", Discovery.ends_at <= now())
    return db.session.scalars(query.order_by(Discovery.domain_id)).all()


def ending(within: dt.timedelta) -> Sequence[int]:
    """The ids of domains whose discovery ends soon and was not announced yet."""
    soon = Discovery.ends_at <= now() + within
    query = select(Discovery.domain_id).where(*_going_on(), soon, Discovery.warned_at.is_(None))
    return db.session.scalars(query.order_by(Discovery.domain_id)).all()


def warn_of_ends(within: dt.timedelta) -> None:
    """Have each end that comes soon announced once, with its time, and commit."""
    for domain_id in ending(within):
        if warned(domain_id):
            switch = db.session.get_one(Discovery, domain_id, populate_existing=True)
            notices.tell(NoticeKind.DISCOVERY_ENDING, switch.domain, f"{switch.ends_at:%Y-%m-%d at %H:%M} UTC")
        db.session.commit()


def at_work() -> Sequence[int]:
    """The ids of domains with something to ask now: an address that is due, or the daily random recipient."""
    due = select(Sighting.id).where(Sighting.domain_id == Discovery.domain_id, Sighting.due_at <= now()).exists()
    query = select(Discovery.domain_id).where(*_going_on(), or_(due, _is_to_be_tested()))
    return db.session.scalars(query.order_by(Discovery.domain_id)).all()


def is_to_be_tested(domain_id: int) -> bool:
    """Whether a day is over since a random recipient was refused."""
    query = select(Discovery.domain_id).where(Discovery.domain_id == domain_id, *_going_on(), _is_to_be_tested())
    return db.session.scalar(query) is not None


def room(domain_id: int, a_minute: int, a_day: int) -> int:
    """How many addresses may be asked for now, by the bounds of a minute and of a day."""
    switch = of_domain(domain_id)
    if switch is None:
        return min(a_minute, a_day)
    at = now()
    minute = switch.minute_probes if at < switch.minute_at + _MINUTE else 0
    day = switch.day_probes if at < switch.day_at + _DAY else 0
    return max(0, min(a_minute - minute, a_day - day))


def spend(domain_id: int, probes: int = 1) -> None:
    """Count what is asked, and commit, before it is asked. A domain that never had a switch gets one, which is off."""
    at = now()
    fresh = {"domain_id": domain_id, "ends_at": at, "minute_at": at, "day_at": at}
    db.session.execute(insert(Discovery).values(fresh).on_conflict_do_nothing())
    minute_over, day_over = Discovery.minute_at <= at - _MINUTE, Discovery.day_at <= at - _DAY
    db.session.execute(
        update(Discovery)
        .where(Discovery.domain_id == domain_id)
        .values(
            minute_probes=case((minute_over, probes), else_=Discovery.minute_probes + probes),
            minute_at=case((minute_over, at), else_=Discovery.minute_at),
            day_probes=case((day_over, probes), else_=Discovery.day_probes + probes),
            day_at=case((day_over, at), else_=Discovery.day_at),
        )
    )
    db.session.commit()


def _going_on() -> tuple[ColumnElement[bool], ...]:
    return Discovery.state == "on", Discovery.ends_at > now()


def _is_to_be_tested() -> ColumnElement[bool]:
    old = or_(Discovery.tested_at.is_(None), Discovery.tested_at <= now() - TEST_EVERY)
    return and_(old, or_(Discovery.test_after.is_(None), Discovery.test_after <= now()))


def _changed(
    domain_id: int,
    *where: ColumnElement[bool],
    values: Mapping[str, object],
    told: str = "",
    changes: Sequence[events.Difference] = (),
) -> bool:
    """Change the switch where these hold, and commit; what a person has to know of it goes on record as `told`."""
    moved = _moved(domain_id, *where, values=values)
    if moved and told:
        events.note_of(domain_id, EventKind.CHANGED, told, changes=changes)
    db.session.commit()
    return moved


def _moved(domain_id: int, *where: ColumnElement[bool], values: Mapping[str, object]) -> bool:
    query = update(Discovery).where(Discovery.domain_id == domain_id, *where).values(values)
    return db.session.execute(query.returning(Discovery.domain_id)).first() is not None
