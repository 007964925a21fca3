"""What runs left on record, as pages and commands read it."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from console.core.person import Origin, Reject, Status
from console.core.plan import Action, Plan, Step
from console.models import Domain, Run, RunKind, RunState, Source, db
from console.store import domains, records, roster, runs
from console.store.apply import apply
from tests import factories
from tests.factories import address, manual_user, user


def done(domain: Domain, source: Source | None, steps: Sequence[Step] = (), kind: RunKind = RunKind.SYNC) -> Run:
    """A run that was applied."""
    run = factories.run(domain, kind, source)
    runs.claim(run.id)
    apply(run.id, domain.id, Plan(steps=tuple(steps)))
    runs.succeed(run.id)
    db.session.commit()
    return run


def creating(source: Source, *names: str) -> list[Step]:
    made = [user(name, None, source_id=source.id, group_id=source.group_id) for name in names]
    return [Step(Action.CREATE, None, one) for one in made]


def test_the_newest_runs_come_first_without_acts_by_hand(domain: Domain) -> None:
    source = factories.source(domain)
    first, second = done(domain, source), done(domain, source)
    factories.users(domain, manual_user("ada"))
    done(factories.domain("other.example"), None)
    assert records.recent(domain.id) == [second, first]
    assert records.recent(domain.id, limit=1) == [second]


def test_the_newest_runs_of_one_source(domain: Domain) -> None:
    source, other = factories.source(domain), factories.source(domain, name="Branch")
    run = done(domain, source)
    done(domain, other)
    assert records.recent(domain.id, source_id=source.id) == [run]


def test_open_runs_are_those_that_have_not_ended(domain: Domain) -> None:
    source = factories.source(domain)
    done(domain, source)
    run = factories.run(domain, of_source=source)
    assert records.open_runs(domain.id) == [run]


def test_the_last_trial_is_the_newest_test_that_ended(domain: Domain) -> None:
    source = factories.source(domain)
    assert records.last_trial(source.id) is None
    trial = done(domain, source, kind=RunKind.TEST)
    factories.run(domain, RunKind.TEST, source)
    assert records.last_trial(source.id) == trial


def test_changes_are_read_in_pages_and_by_what_they_did(domain: Domain) -> None:
    source = factories.source(domain)
    conflict = Step(Action.CONFLICT, None, None, contested=(address("info"),))
    run = done(domain, source, [*creating(source, "ada", "bob", "cyd"), conflict])
    first = records.changes(run.id, limit=2)
    rest = records.changes(run.id, after=first[-1].id)
    assert [change.address.partition("@")[0] for change in [*first, *rest]] == ["ada", "bob", "cyd", "info"]
    assert [change.address for change in records.changes(run.id, action=Action.CONFLICT)] == [address("info")]


def test_remarks_are_counted_and_read_in_pages(domain: Domain) -> None:
    run = factories.run(domain)
    runs.remark(run.id, Plan(skips=tuple(Reject(f"line {n}", "x", "It is no address.") for n in range(5))))
    first = records.issues(run.id, limit=3)
    rest = records.issues(run.id, after=first[-1].id)
    assert [issue.place for issue in [*first, *rest]] == [f"line {n}" for n in range(5)]
    assert records.issue_count(run.id) == 5
    assert records.issue_count(run.id + 1) == 0


def test_the_latest_changes_are_those_that_syncs_made(domain: Domain) -> None:
    source = factories.source(domain)
    conflict = Step(Action.CONFLICT, None, None, contested=(address("info"),))
    done(domain, source, [*creating(source, "ada"), conflict])
    factories.users(domain, manual_user("by.hand"))
    waiting = factories.run(domain, of_source=source)
    runs.claim(waiting.id)
    runs.wait(waiting.id, Plan(steps=tuple(creating(source, "planned"))), ["a reason"])
    assert [change.address for change in records.latest_changes(domain.id)] == [address("ada")]


def test_the_latest_changes_are_those_of_files_and_of_their_grace_periods_too(domain: Domain) -> None:
    ada, bob = (
        replace(manual_user(name, None, group_id=domain.groups[0].id), origin=Origin.CSV) for name in ("ada", "bob")
    )
    done(domain, None, [Step(Action.CREATE, None, one) for one in (ada, bob)], RunKind.IMPORT)
    [listed] = [one for one in roster.of_domain(domain.id) if one.address == ada.address]
    gone = replace(listed, status=Status.DISABLED)
    done(domain, None, [Step(Action.DISABLE, listed, gone)], RunKind.GRACE)
    assert [(change.action, change.address) for change in records.latest_changes(domain.id)] == [
        ("disabled", ada.address),
        ("created", bob.address),
        ("created", ada.address),
    ]


def test_groups_are_named_by_id(domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    factories.domain("other.example")
    assert records.group_names(domain.id) == {domains.default_group(domain.id).id: "Default", sales.id: "Sales"}


@pytest.mark.parametrize("state", [RunState.NEEDS_APPROVAL, RunState.SUCCEEDED])
def test_a_plan_is_read_back_with_the_counts_that_were_shown(domain: Domain, state: RunState) -> None:
    source = factories.source(domain)
    skips = tuple(Reject("", "", "") for _ in range(3))
    plan = Plan(steps=tuple(creating(source, "ada")), skips=skips, unchanged=5, read=9, usable=6)
    run = factories.run(domain, of_source=source)
    runs.claim(run.id)
    if state is RunState.NEEDS_APPROVAL:
        runs.wait(run.id, plan, ["a reason"])
    else:
        runs.keep(run.id, plan)
        runs.succeed(run.id, counts=plan.counts)
        db.session.commit()
    again = records.planned(db.session.get_one(Run, run.id))
    assert (again.steps, again.counts) == (plan.steps, plan.counts)
