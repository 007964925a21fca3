"""Mail came for addresses that nobody has: the domain's own server is asked, and what it says is what happens."""

import datetime as dt

import pytest
from flask import Flask
from redis import Redis

from console.core.discovery import SightingState, Taking
from console.core.person import Kind, Origin, Status
from console.models import Domain, Run, RunKind, RunState, db, now
from console.settings import Settings
from console.store import recipients, records, runs, sightings
from jobs import discovery, probing, tasks
from tests import factories
from tests.jobs.conftest import Serve
from tests.jobs.discovering import (
    BLOCKED,
    GREYLISTED,
    arrive,
    on_list,
    people,
    randoms,
    real,
    rows_of,
    sight,
    standing,
    switch,
    switched_on,
)
from tests.servers.ports import free_port
from tests.servers.smtp import Script
from tests.store.lists import listed

WAITING, UNKNOWN, REFUSED = SightingState.WAITING, SightingState.UNKNOWN, SightingState.REFUSED
REVIEW, ADDED, NOT_OURS = SightingState.REVIEW, SightingState.ADDED, SightingState.NOT_OURS
pytestmark = pytest.mark.usefixtures("soon")


@pytest.fixture(autouse=True)
def on(domain: Domain) -> None:
    switched_on(domain)


def discoveries(domain: Domain) -> list[Run]:
    return [run for run in records.latest(domain.id) if run.kind == "discovery"]


def test_who_exists_becomes_a_user_and_who_does_not_is_refused(domain: Domain, serve: Serve) -> None:
    server = serve(real("ann"))
    arrive(domain, "ann", "guess")
    assert standing(domain) == {"ann": ADDED, "guess": REFUSED}
    ann = listed(domain)["ann"]
    assert (ann.kind, ann.origin, ann.status) == (Kind.MAILBOX, Origin.DISCOVERY, Status.ACTIVE)
    assert ann.group_id == domain.groups[0].id
    (run,) = discoveries(domain)
    assert (run.state, run.title, run.counts["created"]) == (RunState.SUCCEEDED, f"Discovered {ann.address}", 1)
    row = rows_of(domain)[0]
    assert (row.user_id, row.said, row.due_at) == (ann.id, "250 2.1.5 Ok", None)
    assert (server.connections, people(server), randoms(server)) == (1, ["ann", "guess"], 1)


def test_several_at_once_are_asked_for_on_one_connection_and_become_one_run(
    domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "GATHER_SECONDS", 60.0)
    names = [f"u{number}" for number in range(45)]
    server = serve(real(*names))
    arrive(domain, *names)
    assert on_list(domain) == set(names)
    assert (server.connections, randoms(server)) == (1, 1)
    assert sum(run.counts["created"] for run in discoveries(domain)) == 45
    assert discoveries(domain)[-1].title == "Discovered 20 addresses"


def test_one_who_waits_for_review_is_not_on_the_list(domain: Domain, serve: Serve) -> None:
    switch(domain).taking = Taking.REVIEW.value
    db.session.commit()
    serve(real("ann"))
    arrive(domain, "ann", "guess")
    assert standing(domain) == {"ann": REVIEW, "guess": REFUSED}
    assert (on_list(domain), discoveries(domain)) == (set(), [])


@pytest.mark.parametrize("refusal", [GREYLISTED, BLOCKED, "452 4.2.2 Mailbox full", "550 5.7.54 Unable to relay"])
def test_what_says_nothing_of_the_address_is_asked_again_later(domain: Domain, serve: Serve, refusal: str) -> None:
    server = serve(real(refusal=refusal))
    arrive(domain, "ann")
    (row,) = rows_of(domain)
    assert (row.state, row.attempts, row.said) == (UNKNOWN, 1, refusal)
    assert row.due_at is not None
    assert row.due_at > now()
    tasks.probe(domain.id)
    assert len(server.asked) == 1, "not before it is due"


