"""A run is taken back: the list is what it was, but for what stands on it by now."""

import pytest

from console.models import Admin, Domain, RunKind, RunState, Source
from console.store import recipients, records, roster, runs, sources
from tests import factories
from tests.factories import person
from tests.jobs.fake import NEVER, Fake, sync, synced, work


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def test_an_undo_makes_the_list_what_it_was(source: Source, domain: Domain) -> None:
    synced(source, person("ada", aliases=["a1", "a2"]), person("bob"), *(person(f"u{n}") for n in range(10)))
    before = sorted(roster.of_domain(domain.id), key=lambda user: user.id or 0)
    changed = [person("ada", aliases=["a2", "a3"], first_name="Ada"), person("cyd")]
    run = sync(source, Fake([*changed, *(person(f"u{n}") for n in range(10))]))
    assert (run.counts["created"], run.counts["updated"], run.counts["missing"]) == (1, 1, 1)
    undo = work(runs.start(RunKind.UNDO, domain.id, source=source, undoes=run), NEVER)
    assert (undo.state, undo.counts["skipped"]) == (RunState.SUCCEEDED, 0)
    after = sorted(roster.of_domain(domain.id), key=lambda user: user.id or 0)
    assert after == before
    assert [user.id for user in after] == [user.id for user in before]


def test_an_undo_leaves_who_was_changed_again_and_says_so(source: Source, domain: Domain) -> None:
    run = synced(source, person("ada"), person("bob"))
    [bob] = [user for user in roster.of_domain(domain.id) if user.address.startswith("bob@")]
    recipients.disable(bob, None)
    undo = work(runs.start(RunKind.UNDO, domain.id, source=source, undoes=run), NEVER)
    assert (undo.counts["deleted"], undo.counts["skipped"]) == (1, 1)
    assert [issue.why for issue in records.issues(undo.id)] == [
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
