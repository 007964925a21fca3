"""A secret that stands where it must not fails the test that put it there."""

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis

from tests import factories, watch
from tests.processes import ROOT
from tests.web.client import Browser

LEAKS = """
import logging
from tests import factories, watch
def test_log(): logging.warning("bind with %s", factories.SOURCE_PASSWORD)
def test_quiet(): logging.warning("bind")
"""


def test_a_page_with_a_secret_is_found(app: Flask, client: Browser) -> None:
    factories.domain(f"{'a' * 20}.example")
    watch.check(client.get("/domains").text, "a page")
    with pytest.raises(AssertionError, match="a secret stands in a page"):
        watch.check(f"<p>{factories.SOURCE_PASSWORD}</p>", "a page")


def test_a_key_of_redis_with_a_secret_is_found(redis: Redis) -> None:
    redis.set("job", f"provision({factories.SOURCE_PASSWORD!r})")
    with pytest.raises(AssertionError, match="job"):
        watch.check_redis(redis)
    redis.delete("job")
    watch.check_redis(redis)


def test_a_log_line_with_a_secret_fails_its_test(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("from tests.conftest import pytest_runtest_makereport\n")
    (tmp_path / "test_leak.py").write_text(LEAKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "a secret stands in what was written: Captured log call" in done.stdout


def test_the_run_s_own_secrets_are_looked_for(app: Flask) -> None:
    for key in app.extensions["settings"].sealing_keys:
        assert watch.found(f"x{key}")
    assert watch.found(app.extensions["settings"].database_url)
    assert not watch.found("nothing")
    logging.getLogger(__name__).warning("nothing")
