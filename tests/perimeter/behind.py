"""Discovery that is on, and somebody who answers for addresses in the place of a worker and the server it asks."""

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from sqlalchemy import select

from console.core.discovery import SightingState
from console.models import Discovery, Domain, Sighting, db, now
from console.store import sightings
from tests import factories
from tests.factories import manual_user


def turn_on(domain: Domain, **values: Any) -> None:
    """Put the switch in place as a good check leaves it, but for the values given."""
    on = {"state": "on", "ends_at": now() + dt.timedelta(days=14), "tested_at": now()}
    db.session.merge(Discovery(domain_id=domain.id, **{**on, **values}))
    db.session.commit()


def noted(domain: Domain) -> dict[str, Sighting]:
    """What mail came for, by local part, as it stands now."""
    domain_id = domain.id
    db.session.rollback()
    rows = db.session.scalars(select(Sighting).where(Sighting.domain_id == domain_id)).all()
    for row in rows:
        db.session.expunge(row)
    db.session.rollback()
    return {row.address.rpartition("@")[0]: row for row in rows}


@contextmanager
def answering(app: Flask, domain: Domain) -> Iterator[None]:
    """Answer what is due as its local part says, until the end of the block.

    ann is on the list by then, no-... are refused, review is to be looked at, later gets no answer of use. What has
    come onto the list meanwhile by another way is refused all the same.
    """
    ended, domain_id = threading.Event(), domain.id

    def work() -> None:
        with app.app_context():
            while not ended.wait(0.02):
                for sighted in sightings.due(domain_id, 10):
                    _answer(domain_id, sighted.id, sighted.address.rpartition("@")[0])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(10)


def _answer(domain_id: int, sighting_id: int, local: str) -> None:
    domain = db.session.get_one(Domain, domain_id)
    if local == "ann":
        (user_id,) = factories.users(domain, manual_user(local))
        sightings.answered(sighting_id, SightingState.ADDED, "250 2.1.5 Ok", user_id=user_id)
    elif local == "meanwhile":
        factories.users(domain, manual_user(local))
        sightings.answered(sighting_id, SightingState.REFUSED, "550 5.1.1 Unknown")
    elif local.startswith("no-"):
        sightings.answered(sighting_id, SightingState.REFUSED, "550 5.1.1 Unknown")
    elif local == "review":
        sightings.answered(sighting_id, SightingState.REVIEW, "250 2.1.5 Ok")
    elif local == "later":
        sightings.unanswered(sighting_id, "450 4.2.0 Greylisted")
    db.session.commit()