def test_greylisting_ends_with_an_answer(domain: Domain, serve: Serve) -> None:
    server = serve(real(refusal=GREYLISTED))
    arrive(domain, "ann", "bob")
    assert people(server) == ["ann", "bob"], "each has a grey list of its own"
    server.script = real("ann")
    for row in rows_of(domain):
        row.due_at = now()
    db.session.commit()
    tasks.probe(domain.id)
    assert standing(domain) == {"ann": ADDED, "bob": REFUSED}


def test_a_server_that_blocks_us_is_left_alone_for_a_while(domain: Domain, serve: Serve) -> None:
    server = serve(real(refusal=BLOCKED))
    arrive(domain, "ann", "bob", "cyd")
    assert people(server) == ["ann"]
    assert set(standing(domain).values()) == {UNKNOWN}
    assert {row.attempts for row in rows_of(domain)} == {0, 1}, "who was not asked for has lost no attempt"


@pytest.mark.parametrize("verb", ["BANNER", "EHLO", "MAIL", "RCPT"])
def test_a_server_that_hangs_refuses_nobody(
    domain: Domain, serve: Serve, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "RECEIVE_SECONDS", 0.1)
    server = serve(real("ann", hangs=verb))
    arrive(domain, "ann", "bob")
    assert set(standing(domain).values()) == {UNKNOWN}
    assert server.connections == 1, "one that does not answer is not asked about the next one"
    assert on_list(domain) == set()


@pytest.mark.parametrize("verb", ["BANNER", "MAIL", "RCPT"])
def test_a_server_that_closes_refuses_nobody(domain: Domain, serve: Serve, verb: str) -> None:
    serve(real("ann", closes=verb))
    arrive(domain, "ann", "bob")
    assert set(standing(domain).values()) == {UNKNOWN}


def test_a_server_that_closes_after_every_recipient_is_asked_on_new_connections(domain: Domain, serve: Serve) -> None:
    serve(real("ann", "bob", closes_after_recipient=True))
    arrive(domain, "ann", "guess", "bob")
    assert standing(domain) == {"ann": ADDED, "guess": REFUSED, "bob": ADDED}


def test_after_421_in_the_middle_it_goes_on_on_a_new_connection(domain: Domain, serve: Serve) -> None:
    server = serve(real("u0", "u5", recipients=3))
    names = [f"u{number}" for number in range(6)]
    arrive(domain, *names)
    assert standing(domain) == {**dict.fromkeys(names, REFUSED), "u0": ADDED, "u5": ADDED}
    assert server.connections == 3


def test_the_first_server_that_can_be_reached_answers(domain: Domain, serve: Serve) -> None:
    factories.delivery_server(domain, port=free_port(), priority=1)
    second, third = serve(real("ann"), priority=2), serve(real("guess"), priority=3)
    arrive(domain, "ann", "guess")
    assert standing(domain) == {"ann": ADDED, "guess": REFUSED}
    assert (second.connections, third.connections) == (1, 0)


def test_without_a_server_that_can_be_reached_nothing_is_known(domain: Domain) -> None:
    factories.delivery_server(domain, port=free_port())
    arrive(domain, "ann", "bob")
    assert set(standing(domain).values()) == {UNKNOWN}
    assert all("refused the connection" in row.said and row.attempts == 0 for row in rows_of(domain))
    assert sightings.due(domain.id, 9) == []


def test_known_recipients_stay_whatever_happens_to_a_probe(domain: Domain, serve: Serve) -> None:
    factories.users(domain, factories.manual_user("ada"))
    server = serve(real("ann"))
    arrive(domain, "ann")
    assert on_list(domain) == {"ada", "ann"}
    for script in (real(), real(refusal=BLOCKED), real(hangs="BANNER"), real(closes="RCPT")):
        server.script = script
        arrive(domain, f"new{len(server.asked)}", "ann", "ada")
        assert on_list(domain) == {"ada", "ann"}
    assert {user.status for user in listed(domain).values()} == {Status.ACTIVE}


