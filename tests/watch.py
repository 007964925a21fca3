"""The secrets that the tests use, looked for wherever a secret must not be, in the whole run of the tests.

Every page that is fetched, every line that is logged, every log of a process and everything in Redis passes by here.
"""

import pytest
from redis import Redis

from tests.factories import PASSWORD, SOURCE_PASSWORD

SECRET_KEY = "for-tests-only-" * 4
_secrets = {SOURCE_PASSWORD, PASSWORD, SECRET_KEY}
# What pytest has captured of a test; standard output is not in it, since a command may print a password once.
CAPTURED = ("Captured log", "Captured stderr")


def add(*secrets: str) -> None:
    """Secrets that are made when the tests begin."""
    _secrets.update(secret for secret in secrets if len(secret) >= 8)


def found(text: str) -> list[str]:
    return [secret for secret in _secrets if secret in text]


def check(text: str, where: str) -> None:
    """Raises AssertionError, naming the place, for a secret in a text."""
    assert not found(text), f"a secret stands in {where}"


def check_redis(redis: Redis) -> None:
    """Jobs, their results, messages, counts and tokens."""
    for key in redis.scan_iter():
        held = redis.dump(key) or b""
        check(key.decode("utf-8", "replace") + held.decode("latin-1"), f"Redis, under {key!r}")


def check_report(report: pytest.TestReport) -> None:
    """Fail a test whose log lines have a secret in them."""
    for name, content in report.sections:
        if report.passed and name.startswith(CAPTURED) and found(content):
            report.outcome = "failed"
            report.longrepr = f"a secret stands in what was written: {name}"
