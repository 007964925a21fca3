"""Settings of the deployment: a wrong one stops the start and is named."""

import base64

import pytest

from console.settings import Settings, SettingsError

# The same in every process that collects the tests, since they are part of tests' names.
KEYS = [base64.urlsafe_b64encode(byte * 32).decode() for byte in (b"1", b"2")]
SECRET = "a secret key of many characters!"
GOOD = {
    "SECRET_KEY": SECRET,
    "SEALING_KEYS": KEYS[0],
    "DATABASE_URL": "postgres://rollcall:database-password@db.example/rollcall",
    "REDIS_URL": "rediss://:redis-password@redis.example:6380/0",
}


def read(**changes: str) -> Settings:
    return Settings.from_env({**GOOD, **changes})


def test_four_variables_are_enough() -> None:
    settings = read()
    assert (settings.port, settings.session_hours, settings.trusted_proxies) == (8000, 12, 0)
    assert (settings.base_url, settings.secure, settings.log_format) == ("http://localhost:8000", False, "text")
    assert not settings.allow_local_targets
    assert not settings.sends_mail
    assert settings.upload_limit == 25 * 1024 * 1024


def test_everything_is_read() -> None:
    settings = read(
        SEALING_KEYS=f" {KEYS[1]} , {KEYS[0]},",
        BASE_URL="https://rollcall.example/",
        PORT="5000",
        SESSION_HOURS="8",
        TRUSTED_PROXIES="1",
        LOG_FORMAT="json",
        ALLOW_LOCAL_TARGETS="Yes",
        SMTP_URL="smtp://relay.example:587",
        MAIL_FROM="rollcall@example.com",
        UPLOAD_LIMIT_MB="3",
        PERIMETER_POLICY_LISTEN="[::1]:7",
        PERIMETER_SOCKETMAP_LISTEN="mx.internal:10032",
        PERIMETER_WAIT="0",
        PERIMETER_METRICS_LISTEN="127.0.0.1:9132",
        ALLOWED_HOSTS=" Rollcall.internal, [2001:db8::1],",
        HSTS_SECONDS="0",
        CHECKS_PER_SECOND="7",
        METRICS_TOKEN="t" * 16,
        SENTRY_DSN="https://key@sentry.example/7",
        SETUP_TOKEN="s" * 16,
        DISCOVERY_PER_MINUTE="7",
        DISCOVERY_PER_DAY="70",
        EVENTS_DAYS="400",
    )
    assert settings.sealing_keys == (KEYS[1], KEYS[0])
    assert (settings.base_url, settings.secure) == ("https://rollcall.example", True)
    assert (settings.port, settings.session_hours, settings.trusted_proxies) == (5000, 8, 1)
    assert (settings.log_format, settings.allow_local_targets, settings.sends_mail) == ("json", True, True)
    assert settings.upload_limit_mb == 3
    assert (settings.perimeter_policy_listen, settings.perimeter_socketmap_listen) == (
        ("::1", 7),
        ("mx.internal", 10032),
    )
    assert settings.perimeter_wait == 0
    assert settings.perimeter_metrics_listen == ("127.0.0.1", 9132)
    assert settings.allowed_hosts == ("rollcall.internal", "[2001:db8::1]")
    assert (settings.hsts_seconds, settings.checks_per_second) == (0, 7)
    assert (settings.metrics_token, settings.sentry_dsn) == ("t" * 16, "https://key@sentry.example/7")
    assert settings.setup_token == "s" * 16
    assert (settings.discovery_per_minute, settings.discovery_per_day, settings.events_days) == (7, 70, 400)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_s_address_gets_the_driver_s_name(scheme: str) -> None:
    assert read(DATABASE_URL=f"{scheme}://host/name?sslmode=require").database_url == (
        "postgresql+psycopg://host/name?sslmode=require"
    )


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("value", ["", "  "])
def test_a_variable_that_is_missing_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        read(**{name: value})
    with pytest.raises(SettingsError, match=f"^{name} is not set"):
        Settings.from_env({other: text for other, text in GOOD.items() if other != name})


WRONG = {
    "SECRET_KEY": ["short", "x" * 31],
    "SEALING_KEYS": ["no key", f"{KEYS[0]},no-key", ",", KEYS[0][:-2]],
    "DATABASE_URL": ["mysql://host/name", "postgresql://", "host/name", "sqlite:///file"],
    "REDIS_URL": ["http://redis.example", "redis.example:6379", "redis://[x", "redis://host:port"],
    "BASE_URL": ["rollcall.example", "ftp://rollcall.example", "https://", "https://host:x"],
    "PORT": ["x", "-1", "0", "65536", "8000.0", "²"],
    "SESSION_HOURS": ["0", "-1", "a day"],
    "TRUSTED_PROXIES": ["-1", "yes"],
    "LOG_FORMAT": ["xml", "JSON"],
    "ALLOW_LOCAL_TARGETS": ["perhaps", "2"],
    "SMTP_URL": ["relay.example", "http://relay.example", "smtp://", "smtp://host:x"],
    "MAIL_FROM": ["rollcall"],
    "UPLOAD_LIMIT_MB": ["0", "x", "101"],
    "PERIMETER_POLICY_LISTEN": ["10031", ":10031", "127.0.0.1", "127.0.0.1:0", "::1:10031", "x:y"],
    "PERIMETER_SOCKETMAP_LISTEN": ["[]:1", "127.0.0.1:65536"],
    "PERIMETER_WAIT": ["-1", "0.5", "21"],
    "PERIMETER_METRICS_LISTEN": ["9132", "127.0.0.1:0"],
    "ALLOWED_HOSTS": ["https://rollcall.example", "rollcall.example:443", "a b", "-x"],
    "HSTS_SECONDS": ["-1", "a year"],
    "CHECKS_PER_SECOND": ["-1", "0.5"],
    "METRICS_TOKEN": ["short", "a token with spaces in it"],
    "SETUP_TOKEN": ["short", "a token with spaces in it"],
    "SENTRY_DSN": ["sentry.example", "https://sentry.example/7", "https://key@sentry.example", "https://key@[x/7"],
    "DISCOVERY_PER_MINUTE": ["0", "many"],
    "DISCOVERY_PER_DAY": ["0", "1.5"],
    "EVENTS_DAYS": ["29", "36501", "forever", "-1"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_variable_that_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} is wrong: it ") as error:
        read(**{name: value})
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("name", ["SECRET_KEY", "SEALING_KEYS", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "SENTRY_DSN"])
def test_a_secret_that_is_wrong_is_not_shown(name: str) -> None:
    hidden = "hunter2"
    with pytest.raises(SettingsError) as error:
        read(**{name: f"smtp://user:{hidden}\u2100@host:port"[: 31 if name == "SECRET_KEY" else None]})
    assert hidden not in str(error.value)
    assert error.value.__cause__ is None


def test_secrets_are_not_in_the_repr() -> None:
    shown = repr(read(SMTP_URL="smtp://user:relay-password@relay.example"))
    assert "localhost:8000" in shown
    for secret in (SECRET, KEYS[0], "database-password", "redis-password", "relay-password"):
        assert secret not in shown
