"""An import that came to nothing, and what is told of imports elsewhere."""

import datetime as dt
from dataclasses import replace

import pytest
from redis import Redis

from console import queue
from console.core.person import Origin, Status
from console.core.plan import Action, Plan, Step
from console.models import Domain, Run, RunKind, RunState, db, now
from console.store import records, roster, runs, uploads
from console.store.apply import apply
from console.store.paging import TOP
from tests import factories
from tests.web.client import Browser, same
from tests.web.import_states import queued, waiting

GONE = "Its file is no longer kept here"


def failed(domain: Domain, state: RunState = RunState.FAILED) -> Run:
    run = queued(domain)
    assert runs.claim(run.id)
    ends = {RunState.FAILED: runs.fail, RunState.INTERRUPTED: runs.interrupt}
    assert ends[state](run.id, "Something stood in the way.")
    return run


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.INTERRUPTED])
def test_its_file_is_verified_again_in_a_new_run(
    client: Browser, redis: Redis, domain: Domain, state: RunState
) -> None:
    run = failed(domain, state)
    shown = client.page(f"/runs/{run.id}")
    assert f"/runs/{run.id}/again" in shown.actions()
    assert GONE not in shown.text
    assert same(client.get(f"/runs/{run.id}/progress").text) == same(shown.outer("run-progress"))
    assert "Waiting for a worker." in client.act(f"/runs/{run.id}/again").text
    new = uploads.open_import(domain.id)
    assert new is not None
    assert [job.args[0] for job in queue.queue(redis).jobs] == [new.id]
    assert uploads.has_content(new.id)
    runs.cancel(new.id)
    shown = client.act(f"/runs/{run.id}/again")
    assert "The file of this import is no longer kept. Upload it again." in shown.text, "the new one has it now"
    assert GONE in shown.text


def test_one_whose_file_is_gone_says_so(client: Browser, domain: Domain) -> None:
    run = failed(domain)
    uploads.forget(now() + dt.timedelta(seconds=1))
    shown = client.page(f"/runs/{run.id}")
    assert f"{GONE}, or was taken up by a later import. To import it, upload it again." in shown.text
    assert f"/runs/{run.id}/again" not in shown.actions()
    assert "/domains/brightfield.example/users/import" in shown.links()


def test_another_import_has_to_end_first(client: Browser, domain: Domain) -> None:
    run = failed(domain)
    waiting(domain)
    assert "Another import of this list has not ended." in client.act(f"/runs/{run.id}/again").text


def test_one_that_waits_is_not_run_again_and_viewers_run_nothing(
    client: Browser, viewer: Browser, domain: Domain
) -> None:
    assert client.submit(f"/runs/{waiting(domain).id}/again").status_code == 404
    other = failed(factories.domain("other.example"))
    assert viewer.submit(f"/runs/{other.id}/again").status_code == 403
    assert f"/runs/{other.id}/again" not in viewer.page(f"/runs/{other.id}").actions()


@pytest.fixture
def left(domain: Domain) -> int:
    """The id of a user that one file brought, another left out, and whose grace period is over."""
    new = replace(factories.manual_user("ada", None, group_id=domain.groups[0].id), origin=Origin.CSV)
    _applied(domain, uploads_run(domain), Step(Action.CREATE, None, new))
    [ada] = roster.of_domain(domain.id)
    grace = runs.start(RunKind.GRACE, domain.id, title="Grace period over")
    _applied(domain, grace, Step(Action.DISABLE, ada, replace(ada, status=Status.DISABLED)))
    assert ada.id is not None
    return ada.id


def uploads_run(domain: Domain) -> Run:
    return queued(domain, name="staff.csv")


def _applied(domain: Domain, run: Run, step: Step) -> None:
    assert runs.claim(run.id)
    plan = Plan(steps=(step,), read=1, usable=1)
    apply(run.id, domain.id, plan)
    runs.succeed(run.id, counts=plan.counts)
    db.session.commit()


def test_a_users_history_names_the_file_and_the_grace_period(client: Browser, left: int) -> None:
    shown = client.page(f"/users/{left}")
    assert "Import of staff.csv" in shown.text
    assert "Grace period over" in shown.text
    assert "a deleted source" not in shown.text


def test_user_sync_tells_of_files_and_grace_periods(client: Browser, domain: Domain, left: int) -> None:
    text = client.page(f"/domains/{domain.name}/sync").text
    assert "Additions and changes disabled ada@brightfield.example" in text
    assert "Import of staff.csv" in text
    [grace, _] = records.history(left, TOP).rows
    assert f"Grace period over, run {grace.run_id} users that a file left out" in text
    shown = client.page(f"/runs/{grace.run_id}")
    assert shown.all("h1")[0].text == f"Grace period over, run {grace.run_id}"
    assert "for users that a file left out" in shown.text
