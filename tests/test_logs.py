"""Logs as JSON: one object a line, whatever is in the message."""

import json
import logging

from console.logs import JsonLines


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
