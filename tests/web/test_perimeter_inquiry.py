"""The HTTP door while discovery is on: who nobody is yet is noted, waited for, and answered as it turns out."""

import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from console import queue
from console.core.discovery import SightingState
from console.core.recipient import Mode
from console.models import Domain
from console.store import credentials, domains, rejections, sightings
from console.web import perimeter_inquiry
from console.web.perimeter_inquiry import Inquiry
from tests import factories
from tests.factories import changed, manual_user
from tests.perimeter.behind import answering, noted, turn_on
from tests.processes import until

OK = {"code": "OK"}
DENY = {"code": "DENY", "message": "Invalid recipient"}
LATER = {"code": "DENYSOFT", "message": "This cannot be checked now. Try again later."}


@pytest.fixture
def on(app: Flask) -> Domain:
    domain = factories.domain(aliases=["bf.example"])
    factories.users(domain, manual_user("ada"))
    domains.set_perimeter(domain, Mode.ENFORCE)
    turn_on(domain)
    return domain


@pytest.fixture
def wait(app: Flask) -> Iterator[float]:
    """What the door waits for an answer, in seconds, which is less than usual."""
    before = app.extensions["settings"]
    app.extensions["settings"] = changed(before, perimeter_wait=0.2)
    yield 0.2
    app.extensions["settings"] = before


@pytest.fixture
def secret(app: Flask) -> Iterator[str]:
    """A mail server's password, while what it causes in the report is written by nobody but the test."""
    app.config["REPORT_SECONDS"] = 3600.0
    yield b64encode(f"mx1:{credentials.create('mx1')}".encode()).decode()
    app.config["REPORT_SECONDS"] = 2.0
    app.extensions["report"].stop()


@pytest.fixture
def mail_server(app: Flask, secret: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Basic {secret}"
    return client


def ask(client: FlaskClient, local: str) -> object:
    return client.post("/api/recipients/check", json={"email": f"{local}@bf.example", "ip": "192.0.2.7"}).json


def reported(app: Flask, domain: Domain) -> dict[str, bool]:
    """Who is in the report, and whether the mail was accepted all the same."""
    app.extensions["report"].write()
    return {row.address: row.would for row in rejections.page(domain.id).rows}


def test_it_is_accepted_or_denied_as_the_server_behind_says(mail_server: FlaskClient, app: Flask, on: Domain) -> None:
    with answering(app, on):
        answers = {local: ask(mail_server, local) for local in ("ann", "ann+x", "no-one", "review", "later")}
    assert answers == {"ann": OK, "ann+x": OK, "no-one": DENY, "review": OK, "later": LATER}
    row = noted(on)["ann"]
    assert (row.address, row.client, row.state) == ("ann@brightfield.example", "192.0.2.7", SightingState.ADDED)
    assert "ann+x" not in noted(on)
    assert reported(app, on) == {"no-one@bf.example": False}


def test_without_an_answer_the_mail_is_put_off_and_a_worker_is_called(
    mail_server: FlaskClient, on: Domain, wait: float, redis: Redis
) -> None:
    began = time.monotonic()
    assert ask(mail_server, "silent") == LATER
    assert time.monotonic() - began >= wait
    until(lambda: queue.queue(redis).count == 1, "a worker is called")


def test_who_came_onto_the_list_by_another_way_is_not_denied(mail_server: FlaskClient, app: Flask, on: Domain) -> None:
    with answering(app, on):
        assert ask(mail_server, "meanwhile") == OK


def test_a_domain_that_monitors_notes_and_does_not_wait(
    mail_server: FlaskClient, app: Flask, on: Domain, wait: float
) -> None:
    domains.set_perimeter(on, Mode.MONITOR)
    assert ask(mail_server, "no-one") == OK
    sightings.answered(noted(on)["no-one"].id, SightingState.REFUSED, "550 5.1.1 Unknown")
    assert ask(mail_server, "silent") == OK
    assert ask(mail_server, "no-one") == OK
    assert reported(app, on) == {"no-one@bf.example": True}


@pytest.mark.parametrize("off", ["perimeter", "discovery"])
def test_nothing_is_noted_while_it_is_off(mail_server: FlaskClient, on: Domain, off: str) -> None:
    if off == "perimeter":
        domains.set_perimeter(on, Mode.OFF)
    else:
        turn_on(on, state="off")
    assert ask(mail_server, "no-one") == (OK if off == "perimeter" else DENY)
    assert noted(on) == {}


def test_beyond_a_bounded_number_of_requests_nobody_waits(
    app: Flask, on: Domain, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perimeter_inquiry, "WAITING", 1)
    monkeypatch.setitem(app.extensions, "inquiry", Inquiry(app))
    clients = [app.test_client() for _ in range(2)]
    for client in clients:
        client.environ_base["HTTP_AUTHORIZATION"] = f"Basic {secret}"
    with ThreadPoolExecutor(1) as other:
        waits = other.submit(ask, clients[0], "no-one")
        until(lambda: "no-one" in noted(on), "it is noted")
        began = time.monotonic()
        assert ask(clients[1], "silent") == LATER
        assert time.monotonic() - began < app.extensions["settings"].perimeter_wait
        with answering(app, on):
            assert waits.result() == DENY
