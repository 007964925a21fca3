"""Many small questions, twenty in one: each is answered, and told to wait, on its own."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jobs.sources.office365.asking import TRIES
from jobs.sources.office365.failures import TooBusyError
from jobs.sources.office365.session import Session

SIZE = 20
"""The most that Graph takes in one."""

Answer = tuple[str, int, Mapping[str, Any]]


def each(session: Session, questions: Sequence[tuple[str, str]], doing: str) -> Iterator[Answer]:
    """The name, status and JSON of the answer to each question, a pair of a name and a path.

    What passes (429, 5xx) is asked again, later. Raises SourceError as the session does, and TooBusyError when the
    patience of the run is at its end; what came until then was handed on.
    """
    waiting = list(questions)
    failed = throttled = 0
    while waiting:
        now, later = waiting[:SIZE], waiting[SIZE:]
        answers = session.batch(now, doing)
        put_off = [question for question in now if _passing(answers.get(question[0]))]
        for name, _ in now:
            found = answers.get(name)
            if found is not None and not _passing(found):
                body = found.get("body")
                yield name, int(found["status"]), body if isinstance(body, dict) else {}
        waiting = put_off + later
        if not put_off:
            failed = throttled = 0
            continue
        busy = [found for name, _ in put_off if (found := answers.get(name)) and found.get("status") == 429]
        throttled, failed = (throttled + 1, failed) if busy else (throttled, failed + 1)
        patience = session.patience
        seconds = (
            max(patience.asked_for(_retry_after(found), throttled) for found in busy)
            if busy
            else patience.after_failure(failed)
        )
        if failed >= TRIES or not patience.grants(seconds):
            raise TooBusyError(
                f"Microsoft 365 left questions unanswered {doing}: it is asked too much at the moment. Nothing was "
                "changed. Try again later."
            )


def _passing(answer: Mapping[str, Any] | None) -> bool:
    """Whether a question may get another answer later; one without any may, too."""
    status = answer.get("status") if answer is not None else None
    return not isinstance(status, int) or status == 429 or status >= 500


def _retry_after(answer: Mapping[str, Any]) -> str | None:
    headers = answer.get("headers")
    found = headers.get("Retry-After") if isinstance(headers, dict) else None
    return str(found) if found is not None else None
