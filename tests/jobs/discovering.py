"""A domain whose discovery is on, and what a worker does with the addresses that mail came for."""

import datetime as dt
from typing import Any

from console.core.discovery import Sighted, SightingState
from console.models import Discovery, Domain, Sighting, db, now
from console.store import roster, sightings
from console.store.sightings import Seen
from jobs import tasks
from tests import factories
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import Script, ScriptedSmtp

GREYLISTED = "450 4.7.1 Greylisted, try again later"
BLOCKED = "550 5.7.1 Service unavailable; client host [192.0.2.1] blocked"


def switched_on(domain: Domain, **values: Any) -> Discovery:
    """Discovery is on, by a check a moment ago."""
    defaults: dict[str, Any] = {"state": "on", "ends_at": now() + dt.timedelta(days=14), "tested_at": now()}
    switch = Discovery(domain_id=domain.id, started_at=now(), **{**defaults, **values})
    db.session.add(switch)
    db.session.commit()
    return switch


def switch(domain: Domain) -> Discovery:
    """The switch as it is in the database."""
    found = db.session.get_one(Discovery, domain.id, populate_existing=True)
    db.session.commit()
    return found


def peer(server: ScriptedSmtp) -> str:
    return f"{LOOPBACK}, port {server.port}"


def sight(domain: Domain, *locals_: str) -> list[Sighted]:
    """Mail comes for these."""
    seen = [Seen(factories.address(local, domain.name)) for local in locals_]
    return list(sightings.note(domain.id, seen).values())


def arrive(domain: Domain, *locals_: str) -> None:
    """Mail comes for these, and a worker asks about them."""
    sight(domain, *locals_)
    tasks.probe(domain.id)


def standing(domain: Domain) -> dict[str, SightingState]:
    """How each address stands, by its local part."""
    rows = {row.address.partition("@")[0]: SightingState(row.state) for row in rows_of(domain)}
    db.session.commit()
    return rows


def rows_of(domain: Domain) -> list[Sighting]:
    return db.session.query(Sighting).filter_by(domain_id=domain.id).populate_existing().order_by(Sighting.id).all()


def on_list(domain: Domain) -> set[str]:
    """The local parts of the primary addresses."""
    found = {user.address.partition("@")[0] for user in roster.of_domain(domain.id)}
    db.session.commit()
    return found


def real(*locals_: str, **more: Any) -> Script:
    """A server where these people have a mailbox, and nobody else."""
    return Script(frozenset(factories.address(local) for local in locals_), **more)


def people(server: ScriptedSmtp) -> list[str]:
    """The local parts that a server was asked about, but for random ones."""
    names = [address.partition("@")[0] for address in server.asked]
    return [name for name in names if not name.startswith("rollcall-check-")]


def randoms(server: ScriptedSmtp) -> int:
    """How often a server was asked about an address that nobody has."""
    return len(server.asked) - len(people(server))
