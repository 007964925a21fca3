"""The numbers as Prometheus reads them. Of a part that does not answer they are left out, and `rollcall_up` is 0."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as KIND
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector
from redis import Redis, RedisError

from console import pulse, queue
from console.models import DatabaseError, db
from console.store import figures
from console.store.figures import Figures
from console.web.request_counts import BUCKETS, DECISIONS, LONGER, REQUESTS, SUMS, TIMES, RequestCounts

__all__ = ["KIND", "write"]

Counted = Mapping[tuple[str, ...], float]
Values = Mapping[Any, float]


def write(version: str, counts: RequestCounts, redis: Redis) -> bytes:
    """All of them, in the text format 0.0.4. `redis` is one that gives up soon."""
    registry = CollectorRegistry()
    registry.register(_Numbers(version, counts, redis))
    return generate_latest(registry)


class _Numbers(Collector):
    def __init__(self, version: str, counts: RequestCounts, redis: Redis) -> None:
        self._version = version
        self._counts = counts
        self._redis = redis

    def collect(self) -> Iterable[Metric]:
        yield _one("rollcall_version", "The version that runs, in its label.", ("version",), {(self._version,): 1})
        stored, queued = self._stored(), self._queued()
        answers = {("database",): float(stored is not None), ("redis",): float(queued is not None)}
        yield _one("rollcall_up", "Whether a part answers.", ("part",), answers)
        yield from stored or ()
        yield from queued or ()

    def _stored(self) -> list[Metric] | None:
        try:
            return list(_of_database(figures.read()))
        except DatabaseError:
            db.session.rollback()
            return None

    def _queued(self) -> list[Metric] | None:
        try:
            return list(self._of_redis())
        except RedisError:
            return None

    def _of_redis(self) -> Iterator[Metric]:
        yield _one("rollcall_queue_jobs", "Jobs that wait for a worker.", (), {(): queue.length(self._redis)})
        yield _one("rollcall_workers", "Workers that are alive.", (), {(): queue.workers(self._redis)})
        since = pulse.seconds_since(self._redis)
        late = {} if since is None else {(): float(since)}
        help_text = "Seconds since the clock ticked; none if that is a minute ago."
        yield _one("rollcall_clock_ticked_seconds", help_text, (), late)
        requests = CounterMetricFamily("rollcall_requests", "Requests.", labels=("route", "method", "status"))
        for labels, times in self._counts.read(REQUESTS).items():
            requests.add_metric(labels, times)
        yield requests
        yield _times(self._counts.read(TIMES), self._counts.read(SUMS))
        decisions = CounterMetricFamily("rollcall_checks", "Answers of the HTTP door.", labels=("verdict",))
        for labels, times in self._counts.read(DECISIONS).items():
            decisions.add_metric(labels, times)
        yield decisions


def _of_database(read: Figures) -> Iterator[Metric]:
    yield _one("rollcall_runs", "Runs on record.", ("kind", "state"), read.runs)
    yield _one(
        "rollcall_oldest_queued_run_seconds",
        "For how long the oldest run that waits for a worker has waited.",
        (),
        {(): read.oldest_queued},
    )
    yield _one("rollcall_users", "Users of a domain.", ("domain", "status"), read.users)


def _one(name: str, text: str, labels: tuple[str, ...], values: Values) -> Metric:
    """A number by its labels' values, a tuple of as many."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for of, value in values.items():
        family.add_metric(of, value)
    return family


def _times(counted: Counted, sums: Counted) -> Metric:
    """Prometheus wants each bucket to hold the smaller ones as well."""
    family = HistogramMetricFamily(
        "rollcall_request_seconds", "Until the answer began, of a stream too.", labels=("route", "method")
    )
    for route, method in sorted({(labels[0], labels[1]) for labels in counted}):
        total, buckets = 0.0, []
        for bound in (*map(str, BUCKETS), LONGER):
            total += counted.get((route, method, bound), 0)
            buckets.append(("+Inf" if bound == LONGER else bound, total))
        family.add_metric((route, method), buckets, sum_value=sums.get((route, method), 0.0))
    return family
