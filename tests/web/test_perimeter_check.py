"""The HTTP door: what a Haraka sends and what it is told."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console import create_app
from console.core.person import Status
from console.core.recipient import Mode
from console.models import Domain
from console.settings import Settings
from console.store import domains, perimeter, rejections
from tests import factories
from tests.factories import manual_user
from tests.servers.ports import LOOPBACK, free_port

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
    basic = b64encode(f"mx1:{perimeter.create_credential('mx1')}".encode()).decode()
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
    assert response.json is not None
    assert response.json["error"].startswith("Send a JSON document with the recipient")


@pytest.mark.parametrize("value", ["", "Basic", "Basic !", "Bearer x", "Basic bXgxOndyb25n", "Basic " + "x" * 9000])
def test_without_the_right_password_nothing_is_told(app: Flask, ours: Domain, value: str) -> None:
    perimeter.create_credential("mx1")
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
