"""Logs on standard error, as lines of text or as one JSON object a line.

A line of a request has the request's number, a line of a run the run's. No address of a mail user and nobody's name
stands in a line; what a person did is in Activity.
"""

import datetime as dt
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask import has_request_context, request

# Under this name a request carries its number (console.web.wire).
REQUEST_ID = "rollcall.request_id"
_run: ContextVar[int | None] = ContextVar("run", default=None)
_ADDRESS = re.compile(r"[^\s@<>()\[\]{}'\",;:=]+@(?=[\w-]+\.)")


def without_addresses(text: str) -> str:
    """A text with the local parts of mail addresses masked: a database's error shows what it could not store."""
    return _ADDRESS.sub("[somebody]@", text)


@contextmanager
def of_run(run_id: int) -> Iterator[None]:
    """Give every line that is logged within the number of a run."""
    token = _run.set(run_id)
    try:
        yield
    finally:
        _run.reset(token)


def place() -> dict[str, str | int]:
    """The request and the run that this thread works on, those of them that there are."""
    request_id = request.environ.get(REQUEST_ID) if has_request_context() else None
    run_id = _run.get()
    return {**({"request": request_id} if request_id else {}), **({"run": run_id} if run_id is not None else {})}


class _Placed(logging.Filter):
    """Notes where a line comes from when it is made, in the thread that makes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "place"):
            record.place = place()
        return True


class JsonLines(logging.Formatter):
    """One object a line: time (ISO 8601, UTC), level, logger, message, the number of the request or the run, and the
    traceback of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "place", {}),
        }
        if record.exc_info:
            line["exception"] = without_addresses(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The level, the logger, the message, and in brackets the number of the request or the run."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:
        found: dict[str, str | int] = getattr(record, "place", {})
        return super().formatMessage(record) + "".join(f" [{name} {value}]" for name, value in found.items())

    def formatException(self, ei: Any) -> str:
        return without_addresses(super().formatException(ei))


def shape(handler: logging.Handler, log_format: str) -> logging.Handler:
    """Let a handler write in the form that LOG_FORMAT names."""
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    handler.addFilter(_Placed())
    return handler


def start(log_format: str) -> None:
    """Log from the level info on, in the form that LOG_FORMAT names, on standard error."""
    # It tells of each of its parts that is loaded.
    logging.getLogger("alembic.runtime.plugins").setLevel(logging.WARNING)
    logging.basicConfig(level=logging.INFO, handlers=[shape(logging.StreamHandler(), log_format)], force=True)
