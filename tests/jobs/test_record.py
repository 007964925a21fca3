"""What happens by itself, without anybody asking, is on record as that."""

import datetime as dt

from flask import Flask

from console.core.discovery import Taking
from console.models import Discovery, Domain, EventKind, db, now
from console.store import discovery, events
from jobs import clock
from tests import factories, recorded


def test_what_the_clock_ends_is_on_record_as_by_itself(app: Flask, domain: Domain) -> None:
    factories.delivery_server(domain)
    run = discovery.ask_for(domain, None, taking=Taking.ADD, needed=1, ends_at=now() + dt.timedelta(days=1))
    discovery.tested(domain.id, run.id, None)
    db.session.get_one(Discovery, domain.id).ends_at = now() - dt.timedelta(seconds=1)
    db.session.commit()
    usual = app.extensions["actor"]
    app.extensions["actor"] = lambda: events.BY_ITSELF
    try:
        clock.tick(app)
    finally:
        app.extensions["actor"] = usual
    assert recorded.told()[-1] == ("by itself", "Address Discovery is off: its time is over")


def test_the_clock_drops_what_is_older_than_events_days(app: Flask, domain: Domain) -> None:
    usual = app.extensions["settings"]
    events.note(EventKind.SIGNED_IN, "of today")
    db.session.commit()
    before = len(recorded.events())
    clock.tidy(app)
    assert len(recorded.events()) == before
    app.extensions["settings"] = factories.changed(usual, events_days=0)
    try:
        clock.tidy(app)
    finally:
        app.extensions["settings"] = usual
    assert recorded.events() == []
