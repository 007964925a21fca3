"""From a source to the list: what is applied, what waits, and what leaves everything as it was."""

import pytest

from console.core.errors import SourceError
from console.core.person import Origin, Reject
from console.models import Domain, Run, RunKind, RunState, Source, db
from console.store import recipients, records, roster, runs, sources
from tests import factories
from tests.factories import person
from tests.jobs.fake import NEVER, Fake, now, sync, synced, work

DOWN = SourceError("dc1, port 636, does not answer.", detail="result 52 (unavailable): busy")


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def listed(domain: Domain) -> dict[str, str]:
    """Everybody on the list by local part, with status."""
    return {user.address.partition("@")[0]: user.status.value for user in roster.of_domain(domain.id)}


def noted(run: Run) -> list[str]:
    return [issue.why for issue in records.issues(run.id)]


def test_a_first_sync_waits_and_shows_what_it_would_do(source: Source, domain: Domain) -> None:
    run = sync(source, Fake([person("ada"), person("bob")]))
    assert run.state == RunState.NEEDS_APPROVAL
    assert any("first run" in reason for reason in run.waits_because)
    assert [(change.action, change.address) for change in records.changes(run.id)] == [
        ("created", "ada@brightfield.example"),
        ("created", "bob@brightfield.example"),
    ]
    assert listed(domain) == {}


def test_an_approved_run_applies_what_was_shown_and_reads_nothing(source: Source, domain: Domain) -> None:
    run = sync(source, Fake([person("ada", aliases=["a.lovelace"])]))
    assert runs.approve(run.id)
    run = work(run, NEVER)
    assert (run.state, run.counts["created"]) == (RunState.SUCCEEDED, 1)
    [user] = roster.of_domain(domain.id)
    assert (user.aliases, user.origin, user.source_id) == (
        ("a.lovelace@brightfield.example",),
        Origin.SOURCE,
        source.id,
    )


def test_a_discarded_run_cannot_be_approved_any_more(source: Source, domain: Domain) -> None:
    run = sync(source, Fake([person("ada")]))
    assert runs.discard(run.id)
    assert not runs.approve(run.id)
    assert work(run, NEVER).state == RunState.DISCARDED
    assert listed(domain) == {}


def test_later_syncs_are_applied_at_once(source: Source, domain: Domain) -> None:
    synced(source, person("ada"), person("bob"))
    run = sync(source, Fake([person("ada", first_name="Ada"), person("cyd")]))
    assert run.state == RunState.SUCCEEDED
    assert {name: run.counts[name] for name in ("created", "updated", "missing", "unchanged")} == {
        "created": 1,
        "updated": 1,
        "missing": 1,
        "unchanged": 0,
    }
    assert listed(domain) == {"ada": "active", "bob": "missing", "cyd": "active"}


def test_a_source_that_fails_leaves_the_list_and_says_why(source: Source, domain: Domain) -> None:
    synced(source, person("ada"))
    before = roster.of_domain(domain.id)
    run = sync(source, Fake([person("bob")], error=DOWN))
    assert (run.state, run.error, run.error_detail) == (RunState.FAILED, DOWN.sentence, DOWN.detail)
    assert roster.of_domain(domain.id) == before
    assert (source.failures, source.last_error) == (1, DOWN.sentence)
    sync(source, Fake([person("ada")]))
    assert (source.failures, source.last_error) == (0, "")


@pytest.mark.parametrize("kind", [RunKind.TEST, RunKind.PREVIEW])
def test_a_test_or_preview_that_fails_is_no_trouble_of_the_source(source: Source, kind: RunKind) -> None:
    run = work(runs.start(kind, source.domain_id, source=source), Fake(error=DOWN))
    assert (run.state, run.error) == (RunState.FAILED, DOWN.sentence)
    assert source.failures == 0


def test_a_test_keeps_what_it_found_and_changes_nothing(source: Source, domain: Domain) -> None:
    people = [person(f"u{n:02}") for n in range(12)]
    run = work(runs.start(RunKind.TEST, domain.id, source=source), Fake(people))
    assert run.state == RunState.SUCCEEDED
    assert run.trial == {
        "facts": [["Host", "here"]],
        "found": 12,
        "samples": [f"u{n:02}@brightfield.example" for n in range(10)],
        "warnings": ["Beware."],
    }
    assert listed(domain) == {}


