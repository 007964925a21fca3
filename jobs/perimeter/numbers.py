"""The perimeter's numbers for Prometheus, on a port of their own: there is a port where PERIMETER_METRICS_LISTEN says.

Nobody signs in there, and there is no address and no domain in them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from console import __version__
from console.core.recipient import Decision
from jobs.perimeter.connection import Decider
from jobs.perimeter.dialect import Question

TROUBLE = "none"


class Counted:
    """Counts what another one decides; it runs on one event loop, and is read from any thread."""

    def __init__(self, decider: Decider) -> None:
        self._decider = decider
        self.verdicts: Counter[str] = Counter()

    def at_once(self, question: Question) -> Decision | None:
        decision = self._decider.at_once(question)
        if decision is not None:
            self.verdicts[decision.verdict.value] += 1
        return decision

    async def decide(self, question: Question) -> Decision:
        try:
            decision = await self._decider.decide(question)
        except Exception:
            self.verdicts[TROUBLE] += 1
            raise
        self.verdicts[decision.verdict.value] += 1
        return decision


@contextmanager
def served(
    listen: tuple[str, int] | None, counted: Counted, connections: Callable[[], int], known: Callable[[], int]
) -> Iterator[None]:
    """Tell the numbers meanwhile, if there is a place for it. Raises OSError where it cannot be listened on.

    `connections` and `known` say how many mail servers are connected, and how many addresses are in memory.
    """
    if listen is None:
        yield
        return
    # Without a place there is no need for the package.
    from prometheus_client import CollectorRegistry, Metric, start_http_server  # noqa: PLC0415
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily  # noqa: PLC0415
    from prometheus_client.registry import Collector  # noqa: PLC0415

    class Numbers(Collector):
        def collect(self) -> Iterable[Metric]:
            version = GaugeMetricFamily("rollcall_version", "The version that runs, in its label.", labels=["version"])
            version.add_metric([__version__], 1)
            yield version
            decisions = CounterMetricFamily(
                "rollcall_decisions", "What mail servers were told; none is no answer.", labels=["verdict"]
            )
            for verdict, times in counted.verdicts.copy().items():
                decisions.add_metric([verdict], times)
            yield decisions
            yield GaugeMetricFamily("rollcall_connections", "Connections of mail servers.", connections())
            yield GaugeMetricFamily("rollcall_known_addresses", "Accepted addresses in memory.", known())

    registry = CollectorRegistry()
    registry.register(Numbers())
    server, thread = start_http_server(listen[1], listen[0], registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
