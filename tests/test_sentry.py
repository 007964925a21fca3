"""Faults told to Sentry: with what helps to mend them, and nobody's data and no secret."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask import Flask

from console import queue, sentry
from console.models import RunKind, db
from console.sentry import clean, secrets_of
from console.settings import Settings
from tests import factories
from tests.processes import ROOT, Deployment, environment, until
from tests.servers.sentry import Sentry

FAULTY = """
import logging
from console import logs, sentry
from console.settings import Settings
settings = Settings.from_env()
sentry.start(settings)
def ask(password, address):
    raise RuntimeError(f"{settings.secret_key} {settings.metrics_token} {address} of {settings.database_url}")
with logs.of_run(7):
    logging.warning("no fault")
    try:
        ask("a variable's secret", "ada.lovelace@brightfield.example")
    except RuntimeError:
        logging.exception("asking %s failed", "grace.hopper@brightfield.example", extra={"more": "private"})
raise SystemExit
"""


@pytest.fixture
def taken() -> Iterator[Sentry]:
    with Sentry() as server:
        yield server


def test_a_fault_is_told_with_its_run_and_without_variables_secrets_and_addresses(
    taken: Sentry, settings: Settings
) -> None:
    env = {**environment(settings), "SENTRY_DSN": taken.dsn, "METRICS_TOKEN": "the-token-of-the-metrics"}
    subprocess.run([sys.executable, "-c", FAULTY], cwd=ROOT, env=env, check=True, capture_output=True, timeout=60)
    [event] = taken.events
    assert event["tags"] == {"run": "7"}
    assert event["release"].startswith("rollcall@")
    [error] = event["exception"]["values"]
    assert error["type"] == "RuntimeError"
    assert [frame["function"] for frame in error["stacktrace"]["frames"]][-1] == "ask"
    for secret in secrets_of(replace(settings, metrics_token="the-token-of-the-metrics")):
        assert secret not in taken.raw
    for private in ("a variable's secret", "ada.lovelace", "grace.hopper", "private"):
        assert private not in taken.raw
    assert error["value"].startswith("[secret] [secret] [somebody]@brightfield.example of postgresql")
    assert not {"request", "user", "extra", "breadcrumbs", "server_name", "modules"} & set(event)
    assert not any("vars" in frame for frame in error["stacktrace"]["frames"])


def test_a_worker_tells_what_broke_in_the_process_of_a_run(taken: Sentry, app: Flask, tmp_path: Path) -> None:
    domain = factories.domain()
    run_id = factories.run(domain, RunKind.SYNC, factories.source(domain)).id
    db.session.remove()
    with Deployment(app.extensions["settings"], tmp_path) as deployment:
        worker = deployment.worker(SENTRY_DSN=taken.dsn)
        queue.queue(app.extensions["redis"]).enqueue("tests.jobs.fake.provision_leaky", run_id)
        # RQ logs it as well, after the run.
        until(lambda: any("run" in event["tags"] for event in taken.events), "the fault is told", 30)
        assert "public-key" not in worker.said
    assert [event["tags"]["run"] for event in taken.events if "run" in event["tags"]] == [str(run_id)]
    assert "secret of the source" not in taken.raw


def test_the_web_process_tells_a_fault_with_the_number_of_its_request(
    taken: Sentry, app: Flask, tmp_path: Path
) -> None:
    with Deployment(app.extensions["settings"], tmp_path) as deployment:
        web = deployment.web("--config", str(Path(__file__).parent / "faulty_gunicorn.py"), SENTRY_DSN=taken.dsn)
        with pytest.raises(HTTPError) as refused:
            urlopen(f"{web.url}/login?q=ada.lovelace@brightfield.example")
        refused.value.close()
        until(lambda: taken.events, "the fault is told")
    [event] = taken.events
    assert event["tags"] == {"request": refused.value.headers["X-Request-ID"]}
    assert "lovelace" not in taken.raw
    assert "127.0.0.1:" not in str(event.get("request"))


def test_without_a_dsn_the_package_is_not_loaded(settings: Settings) -> None:
    code = "import sys, wsgi; sys.exit('sentry_sdk' in sys.modules or 'prometheus_client' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment(settings), check=True, timeout=60)
    sentry.start(settings)
    sentry.flush()


def test_secrets_are_masked_wherever_they_stand(settings: Settings) -> None:
    changed = replace(settings, database_url="postgresql+psycopg://me:p%40ssword@db/x", metrics_token="short")
    secrets = secrets_of(changed)
    assert {"p%40ssword", "p@ssword", *settings.sealing_keys, settings.secret_key} <= set(secrets)
    assert "short" not in secrets
    told = clean({"a": ["to db:p@ssword", 7, None], "b": {"c": f"x{settings.secret_key}"}}, secrets)
    assert told == {"a": ["to db:[secret]", 7, None], "b": {"c": "x[secret]"}}
