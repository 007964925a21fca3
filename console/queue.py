"""Hand runs to the workers: by the dotted name of the task, after the commit. The web's only use of RQ."""

import logging
import time

from redis import Redis, RedisError
from rq import Queue, Worker
from werkzeug.utils import import_string

from console import live
from console.models import Run

log = logging.getLogger(__name__)

QUEUE = "runs"
SIGN_INS = "sign-ins"
TASK = "jobs.tasks.provision"
DELIVERY = "jobs.tasks.deliver"
SIGN_IN = "jobs.tasks.sign_in"
SIGN_IN_SECONDS = 60
RESET = "jobs.tasks.reset"
RESET_WISH = "reset"
PROBE = "jobs.tasks.probe"
PROBE_SECONDS = 300
# For so long a probe that was asked for counts as waiting, unless a worker takes it up before.
PROBE_WAITS = 60
SELDOM_SECONDS = 60
# Each step of a run has a time-out of its own; this only ends what nothing else does.
LONGEST = 6 * 3600
KEEP_FAILURE = 7 * 24 * 3600


def queue(redis: Redis) -> Queue:
    return Queue(QUEUE, connection=redis, default_timeout=LONGEST)


def queues(redis: Redis) -> list[Queue]:
    """All that workers serve, in this order: whoever signs in looks at a page that waits."""
    return [Queue(SIGN_INS, connection=redis, default_timeout=SIGN_IN_SECONDS), queue(redis)]


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
    """Have a sign-in at Microsoft checked before anything else that waits, in the order of asking. RedisError."""
    queues(redis)[0].enqueue(SIGN_IN, ticket, result_ttl=0, failure_ttl=KEEP_FAILURE)


def reset(redis: Redis, ticket: str) -> None:
    """Have a link for a new password sent, to whom the worker finds under the ticket. RedisError."""
    options = {"result_ttl": 0, "failure_ttl": KEEP_FAILURE, "job_timeout": SIGN_IN_SECONDS}
    queue(redis).enqueue(RESET, ticket, at_front=True, **options)


def probe(redis: Redis, domain_id: int) -> bool:
    """Have a domain's servers asked about addresses that are due, before anything else that waits: mail waits for it.

    One such job of a domain waits at a time, however often this is called. False when Redis does not answer: the clock
    asks again.
    """
    try:
        if redis.set(_probe_waits(domain_id), 1, nx=True, ex=PROBE_WAITS):
            options = {"result_ttl": 0, "failure_ttl": KEEP_FAILURE, "job_timeout": PROBE_SECONDS}
            queue(redis).enqueue(PROBE, domain_id, at_front=True, **options)
    except RedisError as error:
        _seldom.warn("probes are not enqueued, Redis does not answer: %s", type(error).__name__)
        return False
    return True


def probe_begins(redis: Redis, domain_id: int) -> None:
    """A worker has taken the domain's probe up: the next one that is asked for is another job."""
    try:
        redis.delete(_probe_waits(domain_id))
    except RedisError as error:
        log.warning("Redis does not answer: %s", type(error).__name__)


def _probe_waits(domain_id: int) -> str:
    return f"probe-waits:{domain_id}"


class _Seldom:
    """Warns at most once a minute: what arrives at a mail server asks for probes many times a second."""

    def __init__(self) -> None:
        self._warned = float("-inf")

    def warn(self, message: str, *values: object) -> None:
        if time.monotonic() - self._warned >= SELDOM_SECONDS:
            self._warned = time.monotonic()
            log.warning(message, *values)


_seldom = _Seldom()


def length(redis: Redis) -> int:
    """How many jobs wait for a worker. Raises RedisError."""
    return sum(waiting.count for waiting in queues(redis))


def workers(redis: Redis) -> int:
    """How many workers are alive: one that was killed counts for another minute or two. Raises RedisError."""
    names = Worker.all_keys(connection=redis)
    return int(redis.exists(*names)) if names else 0


def run_here(run: Run) -> None:
    """Work on a run in this process, for the command line: no worker and no Redis needed."""
    import_string(TASK)(run.id)
