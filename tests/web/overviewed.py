"""Domains as their overview tells of them."""

from typing import Any

from console.core.person import Kind
from console.core.recipient import Mode
from console.models import DeliveryServer, Domain, Source, db
from console.store import domains, runs, smtp, sources
from tests import factories, past
from tests.factories import manual_user

PATH = f"/domains/{factories.DOMAIN}"


def used(domain: Domain) -> Domain:
    """A domain whose perimeter enforces a list of three addresses."""
    factories.users(domain, manual_user("ada", aliases=["a"]), manual_user("room", kind=Kind.RESOURCE))
    domains.set_perimeter(domain, Mode.ENFORCE)
    return domain


def synced(domain: Domain) -> Source:
    """A source that was synced an hour ago."""
    made = factories.source(domain)
    sources.succeeded(made.id)
    past.sync(made, counts={"read": 2})
    return made


def checked(domain: Domain, server: DeliveryServer, finding: str) -> int:
    """A check of the server that found this."""
    run = smtp.start_check(domain, None)
    runs.claim(run.id)
    row: dict[str, Any] = {"host": server.host, "port": server.port, "finding": finding, "steps": []}
    smtp.note(run.id, {"known": None, "finding": finding, "servers": [row]}, "asking")
    runs.succeed(run.id)
    db.session.commit()
    return run.id
