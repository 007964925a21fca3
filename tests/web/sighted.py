"""Address Discovery of a domain as a check and arriving mail leave it, for the tests of its pages."""

import datetime as dt

from console.core.discovery import Ended, SightingState
from console.core.person import Kind, Origin
from console.core.recipient import Mode
from console.models import Discovery, Domain, Sighting, User, db, now
from console.store import domains, sightings, smtp, users
from console.store.sightings import Seen
from tests import factories

PATH = f"/domains/{factories.DOMAIN}/discovery"


def switched_on(domain: Domain, **values: object) -> Discovery:
    """A domain that enforces its list, with a mail server, and whose discovery is on for 14 days."""
    domains.set_perimeter(domain, Mode.ENFORCE)
    if not smtp.of_domain(domain.id):
        factories.delivery_server(domain)
    at = now()
    chosen = {"state": "on", "ends_at": at + dt.timedelta(days=14), "started_at": at, "tested_at": at, **values}
    switch = db.session.merge(Discovery(domain_id=domain.id, **chosen))
    db.session.commit()
    return switch


def ended(domain: Domain, why: Ended, **values: object) -> Discovery:
    return switched_on(domain, state="off", ended_why=why.value, ended_at=now(), **values)


def sighted(
    domain: Domain, local: str, state: SightingState = SightingState.WAITING, said: str = "", times: int = 1
) -> Sighting:
    """An address that mail came for, and what came of it; one that was added is a user."""
    address = factories.address(local, domain.name)
    seen = Seen(address, f"orders@{'long-' * 8}shop.example", "192.0.2.7")
    found = sightings.note(domain.id, [seen] * times)
    row = db.session.get_one(Sighting, next(iter(found.values())).id, populate_existing=True)
    if state is not SightingState.WAITING:
        user_id = None
        if state is SightingState.ADDED:
            made = factories.user(address, None, group_id=1, origin=Origin.DISCOVERY, source_id=None, source_key=None)
            [user_id] = factories.users(domain, made)
        sightings.answered(row.id, state, said or SAID[state], user_id=user_id)
        db.session.commit()
    return row


SAID = {
    SightingState.ADDED: "250 2.1.5 Ok",
    SightingState.REVIEW: "250 2.1.5 Ok",
    SightingState.REFUSED: "550 5.1.1 No such user here",
    SightingState.UNKNOWN: "451 4.7.1 Try again later",
    SightingState.NOT_OURS: "250 2.1.5 Ok",
}


def state(row: Sighting) -> SightingState:
    """How it stands by now."""
    return SightingState(db.session.get_one(Sighting, row.id, populate_existing=True).state)


def holder(local: str) -> User | None:
    """Who has an address by now."""
    db.session.expire_all()
    return users.holder(factories.address(local))


def billable(domain: Domain) -> int:
    return users.totals(domain.id).billable


def kind(local: str) -> Kind | None:
    found = holder(local)
    return Kind(found.kind) if found is not None else None
