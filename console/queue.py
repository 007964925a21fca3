"""Hand runs to the workers: by the dotted name of the task, after the commit. The web's only use of RQ."""

import logging

from redis import Redis, RedisError
from rq import Queue
from werkzeug.utils import import_string

from console import live
from console.models import Run

log = logging.getLogger(__name__)

QUEUE = "runs"
TASK = "jobs.tasks.provision"
DELIVERY = "jobs.tasks.deliver"
SIGN_IN = "jobs.tasks.sign_in"
SIGN_IN_SECONDS = 60
# Each step of a run has a time-out of its own; this only ends what nothing else does.
LONGEST = 6 * 3600
KEEP_FAILURE = 7 * 24 * 3600


def queue(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, default_timeout=LONGEST)


def start(redis: Redis, run: Run) -> bool:
    """Enqueue a committed run. False when Redis does not answer: the clock enqueues it later."""
    live.tick(redis, run.id, run.domain_id)
    return start_id(redis, run.id)


def start_id(redis: Redis, run_id: int) -> bool:
    """Enqueue a run by its id; twice does no harm, since a run is claimed once."""
    try:
        queue(redis).enqueue(TASK, run_id, result_ttl=0, failure_ttl=KEEP_FAILURE)
    except RedisError as error:
        log.warning("run %s: not enqueued, Redis does not answer: %s", run_id, type(error).__name__)
        return False
    return True


def is_empty(redis: Redis) -> bool:
    """Whether no job waits for a worker; false when Redis does not answer."""
    try:
        return queue(redis).is_empty()
    except RedisError:
        return False


def send_notice(redis: Redis, notice_id: int) -> None:
    """Have a notice sent; twice does no harm, since each attempt is claimed once."""
    try:
        queue(redis).enqueue(DELIVERY, notice_id, result_ttl=0, failure_ttl=KEEP_FAILURE)
    except RedisError as error:
        log.warning("notice %s: not enqueued, Redis does not answer: %s", notice_id, type(error).__name__)


def sign_in(redis: Redis, ticket: str) -> None:
    """Have a sign-in at Microsoft checked before anything else that waits: a person looks at the page. RedisError."""
    options = {"result_ttl": 0, "failure_ttl": KEEP_FAILURE, "job_timeout": SIGN_IN_SECONDS}
    queue(redis).enqueue(SIGN_IN, ticket, at_front=True, **options)


def run_here(run: Run) -> None:
    """Work on a run in this process, for the command line: no worker and no Redis needed."""
    import_string(TASK)(run.id)
