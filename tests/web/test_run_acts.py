"""What a person does with a run: approve, discard, cancel, run again, take back."""

from collections.abc import Callable

import pytest
from redis import Redis

from console import queue
from console.core.plan import Action
from console.models import Admin, Domain, Run, RunKind, RunState, Source
from console.store import records, roster
from tests import factories
from tests.web.client import Browser
from tests.web.run_states import (
    applying,
    discarded,
    done,
    failed,
    interrupted,
    newest,
    previewed,
    queued,
    running,
    tried,
    waiting,
)


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def test_approve_hands_the_waiting_plan_to_a_worker(client: Browser, redis: Redis, source: Source) -> None:
    run = waiting(source)
    shown = client.act(f"/runs/{run.id}/approve")
    assert (run.state, run.approved) == (RunState.QUEUED, True)
    assert "Waiting for a worker." in shown.text
    (job,) = queue.queue(redis).jobs
    assert (job.func_name, job.args) == ("jobs.tasks.provision", (run.id,))
    assert [step.action for step in records.planned(run).steps] == [Action.CREATE, Action.CREATE]
    assert "This run does not wait for approval any more." in client.act(f"/runs/{run.id}/approve").text
    assert len(queue.queue(redis).jobs) == 1


def test_discard_ends_the_run_and_changes_nothing(client: Browser, redis: Redis, source: Source) -> None:
    run = waiting(source)
    assert "Discarded: nothing was changed." in client.act(f"/runs/{run.id}/discard").text
    assert run.state == RunState.DISCARDED
    assert roster.of_domain(source.domain_id) == []
    assert "does not wait for approval any more" in client.act(f"/runs/{run.id}/discard").text
    assert "does not wait for approval any more" in client.act(f"/runs/{run.id}/approve").text
    assert (run.state, run.approved, queue.queue(redis).jobs) == (RunState.DISCARDED, False, [])


def test_cancel_ends_a_queued_run_and_asks_a_running_one(client: Browser, source: Source) -> None:
    run = queued(source)
    assert "Cancelled: nothing is changed." in client.act(f"/runs/{run.id}/cancel").text
    assert run.state == RunState.CANCELLED
    run = running(source)
    client.submit(f"/runs/{run.id}/cancel")
    assert (run.state, run.cancel_requested) == (RunState.RUNNING, True)


@pytest.mark.parametrize("make", [applying, done, waiting])
def test_it_can_be_too_late_to_cancel(client: Browser, source: Source, make: Callable[[Source], Run]) -> None:
    run = make(source)
    before = run.state
    assert "It is too late to cancel this run." in client.act(f"/runs/{run.id}/cancel").text
    assert (run.state, run.cancel_requested) == (before, False)


@pytest.mark.parametrize("make", [failed, previewed, tried, interrupted])
def test_a_run_is_run_again(client: Browser, alice: Admin, source: Source, make: Callable[[Source], Run]) -> None:
    run = make(source)
    client.submit(f"/runs/{run.id}/again")
    again = newest()
    assert again.id != run.id
    assert (again.kind, again.state, again.source, again.admin) == (run.kind, RunState.QUEUED, source, alice)


def test_undo_queues_a_run_that_takes_it_back(client: Browser, redis: Redis, source: Source, alice: Admin) -> None:
    run = done(source)
    response = client.submit(f"/runs/{run.id}/undo")
    undo = newest()
    assert response.location == f"/runs/{undo.id}"
    assert (undo.kind, undo.undoes_id, undo.source, undo.admin) == (RunKind.UNDO, run.id, source, alice)
    assert [job.args for job in queue.queue(redis).jobs] == [(undo.id,)]
    shown = client.page(response.location)
    assert f"Take back run {run.id}, by alice@rollcall.example" in shown.text
    said = client.act(f"/runs/{run.id}/undo").text
    assert "This source is busy with another run." in said
    assert newest().id == undo.id


@pytest.mark.parametrize("make", [queued, running, waiting, failed, previewed, tried, discarded])
def test_what_changed_nothing_cannot_be_taken_back(
    client: Browser, source: Source, make: Callable[[Source], Run]
) -> None:
    run = make(source)
    assert client.submit(f"/runs/{run.id}/undo").status_code == 404
    assert newest().id == run.id
