"""What a sync of 50,000 users costs, from the first question to the commit, in units of bare paging with requests and
json over the same stand-in.

Against Microsoft it is the wire that takes the time: Graph needs 0.3 to 1 second for a page of 999 users with their
addresses, and one page leads to the next, so they cannot be asked for side by side. PAGE_DELAY is the fast end of that,
at which our own work weighs most. Without any wait both sides are a matter of the processor, and the floor is a
server that hands out pages it holds in memory, while a sync writes 50,000 rows with their indexes and their record:
what that costs is noted and not bounded, but for the reading, which has to keep up with the server.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import requests
from flask import Flask

from console.models import Source
from console.store import sources
from jobs.garbage import uncollected
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from jobs.sources.office365.wanted import USER_PROPERTIES
from tests import factories
from tests.bench.ratio import note, seconds
from tests.bench.test_ldap_sync import approve, sync
from tests.servers.graph.process import GraphProcess
from tests.sources.ldap import quiet

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

COUNT = 50_000
GUESTS = COUNT // 100
PAGE_DELAY = 0.3
ROUNDS = 3
# Without the third permission nothing is asked of each mailbox: that would be 2,500 requests more.
READS = ("User.Read.All", "Group.Read.All")


@contextmanager
def serving(folder: Path, page_delay: float) -> Iterator[GraphProcess]:
    with GraphProcess.start(
        folder,
        secret="of-the-benchmark",
        users=COUNT,
        groups=0,
        domain=factories.DOMAIN,
        permissions=READS,
        page_delay=page_delay,
    ) as server:
        yield server


def source_of(graph: GraphProcess) -> Source:
    made = factories.source(factories.domain(), kind="office365", password=graph.secret)
    made.settings = {
        "tenant": graph.tenant_id,
        "client_id": graph.client_id,
        "credential": "secret",
        "authority": graph.url,
        "graph": graph.url,
        "ca_pem": graph.ca_file.read_text(),
    }
    return sources.save(made)


def bare_paging(graph: GraphProcess) -> int:
    """The floor: a token, and all pages of users, decoded."""
    form = {"grant_type": "client_credentials", "client_id": graph.client_id, "client_secret": graph.secret}
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(graph.ca_file)
        asked = {**form, "scope": f"{graph.url}/.default"}
        token = session.post(f"{graph.url}/{graph.tenant_id}/oauth2/v2.0/token", data=asked).json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        url = f"{graph.url}/v1.0/users?$select={','.join(USER_PROPERTIES)}&$top=999"
        count = 0
        while url:
            page = json.loads(session.get(url).content)
            count += len(page["value"])
            url = page.get("@odata.nextLink", "")
    return count


def first_sync(source: Source) -> None:
    waiting = sync(source)
    assert waiting.counts["created"] == COUNT - GUESTS, waiting.error
    approve(waiting)


def unchanged_sync(source: Source) -> None:
    run = sync(source)
    assert (run.reading, run.counts["unchanged"], run.changed) == ("full", COUNT - GUESTS, 0), run.error


def test_a_first_and_an_unchanged_sync_cost_little_more_than_bare_paging(
    app: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path / "graph", PAGE_DELAY) as graph:
        source = source_of(graph)
        floor = seconds(lambda: bare_paging(graph))
        first = seconds(lambda: first_sync(source))
        unchanged = seconds(lambda: unchanged_sync(source))
        floor = min(floor, seconds(lambda: bare_paging(graph)))
        with caplog.at_level(logging.DEBUG, "urllib3.connectionpool"):
            changes = seconds(lambda: sync(source, by_schedule=True))
        questions = [record for record in caplog.records if ' HTTP/1.1" ' in record.getMessage()]
    note(
        f"sync of 50,000 users of Office 365 against bare paging, {PAGE_DELAY} seconds a page",
        {
            "floor_seconds": round(floor, 3),
            "first": round(first / floor, 3),
            "unchanged": round(unchanged / floor, 3),
            "changes": round(changes / floor, 3),
            "questions_of_changes": len(questions),
        },
    )
    assert first <= 1.5 * floor
    assert unchanged <= 1.5 * floor
    assert 0 < len(questions) <= 3


@dataclass(frozen=True)
class Cost:
    """What reading all users takes, in seconds by the clock, and of the processor on both sides."""

    clock: float
    processor: float


def cost(graph: GraphProcess, work: Callable[[], int]) -> Cost:
    server = psutil.Process(graph.pid)

    def used() -> float:
        there = server.cpu_times()
        return time.process_time() + float(there.user) + float(there.system)

    clock, processor = time.perf_counter(), used()
    assert work() == COUNT
    return Cost(time.perf_counter() - clock, used() - processor)


def test_without_any_wait_reading_keeps_up_with_bare_paging(app: Flask, tmp_path: Path) -> None:
    with serving(tmp_path / "graph", 0.0) as graph:
        source = source_of(graph)
        settings = Office365Settings.from_json(source.settings, graph.secret, allow_local=True)

        @uncollected()  # As in a run.
        def read() -> int:
            return Office365Source(settings).fetch(quiet).read

        pairs = [(cost(graph, read), cost(graph, lambda: bare_paging(graph))) for _ in range(ROUNDS)]
        first = seconds(lambda: first_sync(source))
        unchanged = seconds(lambda: unchanged_sync(source))
    floor = min(floor.clock for _, floor in pairs)
    reading = min(mine.clock for mine, _ in pairs) / floor
    processor = min(mine.processor for mine, _ in pairs) / min(floor.processor for _, floor in pairs)
    note(
        "sync of 50,000 users of Office 365 against bare paging, without any wait",
        {
            "floor_seconds": round(floor, 3),
            "reading": round(reading, 3),
            "reading_by_processor": round(processor, 3),
            "first": round(first / floor, 3),
            "unchanged": round(unchanged / floor, 3),
        },
    )
    assert reading <= 1.5
    assert processor <= 1.9