def test_a_preview_shows_what_a_sync_would_do_and_changes_nothing(source: Source, domain: Domain) -> None:
    synced(source, person("ada"), person("bob"))
    run = work(runs.start(RunKind.PREVIEW, domain.id, source=source), Fake([person("ada"), person("cyd")]))
    assert run.state == RunState.SUCCEEDED
    assert {(change.action, change.address.partition("@")[0]) for change in records.changes(run.id)} == {
        ("created", "cyd"),
        ("missing", "bob"),
    }
    assert listed(domain) == {"ada": "active", "bob": "active"}


def test_a_run_that_is_cancelled_while_it_reads_changes_nothing(source: Source, domain: Domain) -> None:
    synced(source, person("ada"))
    run = runs.start(RunKind.SYNC, domain.id, source=source)
    run = work(run, Fake([person("bob")], meanwhile=lambda: runs.cancel(run.id)))
    assert run.state == RunState.CANCELLED
    assert listed(domain) == {"ada": "active"}


def test_a_run_that_is_cancelled_before_a_worker_has_it_is_never_worked_on(source: Source) -> None:
    run = runs.start(RunKind.SYNC, source.domain_id, source=source)
    assert runs.cancel(run.id)
    assert work(run, NEVER).state == RunState.CANCELLED


def test_a_run_that_another_process_holds_is_left_alone(source: Source) -> None:
    run = runs.start(RunKind.SYNC, source.domain_id, source=source)
    with runs.held(run.id) as mine:
        assert mine
        assert work(run, NEVER).state == RunState.QUEUED


def test_a_run_is_worked_on_once_however_often_it_is_queued(source: Source) -> None:
    run = sync(source, Fake([person("ada")]))
    assert work(run, NEVER).state == RunState.NEEDS_APPROVAL


def test_nobody_is_removed_while_another_source_of_the_domain_fails(source: Source, domain: Domain) -> None:
    synced(source, person("ada"), person("bob"))
    other = factories.source(domain, name="Branch")
    sync(other, Fake(error=DOWN))
    run = sync(source, Fake([person("ada", first_name="Ada")]))
    assert (run.state, run.counts["updated"], run.counts["missing"]) == (RunState.SUCCEEDED, 1, 0)
    assert noted(run) == [f"Nobody is removed while {other.label} cannot be read."]
    assert listed(domain) == {"ada": "active", "bob": "active"}
    sync(other, Fake([person("eve")]))
    assert sync(source, Fake([person("ada", first_name="Ada")])).counts["missing"] == 1


def test_every_entry_is_counted_and_what_was_skipped_is_kept_with_its_reason(source: Source, domain: Domain) -> None:
    synced(source, person("ada"), person("bob"))
    recipients.add(domain, None, factories.address("eve"))
    people = [person("ada"), person("bob", first_name="Bob"), person("cyd"), person("eve"), person("far@other.example")]
    run = sync(source, Fake(people, rejects=[Reject("CN=Printer", "no\x00mail", "This is no address.")]))
    counts = run.counts
    assert counts["read"] == 6
    assert sum(counts[name] for name in ("created", "updated", "unchanged", "skipped", "conflicts")) == 6
    assert (counts["created"], counts["conflicts"], counts["skipped"]) == (1, 1, 2)
    assert ("CN=Printer", "no\N{REPLACEMENT CHARACTER}mail", "This is no address.") in {
        (issue.place, issue.what, issue.why) for issue in records.issues(run.id)
    }


def test_a_source_that_was_deleted_meanwhile_is_a_refusal_in_words(source: Source, domain: Domain) -> None:
    run = runs.start(RunKind.PREVIEW, domain.id, source=source)
    db.session.delete(source)
    db.session.commit()
    run = work(run, NEVER)
    assert (run.state, "was deleted" in run.error) == (RunState.FAILED, True)


def test_the_next_read_knows_about_how_much_there_will_be(source: Source) -> None:
    synced(source, *(person(f"u{n}") for n in range(7)))
    seen: list[int | None] = []
    run = runs.start(RunKind.SYNC, source.domain_id, source=source)
    work(run, Fake([person(f"u{n}") for n in range(7)], meanwhile=lambda: seen.append(now(run).total)))
    assert seen == [7]
    assert sources.owned(source.id) == 7
