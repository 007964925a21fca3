"""A run is taken back: the list is what it was, but for what stands on it by now."""

import pytest

from console.models import Admin, Domain, RunKind, RunState, Source
from console.store import recipients, records, roster, runs, sources, undo
from jobs import pipeline
from tests import factories
from tests.core.test_properties import by_id
from tests.factories import person
from tests.jobs.fake import NEVER, Fake, sync, synced, work
from tests.web.client import Browser


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


@pytest.fixture(params=[undo.CHUNK, 1])
def parts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is taken back as a whole, or one step after the other."""
    monkeypatch.setattr(undo, "CHUNK", request.param)


@pytest.mark.usefixtures("parts")
def test_an_undo_makes_the_list_what_it_was(source: Source, domain: Domain) -> None:
    synced(source, person("ada", aliases=["a1", "a2"]), person("bob"), *(person(f"u{n}") for n in range(10)))
    before = sorted(roster.of_domain(domain.id), key=lambda user: user.id or 0)
    changed = [person("ada", aliases=["a2", "a3"], first_name="Ada"), person("cyd")]
    run = sync(source, Fake([*changed, *(person(f"u{n}") for n in range(10))]))
    assert (run.counts["created"], run.counts["updated"], run.counts["missing"]) == (1, 1, 1)
    undone = work(runs.start(RunKind.UNDO, domain.id, source=source, undoes=run), NEVER)
    assert (undone.state, undone.counts["skipped"]) == (RunState.SUCCEEDED, 0)
    after = sorted(roster.of_domain(domain.id), key=lambda user: user.id or 0)
    assert after == before
    assert [user.id for user in after] == [user.id for user in before]


@pytest.mark.usefixtures("parts")
def test_addresses_that_went_round_go_back_whatever_part_their_users_are_in(source: Source, domain: Domain) -> None:
    synced(source, *(person(name) for name in ("ada", "bob", "cyd", "dan", "eve")))
    before = roster.of_domain(domain.id)
    went = {"ada": "eve", "bob": "dan", "cyd": "ada", "dan": "bob", "eve": "new"}
    run = sync(source, Fake([person(to, key=f"key-{name}") for name, to in went.items()]))
    assert run.counts["updated"] == 5
    undone = work(runs.start(RunKind.UNDO, domain.id, undoes=run), NEVER)
    assert (undone.state, undone.counts["updated"], undone.counts["skipped"]) == (RunState.SUCCEEDED, 5, 0)
    assert by_id(roster.of_domain(domain.id)) == by_id(before)


@pytest.mark.usefixtures("parts")
def test_what_hangs_on_somebody_who_stays_in_another_part_stays_too(source: Source, domain: Domain) -> None:
    """Ada got Bob's address and he a new one: since she was changed again, he keeps that."""
    synced(source, person("bob"), person("ada"), person("cyd"))
    run = sync(
        source, Fake([person("new", key="key-bob"), person("bob", key="key-ada"), person("cyd", first_name="C")])
    )
    [ada] = [user for user in roster.of_domain(domain.id) if user.address.startswith("bob@")]
    recipients.disable(ada, None)
    undone = work(runs.start(RunKind.UNDO, domain.id, undoes=run), NEVER)
    assert (undone.counts["read"], undone.counts["updated"], undone.counts["skipped"]) == (3, 1, 2)
    assert sorted(issue.why[:30] for issue in records.issues(undone.id)) == [
        "This user was changed again si",
        "bob@brightfield.example has it",
    ]
    assert {user.address for user in roster.of_domain(domain.id) if user.first_name} == set()


def test_a_worker_tells_how_far_an_undo_is(client: Browser, domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "STEP_SECONDS", 0)
    monkeypatch.setattr(undo, "CHUNK", 2)
    run = synced(factories.source(domain), person("ada"), person("bob"), person("cyd"))
    seen: list[str] = []
    note = runs.note_beside

    def noted(run_id: int, stage: str, number: int) -> None:
        note(run_id, stage, number)
        with client.application.app_context():
            seen.append(client.page(f"/runs/{run_id}/progress").text)

    monkeypatch.setattr(runs, "note_beside", noted)
    work(runs.start(RunKind.UNDO, domain.id, undoes=run), NEVER)
    told = [(stage, far) for stage in ("Comparing", "Applying") for far in ("2 of 3 changes", "3 of 3 changes")]
    assert [stage in text and far in text for text, (stage, far) in zip(seen, told, strict=True)] == [True] * 4


@pytest.mark.usefixtures("parts")
def test_an_undo_leaves_who_was_changed_again_and_says_so(source: Source, domain: Domain) -> None:
    run = synced(source, person("ada"), person("bob"))
    [bob] = [user for user in roster.of_domain(domain.id) if user.address.startswith("bob@")]
    recipients.disable(bob, None)
    undone = work(runs.start(RunKind.UNDO, domain.id, source=source, undoes=run), NEVER)
    assert (undone.counts["deleted"], undone.counts["skipped"]) == (1, 1)
    assert [issue.why for issue in records.issues(undone.id)] == [
        "This user was changed again since, so it stays as it is."
    ]
    assert {user.address: user.status for user in roster.of_domain(domain.id)} == {bob.address: "disabled"}


def test_users_whose_source_was_deleted_stay_as_they_are(domain: Domain, alice: Admin) -> None:
    source = factories.source(domain)
    synced(source, factories.person("ada"))
    removal = sources.remove(source, alice)
    before = roster.of_domain(domain.id)
    undone = work(runs.start(RunKind.UNDO, domain.id, undoes=removal), NEVER)
    assert (undone.state, undone.counts["skipped"]) == ("succeeded", 1)
    assert roster.of_domain(domain.id) == before
