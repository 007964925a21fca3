"""Settings of the deployment, read once from the environment; a wrong value stops the start, naming the variable."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

from console import settings_microsoft, settings_operations
from console.microsoft import Microsoft
from console.secrets import valid_key

T = TypeVar("T")


class SettingsError(ValueError):
    """A variable of the environment is missing or wrong; the sentence names it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a process needs to know. Secrets are kept out of the repr.

    `sealing_keys`: the first seals, all open. `session_hours` is how long a sign-in lasts, however it is used,
    and `session_idle_minutes` how long without any use.
    `trusted_proxies` counts the proxies in front whose X-Forwarded headers are believed. `allow_local_targets` lets
    sources reach this machine's own addresses. Notices go out through the relay `smtp_url` in the name of `mail_from`.
    The perimeter listens on the hosts and ports `perimeter_..._listen`, and waits `perimeter_wait` seconds at most for
    what it has to find out about an address that nobody has. Of the mail servers of one domain `discovery_per_...`
    addresses are asked at most. `perimeter_metrics_listen` is where the perimeter tells its numbers.
    Browsers reach the console under `hosts`, or under any name where there are none. `hsts_seconds`: for how long they
    are told to insist on HTTPS. A mail server may ask `checks_per_second`, 0 for as often as it likes. `metrics_token`
    opens the numbers of the console, which nobody sees without one. Faults are told to Sentry at `sentry_dsn`. With
    `setup_token` the first account can be made in the browser. Activity keeps sign-ins, denials and changes of settings
    for `events_days`.
    """

    secret_key: str = field(repr=False)
    sealing_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    redis_url: str = field(repr=False)
    base_url: str = "http://localhost:8000"
    port: int = 8000
    session_hours: int = 12
    session_idle_minutes: int = 60
    trusted_proxies: int = 0
    log_format: str = "text"
    allow_local_targets: bool = False
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    upload_limit_mb: int = 25
    microsoft: Microsoft = field(default_factory=Microsoft)
    perimeter_policy_listen: tuple[str, int] = ("127.0.0.1", 10031)
    perimeter_socketmap_listen: tuple[str, int] = ("127.0.0.1", 10032)
    perimeter_wait: float = 4.0
    perimeter_metrics_listen: tuple[str, int] | None = None
    allowed_hosts: tuple[str, ...] = ()
    hsts_seconds: int = 365 * 24 * 3600
    checks_per_second: int = 200
    metrics_token: str = field(default="", repr=False)
    sentry_dsn: str = field(default="", repr=False)
    setup_token: str = field(default="", repr=False)
    discovery_per_minute: int = 120
    discovery_per_day: int = 5_000
    events_days: int = 730

    @property
    def upload_limit(self) -> int:
        """How many bytes an uploaded file may have."""
        return self.upload_limit_mb * 1024 * 1024

    @property
    def secure(self) -> bool:
        """Whether browsers reach the console over HTTPS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """The names in a browser's address line that are the console's; none where any name is."""
        return settings_operations.known_hosts(self.base_url, self.allowed_hosts)

    @property
    def sends_mail(self) -> bool:
        """Whether notices go out; the console says so where they do not."""
        return bool(self.smtp_url and self.mail_from)

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        """Read os.environ, or the mapping given. Raises SettingsError."""
        read = _Reader(os.environ if env is None else env)
        return cls(
            secret_key=read.value("SECRET_KEY", _long_enough),
            sealing_keys=read.value("SEALING_KEYS", _keys),
            database_url=read.value("DATABASE_URL", _database),
            redis_url=read.value("REDIS_URL", _redis),
            base_url=read.value("BASE_URL", _http, default="http://localhost:8000"),
            port=read.value("PORT", _port, default="8000"),
            session_hours=read.value("SESSION_HOURS", _positive, default="12"),
            session_idle_minutes=read.value("SESSION_IDLE_MINUTES", _positive, default="60"),
            trusted_proxies=read.value("TRUSTED_PROXIES", _whole, default="0"),
            log_format=read.value("LOG_FORMAT", _one_of("text", "json"), default="text"),
            allow_local_targets=read.value("ALLOW_LOCAL_TARGETS", _switch, default="0"),
            smtp_url=read.value("SMTP_URL", _relay, default=""),
            mail_from=read.value("MAIL_FROM", _sender, default=""),
            upload_limit_mb=read.value("UPLOAD_LIMIT_MB", _megabytes, default="25"),
            microsoft=_microsoft(read),
            perimeter_policy_listen=read.value("PERIMETER_POLICY_LISTEN", _listen, default="127.0.0.1:10031"),
            perimeter_socketmap_listen=read.value("PERIMETER_SOCKETMAP_LISTEN", _listen, default="127.0.0.1:10032"),
            perimeter_wait=read.value("PERIMETER_WAIT", _wait, default="4"),
            perimeter_metrics_listen=read.value("PERIMETER_METRICS_LISTEN", _maybe_listen, default=""),
            allowed_hosts=read.value("ALLOWED_HOSTS", settings_operations.hosts, default=""),
            hsts_seconds=read.value("HSTS_SECONDS", _whole, default="31536000"),
            checks_per_second=read.value("CHECKS_PER_SECOND", _whole, default="200"),
            metrics_token=read.value("METRICS_TOKEN", settings_operations.token, default=""),
            sentry_dsn=read.value("SENTRY_DSN", settings_operations.dsn, default=""),
            setup_token=read.value("SETUP_TOKEN", settings_operations.token, default=""),
            discovery_per_minute=read.value("DISCOVERY_PER_MINUTE", _positive, default="120"),
            discovery_per_day=read.value("DISCOVERY_PER_DAY", _positive, default="5000"),
            events_days=read.value("EVENTS_DAYS", settings_operations.days, default="730"),
        )


