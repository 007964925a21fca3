"""The HTTP door: what a Haraka sends and what it is told."""

import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console import connect, create_app
from console.core.person import Status
from console.core.recipient import Mode
from console.models import Domain
from console.settings import Settings
from console.store import credentials, domains, rejections
from console.web.check_limit import CheckLimit
from tests import factories
from tests.factories import manual_user
from tests.servers.ports import LOOPBACK, black_hole, free_port

PATH = "/api/recipients/check"
DENY = {"code": "DENY", "message": "Invalid recipient"}


@pytest.fixture
def ours(app: Flask) -> Domain:
    domain = factories.domain(aliases=["bf.example"])
    factories.users(domain, manual_user("ada", aliases=["a.l"]), manual_user("gone", None, status=Status.DISABLED))
    domains.set_perimeter(domain, Mode.ENFORCE)
    return domain


@pytest.fixture
def mail_server(app: Flask) -> Iterator[FlaskClient]:
    """A client with a password, while what it causes in the report is written by nobody but the test."""
    app.config["REPORT_SECONDS"] = 3600.0
    client = app.test_client()
    basic = b64encode(f"mx1:{credentials.create('mx1')}".encode()).decode()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Basic {basic}"
    yield client
    app.config["REPORT_SECONDS"] = 2.0
    app.extensions["report"].stop()


def ask(client: FlaskClient, email: object, **more: object) -> TestResponse:
    return client.post(PATH, json={"email": email, "ip": "192.0.2.7", **more})


@pytest.mark.parametrize("email", ["ada@brightfield.example", "<Ada+x@BF.example>", "a.l@brightfield.example."])
def test_a_recipient_is_ok(mail_server: FlaskClient, ours: Domain, email: str) -> None:
    response = ask(mail_server, email)
    assert (response.status_code, response.json) == (200, {"code": "OK"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="answer.json"'
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "email", ["<nobody@brightfield.example>", "gone@bf.example", "x" * 65 + "@bf.example", "\ud800@bf.example"]
)
def test_who_is_none_is_denied_with_success(mail_server: FlaskClient, ours: Domain, email: str) -> None:
    response = ask(mail_server, email)
    assert (response.status_code, response.json) == (200, DENY)


@pytest.mark.parametrize("email", ["ada@elsewhere.example", "<>", "", "ada"])
def test_what_is_not_ours_is_denied_too(mail_server: FlaskClient, ours: Domain, email: str) -> None:
    told = ask(mail_server, email).json
    assert told == {"code": "DENY", "message": "No recipient of this system"}


def test_a_domain_that_does_not_enforce_denies_nobody(mail_server: FlaskClient, ours: Domain, app: Flask) -> None:
    for mode in (Mode.MONITOR, Mode.OFF):
        domains.set_perimeter(ours, mode)
        assert ask(mail_server, f"{mode}@bf.example").json == {"code": "OK"}
    app.extensions["report"].write()
    row = rejections.find(ours.id, "monitor@bf.example")
    assert row is not None
    assert row.would
    assert rejections.totals(ours.id) == (1, 1)


def test_a_rejection_is_written_into_the_report_after_the_answer(
    mail_server: FlaskClient, ours: Domain, app: Flask
) -> None:
    for client in ("192.0.2.1", 7):
        ask(mail_server, "nobody@bf.example", ip=client)
    assert rejections.totals(ours.id) == (0, 0)
    app.extensions["report"].write()
    row = rejections.find(ours.id, "nobody@bf.example")
    assert row is not None
    assert (row.times, row.client, row.would) == (2, "192.0.2.1", False)


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "{}", '{"email": 1}', '{"email": null}', "\udcff"])
def test_what_is_no_question_is_a_bad_request(mail_server: FlaskClient, ours: Domain, body: str) -> None:
    response = mail_server.post(PATH, data=body.encode("utf-8", "surrogateescape"))
    assert response.status_code == 400
    assert response.headers["Content-Disposition"] == 'attachment; filename="answer.json"'
    assert response.json is not None
    assert response.json["error"].startswith("Send a JSON document with the recipient")


@pytest.mark.parametrize("value", ["", "Basic", "Basic !", "Bearer x", "Basic bXgxOndyb25n", "Basic " + "x" * 9000])
def test_without_the_right_password_nothing_is_told(app: Flask, ours: Domain, value: str) -> None:
    credentials.create("mx1")
    response = app.test_client().post(PATH, data="not read", headers={"Authorization": value} if value else {})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Basic realm="Rollcall perimeter"'
    assert response.json is not None
    assert "flask perimeter credentials create" in response.json["error"]


def test_a_question_that_is_too_large_is_refused(mail_server: FlaskClient) -> None:
    assert ask(mail_server, "x" * 20_000).status_code == 413


def test_without_the_database_the_sender_is_told_to_try_again(settings: Settings) -> None:
    url = f"postgresql+psycopg://rollcall@{LOOPBACK}:{free_port()}/rollcall"
    away = create_app(replace(settings, database_url=url)).test_client()
    for email in ("ada@brightfield.example", "nobody@brightfield.example"):
        response = away.post(PATH, json={"email": email}, auth=("mx1", "any"))
        assert response.status_code == 200
        assert response.json is not None
        assert response.json["code"] == "DENYSOFT"


@pytest.fixture
def hasty(mail_server: FlaskClient, app: Flask) -> Iterator[FlaskClient]:
    """A mail server that may ask ten times in ten seconds."""
    before = app.extensions["check_limit"]
    app.extensions["check_limit"] = CheckLimit(app.extensions["soon"], 1)
    yield mail_server
    app.extensions["check_limit"] = before


def test_who_asks_too_often_is_told_to_wait_and_others_are_not(hasty: FlaskClient, ours: Domain, app: Flask) -> None:
    # The questions may lie in two windows, each of which lets ten of them through.
    answers = [ask(hasty, "ada@bf.example") for _ in range(25)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:10] == [200] * 10
    assert 429 in statuses
    refused = answers[statuses.index(429)]
    assert refused.headers["Retry-After"] == "10"
    assert refused.json == {"error": "Too many questions in these seconds. Ask again in a moment."}
    other = ("mx2", credentials.create("mx2"))
    assert app.test_client().post(PATH, json={"email": "ada@bf.example"}, auth=other).status_code == 200


def test_a_wrong_password_does_not_use_up_what_a_mail_server_may_ask(hasty: FlaskClient, ours: Domain) -> None:
    for _ in range(25):
        assert hasty.post(PATH, json={}, headers={"Authorization": "Basic bXgxOndyb25n"}).status_code == 401
    assert ask(hasty, "ada@bf.example").status_code == 200


def test_without_redis_nobody_is_limited_and_nobody_waits_for_it(
    mail_server: FlaskClient, ours: Domain, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with black_hole() as port:
        away = connect(f"redis://{LOOPBACK}:{port}/0", patience=0.2)
        monkeypatch.setitem(app.extensions, "check_limit", CheckLimit(away, 1))
        began = time.monotonic()
        assert [ask(mail_server, "ada@bf.example").status_code for _ in range(30)] == [200] * 30
        assert time.monotonic() - began < 5
        away.close()
