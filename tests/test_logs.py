"""Logs as JSON: one object a line, whatever is in the message."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from sqlalchemy import text

from console import logs
from console.logs import JsonLines
from console.models import DatabaseError, Domain, RunKind, db
from jobs import tasks
from tests import factories
from tests.jobs.fake import leaky
from tests.processes import Deployment, until


def record(message: str, *args: object, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("jobs.tasks", logging.WARNING, __file__, 1, message, args, exc_info)  # type: ignore[arg-type]


def test_a_line_is_one_object_with_time_level_logger_and_message() -> None:
    line = JsonLines().format(record("run %s\nfailed “so”", 7))
    assert "\n" not in line
    told = json.loads(line)
    assert (told["level"], told["logger"], told["message"]) == ("warning", "jobs.tasks", "run 7\nfailed “so”")
    assert told["time"].endswith("+00:00")


def test_an_exception_is_told_in_the_same_object() -> None:
    try:
        raise ValueError("no such thing")
    except ValueError as error:
        line = JsonLines().format(record("failed", exc_info=(type(error), error, error.__traceback__)))
    assert "ValueError: no such thing" in json.loads(line)["exception"]


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.fixture
def shaped() -> Iterator[Callable[[str], logging.Logger]]:
    """A logger of its own, which writes as a process with this LOG_FORMAT does."""
    log = logging.getLogger("rollcall.tests.logs")
    log.propagate = False

    def start(log_format: str) -> logging.Logger:
        log.handlers[:] = [logs.shape(logging.StreamHandler(), log_format)]
        log.setLevel(logging.INFO)
        return log

    yield start
    log.handlers.clear()
    log.propagate = True


def test_every_line_of_a_run_has_its_number(
    shaped: Callable[[str], logging.Logger], capsys: pytest.CaptureFixture[str]
) -> None:
    log = shaped("json")
    with logs.of_run(7):
        log.info("reading")
        with logs.of_run(8):
            log.info("another one")
        log.info("applying")
    log.info("idle")
    assert [line.get("run") for line in lines(capsys)] == [7, 8, 7, None]


def test_every_line_of_a_request_has_its_number(
    app: Flask, shaped: Callable[[str], logging.Logger], capsys: pytest.CaptureFixture[str]
) -> None:
    log = shaped("json")
    with app.test_request_context(headers={"X-Request-ID": "from-the-router"}):
        app.preprocess_request()
        log.info("answering")
    log.info("idle")
    assert [line.get("request") for line in lines(capsys)] == ["from-the-router", None]


def test_lines_of_text_have_the_numbers_too(
    shaped: Callable[[str], logging.Logger], capsys: pytest.CaptureFixture[str]
) -> None:
    with logs.of_run(7):
        shaped("text").info("reading")
    assert capsys.readouterr().err == "INFO rollcall.tests.logs: reading [run 7]\n"


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_the_error_of_a_database_is_logged_without_the_address_that_it_shows(
    shaped: Callable[[str], logging.Logger], capsys: pytest.CaptureFixture[str], log_format: str
) -> None:
    try:
        raise ValueError("Key (domain_id, address)=(1, ada.lovelace+x@brightfield.example) already exists.")
    except ValueError:
        shaped(log_format).exception("no such luck")
    said = capsys.readouterr().err
    assert "ada.lovelace" not in said
    assert "[somebody]@brightfield.example" in said


@pytest.mark.usefixtures("app")
def test_a_statement_that_fails_shows_no_parameters() -> None:
    with pytest.raises(DatabaseError) as failed:
        db.session.execute(text("select :name from nowhere"), {"name": "ada lovelace"})
    assert "ada lovelace" not in str(failed.value)
    assert "select" in str(failed.value)
    db.session.rollback()


def test_a_worker_s_lines_about_a_run_have_its_number(domain: Domain, caplog: pytest.LogCaptureFixture) -> None:
    run = factories.run(domain, RunKind.SYNC, factories.source(domain))
    caplog.handler.addFilter(shape := logs.shape(logging.NullHandler(), "json").filters[0])
    try:
        with pytest.raises(ZeroDivisionError):
            tasks.provision(run.id, leaky)
    finally:
        caplog.handler.removeFilter(shape)
    [record] = [record for record in caplog.records if record.exc_info]
    assert json.loads(JsonLines().format(record))["run"] == run.id


def test_the_web_server_logs_requests_without_the_query_and_the_client(app: Flask, tmp_path: Path) -> None:
    with Deployment(app.extensions["settings"], tmp_path) as deployment:
        web = deployment.web(LOG_FORMAT="json", METRICS_TOKEN="no-secret-of-anybody")
        headers = {"X-Request-ID": "from-the-router", "Referer": "http://localhost/?q=ada@x.example"}
        urlopen(Request(f"{web.url}/login?next=/users?q=ada@brightfield.example", headers=headers)).close()
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{web.url}/invitation/a-text-that-opens")
        refused.value.close()
        until(lambda: "GET /login" in web.said, "the request is in the log")
        web.stop()
    told = [json.loads(line) for line in web.said.splitlines()]
    [line] = [line for line in told if line["message"].startswith("GET /login")]
    assert line["message"].split()[:3] == ["GET", "/login", "200"]
    assert (line["logger"], line["request"]) == ("gunicorn.access", "from-the-router")
    assert any(line["logger"] == "gunicorn.error" for line in told)
    assert "ada" not in web.said
    assert "a-text-that-opens" not in web.said
    assert "127.0.0.1 " not in web.said
    assert "no-secret-of-anybody" not in web.said
