"""The log of the web server, in the form that LOG_FORMAT names: gunicorn's --logger-class.

A line about a request has neither the client's address nor the query, in which people search for people.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from gunicorn.config import Config
from gunicorn.glogging import Logger

from console import logs
from console.settings import Settings, SettingsError


class WebLog(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn's own logs and the application's, in one form."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        try:
            log_format = Settings.from_env().log_format
        except SettingsError:
            log_format = "text"  # The application says what is wrong when it is loaded.
        logs.start(log_format)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            logs.shape(handler, log_format)

    def access(self, resp: Any, req: Any, environ: Mapping[str, Any], request_time: dt.timedelta) -> None:  # noqa: ARG002
        if not self.access_log_enabled:
            return
        numbers = {name.lower(): value for name, value in resp.headers if name.lower() == "x-request-id"}
        found = {"request": numbers["x-request-id"]} if numbers else {}
        status = str(resp.status).partition(" ")[0]
        took = round(request_time.total_seconds() * 1000)
        # Where a path has a secret in it the application has put another one there (console.web.links).
        path = _printable(str(environ.get("RAW_URI", "")).partition("?")[0])
        words = (environ.get("REQUEST_METHOD"), path, status, took)
        self.access_log.info("%s %s %s %d ms", *words, extra={"place": found})


def _printable(path: str) -> str:
    """A line of text must not be taken for two."""
    return path.encode("unicode_escape").decode()
