"""The states of a run: each move is made once, by whoever may make it."""

import datetime as dt
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from console.core.errors import RefusedError
from console.models import Domain, Issue, Run, RunKind, RunState, db, now
from console.store import records, runs
from tests import factories
from tests.store.lists import WAITING_PLAN, state, together

# Starting


def test_a_run_is_claimed_by_exactly_one_of_many(app: Flask, queued: int) -> None:
    results = together(app, *(lambda _: runs.claim(queued) for _ in range(4)))
    assert sorted(map(bool, results)) == [False, False, False, True]
    assert state(queued) == RunState.RUNNING


def test_a_source_has_one_open_run_that_may_change_the_list(domain: Domain) -> None:
    source = factories.source(domain)
    factories.run(domain, RunKind.SYNC, source)
    with pytest.raises(RefusedError, match="busy"):
        factories.run(domain, RunKind.UNDO, source)


def test_a_test_and_a_preview_run_beside_a_sync_that_waits(domain: Domain) -> None:
    source = factories.source(domain)
    for kind in (RunKind.SYNC, RunKind.PREVIEW, RunKind.TEST):
        factories.run(domain, kind, source)
    assert len(records.open_runs(domain.id)) == 3


@pytest.mark.parametrize("kind", [RunKind.PREVIEW, RunKind.TEST])
def test_a_source_has_one_open_run_of_each_kind_that_only_reads(domain: Domain, kind: RunKind) -> None:
    source = factories.source(domain)
    factories.run(domain, kind, source)
    with pytest.raises(RefusedError, match="busy"):
        factories.run(domain, kind, source)


def test_sources_are_not_in_each_other_s_way(domain: Domain) -> None:
    for name in ("HQ", "Branch"):
        factories.run(domain, RunKind.SYNC, factories.source(domain, name=name))


def test_a_run_that_has_ended_is_in_nobody_s_way(domain: Domain) -> None:
    source = factories.source(domain)
    first = factories.run(domain, of_source=source)
    assert runs.cancel(first.id)
    assert factories.run(domain, of_source=source).id != first.id


def test_the_open_run_that_a_start_would_meet_is_found(domain: Domain) -> None:
    source = factories.source(domain)
    undo, trial = factories.run(domain, RunKind.UNDO, source), factories.run(domain, RunKind.TEST, source)
    assert runs.open_run(source.id, RunKind.SYNC) == undo
    assert runs.open_run(source.id, RunKind.TEST) == trial
    assert runs.open_run(source.id, RunKind.PREVIEW) is None


def test_a_queued_run_that_no_worker_took_up_is_found_after_a_while(queued: int) -> None:
    assert runs.unstarted(dt.timedelta(minutes=2)) == []
    db.session.execute(text("update runs set created_at = created_at - interval '3 minutes'"))
    assert runs.unstarted(dt.timedelta(minutes=2)) == [queued]
    runs.claim(queued)
    assert runs.unstarted(dt.timedelta(minutes=2)) == []


# Working


def test_progress_is_noted_and_goes_on_until_somebody_cancels(running: int) -> None:
    assert runs.progress(running, "reading", 500, 2000)
    run = runs.get(running)
    assert run is not None
    assert (run.stage, run.done, run.total) == ("reading", 500, 2000)
    assert runs.cancel(running)
    assert not runs.progress(running, "reading", 600, 2000)


def test_a_run_that_was_cancelled_is_not_applied(running: int) -> None:
    runs.cancel(running)
    assert not runs.applying(running)
    assert runs.cancelled(running)
    assert state(running) == RunState.CANCELLED


def test_a_run_that_was_cancelled_does_not_wait_for_approval(running: int) -> None:
    runs.cancel(running)
    assert not runs.wait(running, WAITING_PLAN, ["a reason"])
    assert (state(running), records.changes(running)) == (RunState.RUNNING, [])


def test_a_run_that_applies_can_no_longer_be_cancelled(running: int) -> None:
    assert runs.applying(running)
    assert not runs.cancel(running)


def test_a_run_whose_list_changed_goes_back_to_reading(running: int) -> None:
    runs.applying(running)
    assert runs.again(running)
    assert state(running) == RunState.RUNNING


def test_a_queued_run_is_cancelled_at_once(queued: int) -> None:
    assert runs.cancel(queued)
    assert state(queued) == RunState.CANCELLED
    assert not runs.claim(queued)


def test_success_is_recorded_with_what_the_caller_commits(running: int) -> None:
    runs.succeed(running, counts={"read": 3})
    db.session.rollback()
    assert state(running) == RunState.RUNNING
    runs.succeed(running, counts={"read": 3})
    db.session.commit()
    run = runs.get(running)
    assert run is not None
    assert (run.state, run.counts, run.ended_at is not None) == (RunState.SUCCEEDED, {"read": 3}, True)