@dataclass(frozen=True)
class _Reader:
    env: Mapping[str, str]

    def value(self, name: str, parse: Callable[[str], T], default: str | None = None) -> T:
        text = self.env.get(name, "").strip() or default
        if text is None:
            raise SettingsError(f"{name} is not set. See the table of settings in docs/settings.md.")
        try:
            return parse(text)
        except ValueError as error:
            raise SettingsError(f"{name} is wrong: {error}.") from None


def _microsoft(read: _Reader) -> Microsoft:
    try:
        return settings_microsoft.read(read.value, read.value("SIGN_IN_WITH_MICROSOFT", _switch, default="0"))
    except settings_microsoft.CombinationError as error:
        raise SettingsError(f"{error}.") from None


def _long_enough(text: str) -> str:
    if len(text) < 32:
        raise ValueError(
            "it needs at least 32 characters; make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return text


def _keys(text: str) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in text.split(",") if part.strip())
    if not keys or not all(valid_key(item) for item in keys):
        raise ValueError(
            "it needs one or more Fernet keys, separated by commas; make one with: "
            "python -c 'from console.secrets import new_key; print(new_key())'"
        )
    return keys


def _database(text: str) -> str:
    """Heroku gives postgres://; SQLAlchemy wants the name of the driver as well."""
    scheme, _, rest = text.partition("://")
    if scheme not in ("postgres", "postgresql", "postgresql+psycopg") or not rest:
        raise ValueError("it must be a PostgreSQL address, postgresql://user:password@host:port/name")
    return f"postgresql+psycopg://{rest}"


def _redis(text: str) -> str:
    if _parts(text).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("it must be a Redis address, redis://host:port/0 or rediss://...")
    return text


def _http(text: str) -> str:
    parts = _parts(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must be the address of the console in a browser, https://rollcall.example")
    return text.rstrip("/")


def _relay(text: str) -> str:
    parts = _parts(text)
    if text and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ValueError("it must be the address of a mail relay, smtp://user:password@host:587 or smtps://...")
    return text


def _sender(text: str) -> str:
    if text and "@" not in text:
        raise ValueError("it must be the address that notices come from, rollcall@example.com")
    return text


def _parts(text: str) -> SplitResult:
    """The parts of a URL. The error of urlsplit would show the text, and it may have a password in it."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("it is no URL that can be read: special characters in it must be percent-encoded") from None
    return parts


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("it must be a whole number")
    return int(text)


def _port(text: str) -> int:
    number = _whole(text)
    if not 0 < number < 65536:
        raise ValueError("it must be a port number, 1 to 65535")
    return number


def _listen(text: str) -> tuple[str, int]:
    """A host and a port; an IPv6 address stands in brackets, as in a URL."""
    host, _, port = text.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    if not bare or (":" in bare and not host.startswith("[")):
        raise ValueError("it must be an address and a port to listen on, 127.0.0.1:10031 or [::1]:10031")
    return bare, _port(port)


def _maybe_listen(text: str) -> tuple[str, int] | None:
    return _listen(text) if text else None


def _wait(text: str) -> float:
    """Postfix waits 100 seconds for a policy server, Haraka 30 for a plugin."""
    number = _whole(text)
    if number > 20:
        raise ValueError("it must be at most 20: a mail server does not wait much longer")
    return float(number)


def _positive(text: str) -> int:
    number = _whole(text)
    if number < 1:
        raise ValueError("it must be at least 1")
    return number


def _megabytes(text: str) -> int:
    number = _positive(text)
    if number > 100:
        raise ValueError("it must be at most 100: a worker reads the whole file into memory")
    return number


def _switch(text: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if text.lower() not in words:
        raise ValueError("it must be 1 or 0")
    return words[text.lower()]


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise ValueError(f"it must be one of {', '.join(words)}")
        return text

    return parse
