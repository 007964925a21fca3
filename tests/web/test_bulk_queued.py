"""A change of more users than a page waits for is a worker's, who does it as a whole or not at all."""

import pytest

from console.core.person import Kind
from console.models import Domain, Run, RunState
from console.store import bulk, recipients, runs
from tests import factories
from tests.jobs.fake import NEVER, work
from tests.store.lists import listed
from tests.web.bulk_asked import asked, done, kinds, six
from tests.web.client import Browser
from tests.web.run_states import newest

pytestmark = pytest.mark.usefixtures("company")


@pytest.fixture
def company(domain: Domain) -> None:
    six(domain, factories.source(domain))


@pytest.fixture
def queued(client: Browser, domain: Domain, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A change of more users than a page waits for."""
    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    shown = asked(client, "kind:shared", matching="1", kind="mailbox")
    back = done(client, shown)
    assert "Waiting for a worker." in back.text
    return newest()


def test_many_are_left_to_a_worker(client: Browser, domain: Domain, queued: Run) -> None:
    before = listed(domain)
    assert (queued.kind, queued.state, queued.title) == ("manual", "queued", "Make 5 users shared mailboxes")
    ended = work(queued, NEVER)
    assert (ended.state, ended.title) == (RunState.SUCCEEDED, "Made 5 users shared mailboxes")
    assert set(kinds(domain).values()) == {Kind.SHARED}
    assert queued.counts["updated"] == 5
    shown = client.page(f"/runs/{queued.id}")
    assert "Done: 5 updated." in shown.text
    client.submit(f"/runs/{queued.id}/undo")
    work(newest(), NEVER)
    assert listed(domain) == before


def test_a_worker_does_nothing_where_the_list_changed_meanwhile(client: Browser, domain: Domain, queued: Run) -> None:
    recipients.disable(listed(domain)["ada"], None)
    before = listed(domain)
    ended = work(queued, NEVER)
    assert (ended.state, ended.error) == (RunState.FAILED, bulk.CHANGED_SINCE)
    assert listed(domain) == before
    assert "Nobody on the list was changed." not in client.page(f"/runs/{queued.id}").text


def test_a_change_that_waits_can_be_cancelled(client: Browser, domain: Domain, queued: Run) -> None:
    client.submit(f"/runs/{queued.id}/cancel")
    assert work(queued, NEVER).state == RunState.CANCELLED
    assert kinds(domain)["ada"] is Kind.MAILBOX


def test_a_worker_tells_how_far_it_is(
    client: Browser, domain: Domain, queued: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.pipeline.STEP_SECONDS", 0)
    monkeypatch.setattr(bulk, "CHUNK", 2)
    seen: list[str] = []
    note = runs.note_beside

    def noted(run_id: int, stage: str, number: int) -> None:
        note(run_id, stage, number)
        with client.application.app_context():
            shown = client.page(f"/runs/{run_id}/progress")
        seen.append(shown.text)

    monkeypatch.setattr(runs, "note_beside", noted)
    work(queued, NEVER)
    assert ["2 of 5 users" in seen[0], "4 of 5 users" in seen[1], "5 of 5 users" in seen[2]] == [True] * 3


def test_a_run_can_be_held_by_one_worker_alone(queued: Run) -> None:
    assert runs.claim(queued.id)
    assert work(queued, NEVER).state == RunState.RUNNING
