"""Inbound SMTP: a domain's delivery servers, and the checks of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from console.core.address import Address
from console.core.errors import RefusedError
from console.core.person import Kind, Status
from console.models import OPEN, Admin, DeliveryServer, Domain, EventKind, Run, RunKind, RunState, User, db
from console.store import driver, events

# A check asks them all, one after the other.
LIMIT = 10
LABELS = {"host": "Host", "port": "Port", "priority": "Priority", "tls": "TLS"}


def of_domain(domain_id: int) -> Sequence[DeliveryServer]:
    """The delivery servers of a domain in the order in which they are asked."""
    query = select(DeliveryServer).where(DeliveryServer.domain_id == domain_id)
    return db.session.scalars(query.order_by(DeliveryServer.priority, DeliveryServer.position, DeliveryServer.id)).all()


def server(domain_id: int, server_id: int) -> DeliveryServer | None:
    """A delivery server of this domain."""
    mine = DeliveryServer.domain_id == domain_id, DeliveryServer.id == server_id
    return db.session.scalars(select(DeliveryServer).where(*mine)).one_or_none()


def at(domain_id: int, host: str, port: int) -> DeliveryServer | None:
    """The delivery server of this domain at a host (as core.delivery.mail_host has it) and port."""
    mine = DeliveryServer.domain_id == domain_id, DeliveryServer.host == host, DeliveryServer.port == port
    return db.session.scalars(select(DeliveryServer).where(*mine)).one_or_none()


def save(changed: DeliveryServer) -> DeliveryServer:
    """Store a new or changed server; a new one comes last of its priority.

    Raises RefusedError for a place that the domain has already, and for too many.
    """
    domain_id, place, new = changed.domain_id, changed.place, changed.id is None
    changes = [] if new else events.differences(changed, LABELS)
    if new:
        mine = DeliveryServer.domain_id == domain_id
        count, last = db.session.execute(
            select(func.count(), func.coalesce(func.max(DeliveryServer.position), 0)).where(mine)
        ).one()
        if count >= LIMIT:
            raise RefusedError(f"A domain has at most {LIMIT} mail servers here. Remove one first.")
        changed.position = last + 1
        db.session.add(changed)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(f"{place} is one of this domain's mail servers already.") from None
    if new:
        events.note_of(domain_id, EventKind.ADDED, f"Added the mail server {place}")
    elif changes:
        events.note_of(domain_id, EventKind.CHANGED, f"Changed the mail server {place}", changes=changes)
    db.session.commit()
    return changed


def remove(gone: DeliveryServer) -> None:
    events.note_of(gone.domain_id, EventKind.REMOVED, f"Removed the mail server {gone.place}")
    db.session.delete(gone)
    db.session.commit()


def move(moved: DeliveryServer, *, up: bool) -> bool:
    """Change places with the server before or after it; false where there is none."""
    servers = list(of_domain(moved.domain_id))
    at_index = servers.index(moved)
    beside = at_index - 1 if up else at_index + 1
    if not 0 <= beside < len(servers):
        return False
    servers[at_index], servers[beside] = servers[beside], servers[at_index]
    # The priorities stay where they are, so that no other server changes its place.
    priorities = sorted(item.priority for item in servers)
    for place, (item, priority) in enumerate(zip(servers, priorities, strict=True), 1):
        item.priority, item.position = priority, place
    way = "up" if up else "down"
    events.note_of(moved.domain_id, EventKind.CHANGED, f"Moved the mail server {moved.place} {way}")
    db.session.commit()
    return True


def known_recipient(domain_id: int) -> Address | None:
    """The first active user of a domain, a mailbox if there is one: somebody whom its servers should accept."""
    query = select(User.address).where(User.domain_id == domain_id, User.status == Status.ACTIVE.value)
    found = db.session.scalars(query.order_by(User.kind != Kind.MAILBOX.value, User.id).limit(1)).first()
    return Address(found) if found else None


def start_check(domain: Domain, admin: Admin | None, known: Address | None = None, *, title: str = "") -> Run:
    """A queued check, committed; the caller enqueues it then. `known` is a recipient that exists, else one is chosen.

    Raises RefusedError without a server to check, and while another check of the domain is open.
    """
    if not of_domain(domain.id):
        raise RefusedError("There is no mail server to check. Add one first.")
    run = Run(
        kind=RunKind.CHECK.value,
        domain_id=domain.id,
        admin_id=admin.id if admin else None,
        title=title,
        stage="queued",
        trial={"known": known or known_recipient(domain.id), "finding": None, "servers": []},
    )
    db.session.add(run)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError("A check of this domain is under way. Wait until it has ended, or cancel it.") from None
    return run


def open_check(domain_id: int) -> Run | None:
    """The check of a domain that has not ended: there is one at a time."""
    query = select(Run).where(Run.domain_id == domain_id, Run.kind == RunKind.CHECK, Run.state.in_(OPEN))
    return db.session.scalars(query).first()


def last_check(domain_id: int) -> Run | None:
    """The newest check of a domain that found something."""
    query = select(Run).where(
        Run.domain_id == domain_id,
        Run.kind == RunKind.CHECK,
        Run.state.in_((RunState.SUCCEEDED, RunState.FAILED)),
        Run.trial["finding"].as_string().is_not(None),
    )
    return db.session.scalars(query.order_by(Run.id.desc()).limit(1)).first()


def note(run_id: int, trial: Mapping[str, Any], stage: str, *, done: int = 0, total: int | None = None) -> bool:
    """Note what mail servers have said so far, and commit; true while nobody asked for the run to be cancelled."""
    asked = db.session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == RunState.RUNNING)
        .values(trial=driver.plain_json(trial), stage=stage, done=done, total=total)
        .returning(Run.cancel_requested)
    ).scalar_one_or_none()
    db.session.commit()
    return asked is False
