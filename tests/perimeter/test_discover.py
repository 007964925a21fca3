"""An address that nobody has, at both doors, while discovery is on: noted, waited for, and answered as it turns out."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import text

from console import connect, queue
from console.core.discovery import SightingState
from console.core.person import Status
from console.core.recipient import Mode
from console.models import Domain, db, now
from console.store import domains, rejections, sightings
from tests import factories
from tests.factories import manual_user
from tests.perimeter.behind import answering, noted, turn_on
from tests.perimeter.client import Client
from tests.perimeter.conftest import served
from tests.processes import until
from tests.servers.ports import LOOPBACK, black_hole, free_port

HERE = "brightfield.example"
WAIT = 10.0
DEFERRED = "action=450 4.1.1 This recipient is being verified, try again later"


@pytest.fixture
def on(ours: Domain) -> Domain:
    turn_on(ours)
    return ours


@pytest.fixture
def door(app: Flask, on: Domain) -> Iterator[Client]:
    """A perimeter, and somebody who answers what it notes."""
    with answering(app, on), served(app, perimeter_wait=WAIT) as client:
        yield client


@pytest.fixture
def alone(app: Flask, on: Domain) -> Iterator[Client]:
    """A perimeter whose questions nobody answers, and that hardly waits."""
    with served(app, perimeter_wait=0.2) as client:
        yield client


def reported(domain: Domain) -> set[str]:
    return {row.address for row in rejections.page(domain.id).rows}


def test_who_exists_behind_is_accepted_while_the_mail_waits(door: Client, on: Domain) -> None:
    assert door.policy("Ann@BF.example", sender="eve@x.example") == "accept"
    row = noted(on)["ann"]
    assert (row.state, row.address) == (SightingState.ADDED, f"ann@{HERE}")
    assert (row.senders, row.client, row.times) == (["eve@x.example"], "192.0.2.7", 1)
    assert door.socketmap("ann@bf.example") == "OK ann@bf.example"


def test_who_does_not_exist_is_rejected_and_that_is_remembered(app: Flask, on: Domain) -> None:
    with served(app, perimeter_wait=WAIT) as client:
        with answering(app, on):
            assert client.policy(f"no-one@{HERE}") == "reject"
        began = time.monotonic()
        assert client.policy(f"no-one@{HERE}") == "reject"
        assert client.socketmap(f"no-one@{HERE}") == "NOTFOUND "
        assert time.monotonic() - began < WAIT
    assert noted(on)["no-one"].times == 3
    assert reported(on) == {f"no-one@{HERE}"}


def test_what_is_not_known_in_time_is_deferred_and_in_no_report(app: Flask, on: Domain) -> None:
    with served(app, perimeter_wait=0.2) as alone:
        began = time.monotonic()
        assert alone.policy(f"silent@{HERE}") == DEFERRED
        assert time.monotonic() - began >= 0.2
        assert alone.socketmap(f"silent@{HERE}").startswith("TEMP ")
    assert reported(on) == set()


def test_an_answer_without_use_ends_the_wait(door: Client, on: Domain) -> None:
    began = time.monotonic()
    assert door.policy(f"later@{HERE}") == door.policy(f"later@{HERE}") == DEFERRED
    assert time.monotonic() - began < WAIT
    assert noted(on)["later"].state == SightingState.UNKNOWN


def test_who_waits_for_a_review_is_accepted_and_who_is_not_ours_is_not(door: Client, on: Domain) -> None:
    assert door.policy(f"review@{HERE}") == "accept"
    sightings.decide([noted(on)["review"].id], SightingState.NOT_OURS)
    db.session.commit()
    assert door.policy(f"review@{HERE}") == "reject"


def test_without_its_tag_an_address_is_asked_for_first(door: Client, on: Domain) -> None:
    assert door.policy("ann+shop@bf.example") == "accept"
    assert set(noted(on)) == {"ann"}
    assert door.policy("no-one+shop@bf.example") == "reject"
    assert {"no-one", "no-one+shop"} <= set(noted(on))
    assert door.policy("later+shop@bf.example") == DEFERRED
    assert "later+shop" not in noted(on)


def test_where_tags_are_letters_the_whole_address_is_asked_for(app: Flask, on: Domain) -> None:
    domains.set_plus_tags(on, False)
    with answering(app, on), served(app) as client:
        assert client.policy(f"no-one+shop@{HERE}") == "reject"
    assert set(noted(on)) == {"no-one+shop"}


def test_who_came_onto_the_list_by_another_way_is_not_rejected(door: Client) -> None:
    assert door.policy(f"meanwhile@{HERE}") == "accept"


def test_a_disabled_user_and_what_nobody_can_have_are_rejected_without_a_question(alone: Client, on: Domain) -> None:
    factories.users(on, manual_user("gone", None, status=Status.DISABLED))
    assert {alone.policy(address) for address in (f"gone@{HERE}", "x" * 65 + f"@{HERE}")} == {"reject"}
    assert noted(on) == {}


def test_a_domain_that_monitors_notes_and_does_not_wait(app: Flask, on: Domain, redis: Redis) -> None:
    domains.set_perimeter(on, Mode.MONITOR)
    with served(app, perimeter_wait=20.0) as client:
        assert client.policy(f"no-one@{HERE}") == client.policy(f"silent@{HERE}") == "accept"
        until(lambda: queue.queue(redis).count == 1, "a worker is called")
        with answering(app, on):
            until(lambda: noted(on)["no-one"].state == SightingState.REFUSED, "it is refused")
        assert client.policy(f"no-one@{HERE}") == "accept"
    assert reported(on) == {f"no-one@{HERE}"}
    row = rejections.find(on.id, f"no-one@{HERE}")
    assert row is not None
    assert (row.times, row.would) == (1, True)


@pytest.mark.parametrize("how", ["off", "over", "perimeter off"])
def test_nothing_is_noted_while_discovery_is_off(app: Flask, on: Domain, how: str) -> None:
    if how == "perimeter off":
        domains.set_perimeter(on, Mode.OFF)
    else:
        turn_on(on, **({"ends_at": now()} if how == "over" else {"state": "off"}))
    with served(app) as client:
        assert client.policy(f"no-one@{HERE}") == ("accept" if how == "perimeter off" else "reject")
    assert noted(on) == {}


def test_one_wait_is_one_sighting_and_calls_one_worker(app: Flask, on: Domain, redis: Redis) -> None:
    with served(app, perimeter_wait=1.0) as client, ThreadPoolExecutor(8) as mail_servers:
        first = mail_servers.submit(client.policy, f"silent@{HERE}")
        until(lambda: noted(on), "it is noted")
        until(lambda: queue.queue(redis).count == 1, "a worker is called")
        again = [mail_servers.submit(client.policy, f"silent@{HERE}") for _ in range(7)]
        assert {answer.result() for answer in (first, *again)} == {DEFERRED}
        others = list(mail_servers.map(client.policy, [f"silent{n}@{HERE}" for n in range(8)]))
        assert set(others) == {DEFERRED}
    assert noted(on)["silent"].times == 1
    assert queue.queue(redis).count == 1


@pytest.mark.parametrize("bound", ["WAITING", "UNWRITTEN"])
def test_beyond_a_bounded_number_nobody_waits(
    app: Flask, on: Domain, bound: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"jobs.perimeter.discover.{bound}", 0)
    with served(app, perimeter_wait=20.0) as client:
        assert client.policy(f"silent@{HERE}") == DEFERRED
    assert set(noted(on)) == ({"silent"} if bound == "WAITING" else set())


def test_without_room_new_ones_are_put_off_and_those_that_are_noted_go_on(
    app: Flask, on: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sightings, "LIMIT", 1)
    monkeypatch.setattr("jobs.perimeter.discover.FULL_SECONDS", 0.3)
    with served(app, perimeter_wait=WAIT) as client, answering(app, on):
        assert client.policy(f"no-one@{HERE}") == "reject"
        assert [client.policy(f"{local}@{HERE}") for local in ("ann", "review")] == [DEFERRED] * 2
        assert client.policy(f"no-one@{HERE}") == "reject"
        assert set(noted(on)) == {"no-one"}
        monkeypatch.setattr(sightings, "LIMIT", 2)
        client.becomes(f"ann@{HERE}", "accept")


def test_when_no_more_may_be_asked_nobody_waits(app: Flask, on: Domain) -> None:
    with served(app, perimeter_wait=20.0, discovery_per_minute=1) as client, ThreadPoolExecutor(1) as mail_server:
        waits = mail_server.submit(client.policy, f"silent@{HERE}")
        until(lambda: noted(on), "it is noted")
        assert client.policy(f"second@{HERE}") == DEFERRED
        sightings.answered(noted(on)["silent"].id, SightingState.REFUSED, "")
        db.session.commit()
        assert waits.result() == "reject"
    assert set(noted(on)) == {"silent", "second"}


@pytest.mark.parametrize("how", ["refuses", "hangs"])
def test_without_redis_it_is_noted_and_waited_for_all_the_same(app: Flask, on: Domain, how: str) -> None:
    before = app.extensions["redis"]
    with black_hole() as port, answering(app, on):
        nowhere = port if how == "hangs" else free_port()
        app.extensions["redis"] = connect(f"redis://{LOOPBACK}:{nowhere}/0", patience=0.3)
        try:
            with served(app, perimeter_wait=WAIT) as client:
                assert client.policy(f"ann@{HERE}") == "accept"
                assert client.policy(f"no-one@{HERE}") == "reject"
        finally:
            app.extensions["redis"] = before


def test_while_sightings_cannot_be_written_nobody_is_rejected_or_let_in(
    app: Flask, on: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.perimeter.lookup.ANSWER_WITHIN", 0.2)
    with served(app, perimeter_wait=0.1) as client, db.engine.connect() as connection:
        assert client.policy(f"ada@{HERE}") == "accept"
        connection.execute(text("lock table sightings in access exclusive mode"))
        assert client.policy(f"silent@{HERE}") == ""
        assert client.socketmap(f"silent@{HERE}").startswith("TEMP ")
        assert client.policy(f"ada@{HERE}") == "accept"
        domains.set_perimeter(on, Mode.MONITOR)
        client.becomes(f"silent@{HERE}", "accept")
        connection.rollback()


def test_who_waits_when_the_database_stops_answering_is_deferred(app: Flask, on: Domain) -> None:
    with served(app, perimeter_wait=0.5) as client, ThreadPoolExecutor(1) as mail_server:
        waits = mail_server.submit(client.policy, f"silent@{HERE}")
        until(lambda: noted(on), "it is noted")
        with db.engine.connect() as connection:
            connection.execute(text("lock table sightings in access exclusive mode"))
            assert waits.result() == DEFERRED
            connection.rollback()
