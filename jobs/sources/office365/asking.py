"""Asking until there is an answer: what passes is waited for and tried again, within the patience of the run."""

from console.core.errors import SourceError
from jobs.sources.office365 import failures
from jobs.sources.office365.ahead import Ahead
from jobs.sources.office365.patience import Patience
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.wire import Broken, Question, Reply, Wire

TRIES = 4
_TOO_MANY, _UNAVAILABLE = 429, 503


def answered(
    wire: Wire,
    settings: Office365Settings,
    patience: Patience,
    question: Question,
    doing: str,
    *,
    ahead: Ahead | None = None,
) -> Reply:
    """The answer, which may be a refusal (4xx); raises SourceError when there is none.

    Throttling is waited out for as long as Microsoft says. Everything else that may pass is tried four times. `ahead`
    is the first try, where that was made already.
    """
    failed = throttled = 0
    while True:
        got, ahead = ahead.answer() if ahead else wire.ask(question), None
        if isinstance(got, Reply):
            asked = got.headers.get("Retry-After")
            if got.status == _TOO_MANY or (got.status == _UNAVAILABLE and asked):
                throttled += 1
                seconds = patience.asked_for(asked, throttled)
                if not patience.grants(seconds):
                    raise failures.too_busy(settings, question, got, doing, seconds)
                continue
            if got.status < 500:
                return got
        failed += 1
        passing = isinstance(got, Reply) or got.fault.passing
        if not passing or failed >= TRIES or not patience.grants(patience.after_failure(failed)):
            raise _given_up(settings, question, got, doing)


def _given_up(settings: Office365Settings, question: Question, got: Reply | Broken, doing: str) -> SourceError:
    if isinstance(got, Broken):
        return failures.broken(settings, got, doing)
    return failures.trouble(settings, question, got, doing)
