"""The next page of a tenant is on its way while one is worked on; all else is as if it were not."""

import threading
import time
from dataclasses import replace
from typing import cast

import psutil
import pytest

from jobs.sources.office365.ahead import Ahead
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.wire import Question, Wire
from tests.servers.graph import GraphStandIn, Misbehaviour, Refusal, Script
from tests.sources.office365 import Time, failure, fetched, source

PATIENCE = 10.0


class StopError(Exception):
    pass


def test_the_next_page_is_asked_for_while_one_is_worked_on(graph: GraphStandIn, office: Office365Settings) -> None:
    asked: list[int] = []

    def working(stage: str, done: int = 0, total: int | None = None) -> None:
        if done != 2:
            return
        ends = time.monotonic() + PATIENCE
        while graph.seen.count("users") < 2 and time.monotonic() < ends:
            time.sleep(0.002)
        asked.append(graph.seen.count("users"))

    assert source(replace(office, page_size=2)).fetch(working).read == 9
    assert asked == [2]


def test_who_stops_a_run_does_not_wait_for_the_page_that_is_on_its_way(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    graph.reset(script=Script(on={("users", 2): Misbehaviour.HANG}))

    def stopping(stage: str, done: int = 0, total: int | None = None) -> None:
        if done == 2:
            raise StopError

    begun = time.monotonic()
    with pytest.raises(StopError):
        source(replace(office, page_size=2, answer_timeout=PATIENCE)).fetch(stopping)
    assert time.monotonic() - begun < PATIENCE / 2
    assert not [link for link in psutil.Process().net_connections() if link.raddr and link.raddr.port == graph.port]
    assert "office365-ahead" not in [thread.name for thread in threading.enumerate()]


def test_trouble_with_a_page_on_its_way_is_told_and_tried_as_with_any_other(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    paged, waited = replace(office, page_size=2), Time()
    graph.reset(script=Script(on={("users", 3): Misbehaviour.CLOSE}, times=3))
    assert fetched(paged, waited).read == 9
    assert graph.seen.count("users") == 4 + 3
    assert sum(waited.slept) > 0
    graph.reset(script=Script(on={("users", 3): Refusal(400, "x")}))
    assert "while reading users, page 3, after 4 entries" in failure(paged).sentence


def test_a_token_that_expires_under_a_page_on_its_way_is_renewed(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    graph.reset(script=Script(expire_at=5))  # Two ask where changes start from; this is the third page of users.
    assert fetched(replace(office, page_size=2)).read == 9
    assert graph.seen.count("token") == 2
    assert graph.seen.count("users") == 4 + 1


def test_a_fault_of_our_own_comes_out_where_the_answer_is_awaited_without_the_frames_of_the_token() -> None:
    class Faulty:
        def ask(self, question: Question) -> None:
            raise MemoryError(question.method)

    with pytest.raises(MemoryError, match="GET") as caught:
        Ahead(cast(Wire, Faulty()), Question("GET", "https://graph.example")).answer()
    assert [entry.name for entry in caught.traceback if "ask" in entry.name] == []
