"""Logs on standard error, as lines of text or as one JSON object a line."""

import datetime as dt
import json
import logging


class JsonLines(logging.Formatter):
    """One object a line: time (ISO 8601, UTC), level, logger, message, and the traceback of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def start(log_format: str) -> None:
    """Log from the level info on, in the form that LOG_FORMAT names."""
    handler = logging.StreamHandler()
    words = logging.Formatter("%(levelname)s %(name)s: %(message)s")
    handler.setFormatter(JsonLines() if log_format == "json" else words)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