ENDS: dict[str, Callable[[int], object]] = {
    RunState.FAILED: lambda run_id: runs.fail(run_id, "It broke.", "detail"),
    RunState.INTERRUPTED: lambda run_id: runs.interrupt(run_id, runs.INTERRUPTED),
    RunState.CANCELLED: runs.cancelled,
}


@pytest.mark.parametrize("end", ENDS)
def test_a_run_ends_once(running: int, end: str) -> None:
    assert ENDS[end](running) is True
    assert state(running) == end
    assert not any(again(running) for again in ENDS.values())
    with pytest.raises(RefusedError, match="ended already"):
        runs.succeed(running)


def test_a_failed_run_says_why(running: int) -> None:
    runs.fail(running, "It broke.", "error 49")
    run = runs.get(running)
    assert run is not None
    assert (run.error, run.error_detail) == ("It broke.", "error 49")


# Waiting for a person


def test_a_waiting_run_keeps_what_it_would_do_and_why_it_waits(waiting: int) -> None:
    run = runs.get(waiting)
    assert run is not None
    assert (run.state, run.waits_because) == (RunState.NEEDS_APPROVAL, ["It is the first run of this source."])
    assert records.planned(run).steps == WAITING_PLAN.steps
    assert records.planned(run).counts == run.counts == WAITING_PLAN.counts
    assert [(issue.place, issue.what) for issue in records.issues(waiting)] == [("CN=\ufffd", "x"), ("CN=2", "y")]


def test_an_approved_run_is_queued_and_claimed_anew(waiting: int) -> None:
    assert runs.approve(waiting)
    assert runs.claim(waiting)
    run = runs.get(waiting)
    assert run is not None
    assert run.approved


def test_a_discarded_run_has_ended(waiting: int) -> None:
    assert runs.discard(waiting)
    assert state(waiting) == RunState.DISCARDED
    assert not runs.approve(waiting)


def test_of_an_approval_and_a_discard_at_one_moment_one_counts(app: Flask, waiting: int) -> None:
    results = together(app, lambda _: runs.approve(waiting), lambda _: runs.discard(waiting))
    assert sorted(map(bool, results)) == [False, True]


@pytest.mark.parametrize("act", [runs.approve, runs.discard])
def test_only_a_waiting_run_is_approved_or_discarded(running: int, act: Callable[[int], bool]) -> None:
    assert not act(running)
    assert state(running) == RunState.RUNNING


def test_a_waiting_run_is_still_open(waiting: int, domain: Domain) -> None:
    assert [run.id for run in records.open_runs(domain.id)] == [waiting]


# Looking back


def test_a_source_s_first_sync_is_the_first_that_was_applied(domain: Domain) -> None:
    source = factories.source(domain)
    assert runs.first_sync(source.id)
    run = factories.run(domain, of_source=source)
    runs.claim(run.id)
    assert runs.first_sync(source.id)
    runs.succeed(run.id)
    db.session.commit()
    assert not runs.first_sync(source.id)


def test_the_last_full_read_tells_how_much_to_expect(domain: Domain) -> None:
    source = factories.source(domain)
    assert runs.last_read(source.id) is None
    reads = (
        (RunKind.SYNC, "full", 300),
        (RunKind.PREVIEW, "full", 320),
        (RunKind.TEST, "", 10),
        (RunKind.SYNC, "changes", 2),
    )
    for kind, reading, read in reads:
        run = factories.run(domain, kind, source)
        runs.claim(run.id)
        runs.read_as(run.id, reading, "")
        runs.succeed(run.id, counts={"read": read})
        db.session.commit()
    assert runs.last_read(source.id) == 320


def test_remarks_of_old_runs_are_dropped_and_those_of_others_kept(waiting: int) -> None:
    runs.forget_remarks(now() - dt.timedelta(days=30))
    assert db.session.query(Issue).count() == 2
    runs.discard(waiting)
    runs.forget_remarks(now() - dt.timedelta(days=30))
    assert db.session.query(Issue).count() == 2
    runs.forget_remarks(now() + dt.timedelta(seconds=1))
    assert db.session.query(Issue).count() == 0


def test_a_run_is_seen_by_those_who_may_see_its_domain(domain: Domain) -> None:
    run = factories.run(domain)
    own = factories.admin("own@x.example", only=[domain])
    other = factories.admin("other@x.example", only=[factories.domain("other.example")])
    assert runs.visible(own, run.id) == run
    assert runs.visible(other, run.id) is None
    assert runs.visible(own, run.id + 1) is None


def test_a_run_is_read_anew_from_the_database(queued: int) -> None:
    run = runs.get(queued)
    assert isinstance(run, Run)
    db.session.execute(text("update runs set stage = 'elsewhere'"))
    again = runs.get(queued)
    assert again is run
    assert run.stage == "elsewhere"
