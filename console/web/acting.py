"""Who a request is from, for the record; and what was refused, which is put on record once the answer has gone out.

Afterwards, since whoever is refused must not learn, by the time it takes either, whether there is what they asked for.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, has_request_context, request

from console.hourly import Hourly
from console.models import Admin, DatabaseError, Domain, EventKind, db
from console.store import admins, events
from console.store.events import COMMAND_LINE, Actor
from console.web import tries

log = logging.getLogger(__name__)

Found = Callable[[], Domain | None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is to be put on record. `of` finds the domain that was asked for; without one, nothing was there to hide.

    `email` is what somebody typed who is not signed in: it is told only if there is such an account.
    """

    kind: EventKind
    told: str | Callable[[], str]
    of: Found | None = None
    email: str | None = None


def register(app: Flask) -> None:
    app.extensions["actor"] = who
    app.extensions["hourly"] = Hourly(app.extensions["soon"], app.config["SECRET_KEY"])
    app.after_request(_settle)


def who() -> Actor:
    """Whoever is signed in, at the network address that the trusted proxies tell. Asks nothing of the database."""
    if not has_request_context():
        return COMMAND_LINE
    found: Actor = g.get("actor") or Actor(address=request.remote_addr or "")
    return found


def remember(admin: Admin) -> None:
    """Whoever is signed in acts from here on in this request."""
    g.actor = Actor.of(admin, request.remote_addr or "")


def refused(
    kind: EventKind, told: str | Callable[[], str], *, of: Found | None = None, email: str | None = None
) -> None:
    """Have a refusal put on record. What is told of it, or found out for it later, is never all that was sent."""
    if "refusals" not in g:
        g.refusals = []
    g.refusals.append(Refusal(kind, told, of, email))


def asked(why: str) -> str:
    """What a request is for, for the record, with what is wrong with that."""
    return f"{why}: {request.method} {request.path}"


def _settle(response: Response) -> Response:
    found: list[Refusal] = g.get("refusals", [])
    if found:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        by = who()
        response.call_on_close(lambda: _record(app, by, found))
    return response


def _record(app: Flask, by: Actor, found: list[Refusal]) -> None:
    """A database that is away takes nothing from the answer, which has gone out: the log has to do then."""
    with app.app_context():
        try:
            for refusal in found:
                _note(refusal, by)
            db.session.commit()
        except DatabaseError as error:
            log.warning("a refusal is not on record, the database does not answer: %s", type(error.orig).__name__)


def _note(refusal: Refusal, by: Actor) -> None:
    hourly: Hourly = current_app.extensions["hourly"]
    domain = refusal.of() if refusal.of is not None else None
    if refusal.of is not None and domain is None:
        return
    if refusal.email is not None:
        known = admins.by_email(refusal.email.replace("\x00", ""))
        by = Actor.of(known, by.address) if known is not None else Actor("an unknown address", address=by.address)
    times = hourly.worth(refusal.kind, f"{by.admin_id} {tries.network(by.address)}")
    if times:
        told = refusal.told if isinstance(refusal.told, str) else refusal.told()
        events.note(refusal.kind, told, domain=domain, by=by, times=times)
