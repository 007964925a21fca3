"""What reading 50,000 users costs, in units of bare paging with requests and json over the same stand-in."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil
import pytest
import requests

from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from jobs.sources.office365.wanted import USER_PROPERTIES
from tests.bench.ratio import note
from tests.servers.graph.process import GraphProcess
from tests.sources.ldap import quiet

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

COUNT = 50_000
ROUNDS = 3
# Seconds. Graph itself takes several times as long for a page of 999; without any wait, all that would be measured is
# the json module, in C, against what makes people of it, in Python.
PAGE_DELAY = 0.05
# Without the third permission nothing is asked of each mailbox: that would be 2,500 requests more.
READS = ("User.Read.All", "Group.Read.All")


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphProcess]:
    folder = tmp_path_factory.mktemp("graph")
    with GraphProcess.start(
        folder, secret="of-the-benchmark", users=COUNT, groups=0, permissions=READS, page_delay=PAGE_DELAY
    ) as server:
        yield server


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


def test_reading_50_000_users_costs_little_more_than_bare_paging(graph: GraphProcess) -> None:
    settings = Office365Settings(
        tenant=graph.tenant_id,
        client_id=graph.client_id,
        credential=graph.secret,
        authority=graph.url,
        graph=graph.url,
        ca_pem=graph.ca_file.read_text(),
        allow_local=True,
    )

    def read() -> int:
        return Office365Source(settings).fetch(quiet).read

    pairs = [(cost(graph, read), cost(graph, lambda: bare_paging(graph))) for _ in range(ROUNDS)]
    clock = min(mine.clock for mine, _ in pairs) / min(floor.clock for _, floor in pairs)
    processor = min(mine.processor for mine, _ in pairs) / min(floor.processor for _, floor in pairs)
    note(
        "reading 50,000 users of Office 365 against bare paging",
        {
            "seconds": round(min(mine.clock for mine, _ in pairs), 3),
            "floor_seconds": round(min(floor.clock for _, floor in pairs), 3),
            "ratio": round(clock, 3),
            "processor_ratio": round(processor, 3),
        },
    )
    assert clock <= 1.5
    assert processor <= 2.2