def test_who_has_come_onto_the_list_meanwhile_is_not_asked_about(domain: Domain, serve: Serve) -> None:
    server = serve(real())
    sight(domain, "ann")
    (user_id,) = factories.users(domain, factories.manual_user("info", aliases=["ann"]))
    tasks.probe(domain.id)
    assert (standing(domain), server.asked, discoveries(domain)) == ({"ann": ADDED}, [], [])
    assert rows_of(domain)[0].user_id == user_id


def test_who_comes_onto_the_list_while_the_server_answers_is_not_added_twice(
    app: Flask, domain: Domain, serve: Serve
) -> None:
    def meanwhile() -> None:
        with app.app_context():
            if on_list(domain) == set():
                factories.users(domain, factories.manual_user("ann"))

    serve(real("ann", "bob", meanwhile=meanwhile))
    arrive(domain, "ann", "bob")
    assert standing(domain) == {"ann": ADDED, "bob": ADDED}
    assert listed(domain)["ann"].origin is Origin.MANUAL
    assert [run.title for run in discoveries(domain)] == [f"Discovered {factories.address('bob')}"]


def test_what_a_person_says_meanwhile_stands(app: Flask, domain: Domain, serve: Serve) -> None:
    (ann,) = sight(domain, "ann")

    def meanwhile() -> None:
        with app.app_context():
            sightings.decide([ann.id], NOT_OURS)
            db.session.commit()

    serve(real("ann", meanwhile=meanwhile))
    tasks.probe(domain.id)
    assert (standing(domain), on_list(domain)) == ({"ann": NOT_OURS}, set())


def test_nothing_is_asked_or_added_once_it_is_off(app: Flask, domain: Domain, serve: Serve) -> None:
    def meanwhile() -> None:
        with app.app_context():
            switch(domain).state = "off"
            db.session.commit()

    server = serve(real("ann", "bob", meanwhile=meanwhile))
    arrive(domain, "ann", "bob")
    assert (people(server), on_list(domain)) == (["ann"], set())
    tasks.probe(domain.id)
    assert server.connections == 1


def test_the_minute_and_the_day_bound_what_is_asked(
    app: Flask, domain: Domain, serve: Serve, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounded = factories.changed(settings, discovery_per_minute=5, discovery_per_day=8)
    monkeypatch.setitem(app.extensions, "settings", bounded)
    server = serve(real("u0"))
    arrive(domain, *(f"u{number}" for number in range(20)))
    assert (len(server.asked), on_list(domain)) == (5, {"u0"})
    tasks.probe(domain.id)
    assert len(server.asked) == 5
    switch(domain).minute_at = now() - dt.timedelta(minutes=1)
    db.session.commit()
    tasks.probe(domain.id)
    assert len(server.asked) == 8
    assert len(sightings.due(domain.id, 99)) == 13, "the others stay due"


def test_what_came_for_a_deleted_domain_is_no_error(domain: Domain, serve: Serve) -> None:
    tasks.probe(domain.id + 1)


def test_an_undone_discovery_does_not_come_back_with_the_next_mail(domain: Domain, serve: Serve) -> None:
    server = serve(real("ann"))
    arrive(domain, "ann")
    (run,) = discoveries(domain)
    undo = runs.start(RunKind.UNDO, domain.id, undoes=run)
    tasks.provision(undo.id)
    assert on_list(domain) == set()
    arrive(domain, "ann")
    assert (on_list(domain), people(server)) == (set(), ["ann"])


def test_one_whom_a_person_deleted_does_not_come_back(domain: Domain, serve: Serve) -> None:
    serve(real("ann"))
    arrive(domain, "ann")
    recipients.delete(listed(domain)["ann"], None)
    arrive(domain, "ann")
    assert (standing(domain), on_list(domain)) == ({"ann": NOT_OURS}, set())


def test_a_batch_ends_when_its_time_is_over_and_the_next_job_goes_on(
    redis: Redis, domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "LONGEST_SECONDS", 0.0)
    server = serve(Script(None))
    arrive(domain, "ann")
    assert server.connections == 0
    assert redis.exists(f"probe-waits:{domain.id}")
