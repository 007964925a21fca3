"""Faults of Rollcall's own, told to Sentry where SENTRY_DSN names one: what was logged as an error, and nothing else.

Sent are the message, the traceback without the variables in it, the version, and the number of the request or the run.
Not sent are requests, cookies, jobs, SQL, breadcrumbs or who was signed in. What looks like a mail address is masked,
and so is every secret of the environment, wherever it might stand.
"""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from console import __version__, logs

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

    from console.settings import Settings

RELEASE = f"rollcall@{__version__}"
MASK = "[secret]"
FLUSH_SECONDS = 2.0
# A shorter one would mask parts of words.
SHORTEST = 6


def start(settings: "Settings") -> None:
    """Tell Sentry from now on; nothing at all happens without SENTRY_DSN, and its package is not even loaded."""
    if not settings.sentry_dsn:
        return
    import sentry_sdk  # noqa: PLC0415
    from sentry_sdk.integrations.atexit import AtexitIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.dedupe import DedupeIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.excepthook import ExcepthookIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415
    from sentry_sdk.integrations.threading import ThreadingIntegration  # noqa: PLC0415

    secrets = secrets_of(settings)

    def before_send(event: "Event", _: "Hint") -> "Event":
        event["tags"] = {name: str(value) for name, value in logs.place().items()}
        for part in ("request", "user", "extra", "modules", "breadcrumbs", "server_name"):
            event.pop(part, None)  # type: ignore[misc]  # the names are its keys
        cleaned: Event = clean(event, secrets)
        cleaned["release"] = RELEASE  # It has an @ in it, and is no address.
        return cleaned

    sentry_sdk.init(
        dsn=settings.sentry_dsn,
        release=RELEASE,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            AtexitIntegration(callback=lambda *_: None),
            DedupeIntegration(),
            ExcepthookIntegration(),
            LoggingIntegration(level=None),
            ThreadingIntegration(propagate_scope=False),
        ],
        auto_session_tracking=False,
        send_client_reports=False,
        shutdown_timeout=FLUSH_SECONDS,
        before_send=before_send,
    )


def flush() -> None:
    """Send what waits to be sent, before a process ends by other means than Python's."""
    if "sentry_sdk" in sys.modules:
        sys.modules["sentry_sdk"].flush(FLUSH_SECONDS)


def secrets_of(settings: "Settings") -> tuple[str, ...]:
    """The secrets of the environment, as they might stand in a text: the longest first."""
    found = {settings.secret_key, *settings.sealing_keys, settings.metrics_token, settings.microsoft.credential}
    for url in (settings.database_url, settings.redis_url, settings.smtp_url):
        password = urlsplit(url).password or ""
        found |= {password, unquote(password)}
    return tuple(sorted((secret for secret in found if len(secret) >= SHORTEST), key=len, reverse=True))


def clean(value: Any, secrets: tuple[str, ...]) -> Any:
    """A document without secrets and mail addresses in its texts."""
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, MASK)
        return logs.without_addresses(value)
    if isinstance(value, Mapping):
        return {name: clean(part, secrets) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [clean(part, secrets) for part in value]
    return value
