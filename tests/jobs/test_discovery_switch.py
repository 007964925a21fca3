"""Turning discovery on by a check, and how it ends: by a bad check, in time, with notices before and after."""

import datetime as dt
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from console.core.discovery import SightingState, Taking
from console.core.errors import RefusedError
from console.models import Discovery, Domain, Notice, NoticeKind, Run, RunState, Sighting, db, now
from console.store import discovery, domains, notices, runs, smtp
from jobs import clock, mail, tasks
from tests import factories
from tests.jobs.conftest import Serve
from tests.jobs.discovering import GREYLISTED, arrive, on_list, real, sight, switch, switched_on
from tests.servers.ports import free_port
from tests.servers.smtp import Script

pytestmark = pytest.mark.usefixtures("soon")


def ask_for(domain: Domain, **values: Any) -> Run:
    defaults: dict[str, Any] = {"taking": Taking.ADD, "needed": 1, "ends_at": now() + dt.timedelta(days=14)}
    return discovery.ask_for(domain, None, **{**defaults, **values})


def turned_on(domain: Domain) -> Discovery:
    tasks.provision(ask_for(domain).id)
    return switch(domain)


def composed(domain: Domain, kind: NoticeKind) -> EmailMessage:
    notice = db.session.query(Notice).filter_by(domain_id=domain.id, kind=kind.value).one()
    return mail.compose(notice, base_url="https://console.example", sender="rollcall@console.example")


def words(message: EmailMessage) -> str:
    return " ".join(message.get_content().split())


@pytest.mark.parametrize(
    ("script", "state", "why"),
    [
        (real("ada"), "on", ""),
        (Script(None), "off", "every_address"),
        (real(), "off", "not_good"),
        (real(refusal=GREYLISTED), "off", "not_good"),
        (real(closes="MAIL"), "off", "not_good"),
    ],
)
def test_it_is_on_once_a_check_of_the_servers_went_well(
    domain: Domain, serve: Serve, script: Script, state: str, why: str
) -> None:
    factories.users(domain, factories.manual_user("ada"))
    serve(script)
    ended = turned_on(domain)
    assert (ended.state, ended.ended_why) == (state, why)
    assert (ended.started_at is not None, ended.tested_at is not None) == (state == "on", state == "on")


def test_it_is_on_where_nobody_is_on_the_list_yet(domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    assert turned_on(domain).state == "on"
    arrive(domain, "ann")
    assert on_list(domain) == {"ann"}


def test_it_stays_off_where_no_server_can_be_reached(domain: Domain) -> None:
    factories.delivery_server(domain, port=free_port())
    ended = turned_on(domain)
    assert (ended.state, ended.ended_why) == ("off", "no_server")


def test_it_cannot_be_turned_on_without_a_server(domain: Domain) -> None:
    with pytest.raises(RefusedError, match="no mail server"):
        ask_for(domain)
    assert discovery.of_domain(domain.id) is None


def test_one_server_that_accepts_every_address_is_too_many(domain: Domain, serve: Serve) -> None:
    serve(real("ann"), priority=1)
    serve(Script(None), priority=2)
    assert turned_on(domain).ended_why == "every_address"


@pytest.mark.parametrize("how", ["cancelled", "interrupted", "gone"])
def test_a_check_that_does_not_end_well_leaves_it_off(app: Flask, domain: Domain, serve: Serve, how: str) -> None:
    serve(real("ann"))
    run = ask_for(domain)
    if how == "cancelled":
        assert runs.cancel(run.id)
    elif how == "interrupted":
        assert runs.claim(run.id)
    else:
        db.session.delete(run)
        db.session.commit()
    clock.tick(app)
    clock.tick(app)
    ended = switch(domain)
    assert (ended.state, ended.ended_why) == ("off", "not_good")


def test_another_check_turns_nothing_on(app: Flask, domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    run = ask_for(domain)
    assert runs.cancel(run.id)
    tasks.provision(smtp.start_check(domain, None).id)
    assert switch(domain).state == "off"


def test_an_open_check_is_waited_for(app: Flask, domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    run = ask_for(domain)
    clock.tick(app)
    assert switch(domain).state == "testing"
    tasks.provision(run.id)
    assert switch(domain).state == "on"


def test_its_end_is_announced_once_and_again_when_it_is_put_off(app: Flask, domain: Domain) -> None:
    notices.set_addresses(domain, ["it@brightfield.example"])
    ends_at = dt.datetime(2031, 5, 6, 7, 8, tzinfo=dt.UTC)
    switched_on(domain, ends_at=ends_at)
    clock.tick(app)
    assert db.session.query(Notice).count() == 0
    assert discovery.choose(domain.id, taking=Taking.ADD, needed=1, ends_at=now() + dt.timedelta(days=2))
    for _ in range(3):
        clock.tick(app)
    message = composed(domain, NoticeKind.DISCOVERY_ENDING)
    assert message["Subject"] == "brightfield.example: Address Discovery ends soon"
    assert f"ends by itself on {switch(domain).ends_at:%Y-%m-%d at %H:%M} UTC." in words(message)
    assert "https://console.example/domains/brightfield.example/discovery" in words(message)
    assert discovery.choose(domain.id, taking=Taking.ADD, needed=1, ends_at=now() + dt.timedelta(days=1))
    clock.tick(app)
    assert db.session.query(Notice).count() == 2


def test_it_ends_in_time_and_says_so(app: Flask, domain: Domain, serve: Serve) -> None:
    notices.set_addresses(domain, ["it@brightfield.example"])
    server = serve(real("ann"))
    switched_on(domain)
    sight(domain, "ann")
    switch(domain).ends_at = now()
    db.session.commit()
    tasks.probe(domain.id)
    assert server.connections == 0, "nothing is asked from then on, whether the clock has come by or not"
    for _ in range(2):
        clock.tick(app)
    ended = switch(domain)
    assert (ended.state, ended.ended_why) == ("off", "in_time")
    message = composed(domain, NoticeKind.DISCOVERY_OFF)
    assert message["Subject"] == "brightfield.example: Address Discovery is off"
    assert "was turned off: Its time is over, as it was chosen." in words(message)


def test_a_domain_that_is_deleted_meanwhile_is_no_error(app: Flask, domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    run_id, domain_id = ask_for(domain).id, domain.id
    domains.delete(domain)
    tasks.provision(run_id)
    tasks.probe(domain_id)
    clock.tick(app)
    clock.tidy(app)


def test_sightings_of_long_ago_are_dropped(app: Flask, domain: Domain) -> None:
    switched_on(domain)
    sight(domain, "old", "decided", "new")
    old, decided, _ = db.session.query(Sighting).order_by(Sighting.id)
    old.last_at = decided.last_at = now() - dt.timedelta(days=91)
    decided.state = SightingState.NOT_OURS.value
    db.session.commit()
    clock.tidy(app)
    left = db.session.query(Sighting.address).order_by(Sighting.id).all()
    assert [address.partition("@")[0] for (address,) in left] == ["decided", "new"]


def test_a_check_that_a_page_asked_for_ends_as_before(domain: Domain, serve: Serve) -> None:
    serve(Script(None))
    run = smtp.start_check(domain, None)
    tasks.provision(run.id)
    ended = runs.get(run.id)
    assert ended is not None
    assert ended.state == RunState.SUCCEEDED
    assert discovery.of_domain(domain.id) is None
