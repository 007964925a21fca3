"""A yes counts only from a server that refuses an address that nobody has; one that accepts every address is found."""

import datetime as dt

import pytest
from flask import Flask
from redis import Redis

from console.core.discovery import TEST_EVERY, TEST_HOLDS, SightingState
from console.models import Domain, Notice, db, now
from console.store import discovery, notices
from jobs import clock, tasks
from tests import factories
from tests.jobs.conftest import Serve
from tests.jobs.discovering import (
    GREYLISTED,
    arrive,
    on_list,
    peer,
    people,
    randoms,
    real,
    sight,
    standing,
    switch,
    switched_on,
)
from tests.servers.ports import free_port
from tests.servers.smtp import Script

UNKNOWN, ADDED = SightingState.UNKNOWN, SightingState.ADDED
pytestmark = pytest.mark.usefixtures("soon")


def told() -> list[tuple[str, str]]:
    return [(notice.kind, notice.detail) for notice in db.session.query(Notice).order_by(Notice.id)]


def at_tick(app: Flask, domain: Domain) -> None:
    """The clock ticks, and a worker does what it has asked for."""
    redis: Redis = app.extensions["redis"]
    clock.tick(app)
    if redis.exists(f"probe-waits:{domain.id}"):
        tasks.probe(domain.id)


def test_a_server_that_accepts_every_address_never_fills_the_list(domain: Domain, serve: Serve) -> None:
    notices.set_addresses(domain, ["it@brightfield.example"])
    switched_on(domain)
    server = serve(Script(None))
    arrive(domain, "ann", "guess")
    assert on_list(domain) == set()
    assert (people(server), randoms(server)) == (["ann"], 1)
    ended = switch(domain)
    assert (ended.state, ended.ended_why) == ("off", "every_address")
    ((kind, detail),) = told()
    assert kind == "discovery_off"
    assert detail.startswith(f"{peer(server)}, accepts every address now")
    assert "Look at these" not in detail


def test_one_that_starts_to_accept_every_address_is_found_before_it_is_believed(domain: Domain, serve: Serve) -> None:
    notices.set_addresses(domain, ["it@brightfield.example"])
    switched_on(domain)
    server = serve(real("ann"))
    arrive(domain, "ann")
    switch(domain).tested_at = now() - TEST_HOLDS
    db.session.commit()
    server.script = Script(None)
    arrive(domain, "guess")
    assert on_list(domain) == {"ann"}
    assert standing(domain)["guess"] is SightingState.WAITING
    assert switch(domain).state == "off"
    assert f"last good answer:\n{factories.address('ann')}" in told()[0][1]


def test_a_test_holds_for_a_while_also_in_the_next_job(domain: Domain, serve: Serve) -> None:
    switched_on(domain)
    server = serve(real("ann", "bob", "cyd"))
    arrive(domain, "ann")
    arrive(domain, "bob")
    assert (people(server), randoms(server)) == (["ann", "bob"], 1)
    switch(domain).tested_at = now() - TEST_HOLDS
    db.session.commit()
    arrive(domain, "cyd")
    assert randoms(server) == 2


def test_a_server_is_not_trusted_for_what_another_one_said(domain: Domain, serve: Serve) -> None:
    switched_on(domain)
    first = serve(real("ann"), priority=1)
    second = serve(Script(None), priority=2)
    arrive(domain, "ann")
    first.stop()
    arrive(domain, "guess")
    assert (on_list(domain), randoms(second)) == ({"ann"}, 1)
    assert switch(domain).ended_why == "every_address"


def test_without_a_clear_answer_about_nobody_a_yes_is_none(domain: Domain, serve: Serve) -> None:
    switched_on(domain)
    server = serve(real("ann", refusal=GREYLISTED))
    arrive(domain, "ann")
    assert (standing(domain), on_list(domain)) == ({"ann": UNKNOWN}, set())
    assert (randoms(server), switch(domain).state) == (1, "on")


def test_a_no_needs_no_test(domain: Domain, serve: Serve) -> None:
    switched_on(domain)
    server = serve(real())
    arrive(domain, "guess1", "guess2")
    assert randoms(server) == 0


def test_once_a_day_the_clock_has_a_random_recipient_asked_for(app: Flask, domain: Domain, serve: Serve) -> None:
    switched_on(domain, tested_at=now() - TEST_EVERY)
    server = serve(real())
    at_tick(app, domain)
    assert (server.connections, randoms(server)) == (1, 1)
    assert (switch(domain).tested_peer, discovery.at_work()) == (peer(server), [])
    at_tick(app, domain)
    assert server.connections == 1
    server.script = Script(None)
    switch(domain).tested_at = now() - TEST_EVERY
    db.session.commit()
    at_tick(app, domain)
    assert switch(domain).ended_why == "every_address"


@pytest.mark.parametrize("answers", [True, False])
def test_a_daily_test_without_a_clear_answer_comes_again_in_a_while(
    app: Flask, domain: Domain, serve: Serve, answers: bool
) -> None:
    switched_on(domain, tested_at=now() - TEST_EVERY)
    if answers:
        serve(real(refusal=GREYLISTED))
    else:
        factories.delivery_server(domain, port=free_port())
    at_tick(app, domain)
    again = switch(domain)
    assert again.state == "on"
    assert again.test_after is not None
    assert discovery.at_work() == []
    again.test_after = now()
    db.session.commit()
    assert discovery.at_work() == [domain.id]


def test_a_random_recipient_is_one_of_those_that_are_counted(
    app: Flask, domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = factories.changed(app.extensions["settings"], discovery_per_minute=2)
    monkeypatch.setitem(app.extensions, "settings", few)
    switched_on(domain)
    server = serve(real("ann", "bob"))
    arrive(domain, "ann", "bob")
    assert (on_list(domain), len(server.asked)) == ({"ann"}, 2)


def test_one_address_a_minute_is_enough_to_go_on(
    app: Flask, domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = factories.changed(app.extensions["settings"], discovery_per_minute=1)
    monkeypatch.setitem(app.extensions, "settings", few)
    switched_on(domain)
    serve(real("ann"))
    sight(domain, "ann")
    for _ in range(2):
        switch(domain).minute_at = now() - dt.timedelta(minutes=1)
        db.session.commit()
        tasks.probe(domain.id)
    assert on_list(domain) == {"ann"}
