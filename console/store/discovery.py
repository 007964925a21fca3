"""The switch of Address Discovery: a domain's choices, when it ends and why, and how much it may still ask."""

import datetime as dt
from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, case, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from console.core.discovery import TEST_EVERY, Ended, Taking
from console.core.errors import RefusedError
from console.models import Admin, Discovery, Domain, Run, Sighting, db, now
from console.store import smtp

_MINUTE, _DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def of_domain(domain_id: int) -> Discovery | None:
    """The switch as it stands in the database now; None where it was never touched."""
    return db.session.get(Discovery, domain_id, populate_existing=True)


def is_on(domain_id: int) -> bool:
    """Whether addresses of the domain are being discovered now."""
    on = select(Discovery.domain_id).where(Discovery.domain_id == domain_id, *_going_on())
    return db.session.scalar(on) is not None


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
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError("Address Discovery of this domain was changed meanwhile. Look at it again.") from None
    return run


def tested(domain_id: int, run_id: int, ended: Ended | None) -> bool:
    """The check that discovery waits for has ended: on from now if that went well. Whether it did wait for this one."""
    values = (
        {"state": "on", "started_at": now(), "tested_at": now()}
        if ended is None
        else {"state": "off", "ended_at": now(), "ended_why": ended.value}
    )
    return _changed(domain_id, Discovery.state == "testing", Discovery.test_run_id == run_id, values=values)


def choose(domain_id: int, *, taking: Taking, needed: int, ends_at: dt.datetime) -> bool:
    """Change the choices while it is on; a later end is warned of anew."""
    values = {"taking": taking.value, "needed": needed, "ends_at": ends_at, "warned_at": None}
    return _changed(domain_id, Discovery.state == "on", values=values)


def turn_off(domain_id: int, ended: Ended) -> bool:
    """Ask nothing more from now on; what was found stays. False if it was off already."""
    values = {"state": "off", "ended_at": now(), "ended_why": ended.value}
    return _changed(domain_id, Discovery.state != "off", values=values)


def refuted_every_address(domain_id: int) -> bool:
    """A random recipient was refused just now, as it should be."""
    return _changed(domain_id, Discovery.state == "on", values={"tested_at": now()})


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


def at_work() -> Sequence[int]:
    """The ids of domains with something to ask now: an address that is due, or the daily random recipient."""
    due = select(Sighting.id).where(Sighting.domain_id == Discovery.domain_id, Sighting.due_at <= now()).exists()
    untested = or_(Discovery.tested_at.is_(None), Discovery.tested_at <= now() - TEST_EVERY)
    query = select(Discovery.domain_id).where(*_going_on(), or_(due, untested))
    return db.session.scalars(query.order_by(Discovery.domain_id)).all()


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


def _changed(domain_id: int, *where: ColumnElement[bool], values: Mapping[str, object]) -> bool:
    moved = db.session.execute(
        update(Discovery).where(Discovery.domain_id == domain_id, *where).values(values).returning(Discovery.domain_id)
    ).first()
    db.session.commit()
    return moved is not None
