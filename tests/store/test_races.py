"""Two sessions that do something to one list at the same moment."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from console.core.errors import RefusedError, RollcallError, StaleError
from console.core.plan import Action, Plan, Step
from console.models import Domain, Run, RunKind, RunState, Source, db
from console.store import acts, domains, recipients, roster, runs
from console.store.apply import apply
from tests import factories
from tests.factories import address, manual_user
from tests.store.lists import together

Call = Callable[[threading.Barrier], int]


def adding(domain: Domain, local: str) -> Call:
    """A plan to add a user, worked out already, that is applied once both are ready to."""
    domain_id = domain.id
    step = Step(Action.CREATE, None, manual_user(local, None, group_id=domain.groups[0].id))

    def call(barrier: threading.Barrier) -> int:
        run = Run(kind="manual", domain_id=domain_id, state=RunState.APPLYING.value)
        db.session.add(run)
        db.session.flush()
        barrier.wait()
        apply(run.id, domain_id, Plan(steps=(step,)))
        db.session.commit()
        return run.id

    return call


def test_of_two_that_add_one_address_one_wins_and_the_other_gets_a_sentence(app: Flask, domain: Domain) -> None:
    results = together(app, adding(domain, "ada"), adding(domain, "ada"))
    (lost,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(lost, StaleError)
    assert lost.sentence == "The list changed in the meantime, so nothing was changed. Please try again."
    assert len(roster.of_domain(domain.id)) == 1


def test_two_that_add_different_addresses_both_succeed(app: Flask, domain: Domain) -> None:
    results = together(app, adding(domain, "ada"), adding(domain, "bob"))
    assert all(isinstance(result, int) for result in results), results
    assert len(roster.of_domain(domain.id)) == 2


def test_of_two_administrators_who_add_one_user_one_is_refused_in_words(app: Flask, domain: Domain) -> None:
    name = domain.name

    def add(_: threading.Barrier) -> int:
        found = domains.named(name)
        assert found is not None
        return recipients.add(found, None, address("ada"))

    results = together(app, add, add)
    (lost,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(lost, RollcallError)
    assert "ada@" in lost.sentence or "in the meantime" in lost.sentence


def test_of_two_that_change_one_user_the_second_finds_it_changed(app: Flask, domain: Domain) -> None:
    (user_id,) = factories.users(domain, manual_user("ada"))
    domain_id, before = domain.id, roster.by_ids([user_id])[user_id]
    db.session.commit()

    def disable(_: threading.Barrier) -> int:
        run = recipients.disable(before, None)
        assert run is not None
        return run.id

    def delete(_: threading.Barrier) -> int:
        run = recipients.delete(before, None)
        assert run is not None
        return run.id

    results = together(app, disable, delete)
    assert [type(result) for result in results if isinstance(result, BaseException)] == [StaleError]
    assert len(runs_of(domain_id)) == 2  # the one that added the user, and the one that won


def test_a_run_can_be_started_while_a_plan_is_applied(app: Flask, domain: Domain) -> None:
    source = factories.source(domain)
    domain_id, source_id = domain.id, source.id
    applied = threading.Event()
    started = threading.Event()

    def long_apply(_: threading.Barrier) -> int:
        applying = Run(kind="manual", domain_id=domain_id, state=RunState.APPLYING.value)
        db.session.add(applying)
        db.session.flush()
        apply(applying.id, domain_id, Plan())
        applied.set()
        assert started.wait(10), "the start of a run waited for the plan"
        db.session.commit()
        return applying.id

    def start(_: threading.Barrier) -> int:
        assert applied.wait(10)
        db.session.execute(text("set local lock_timeout = '5s'"))
        run = Run(kind=RunKind.SYNC.value, domain_id=domain_id, source_id=source_id)
        db.session.add(run)
        db.session.commit()
        started.set()
        return run.id

    results = together(app, long_apply, start)
    assert all(isinstance(result, int) for result in results), results


def test_of_two_that_start_a_sync_one_is_told_that_the_source_is_busy(app: Flask, domain: Domain) -> None:
    source_id, domain_id = factories.source(domain).id, domain.id

    def start(_: threading.Barrier) -> int:
        return runs.start(RunKind.SYNC, domain_id, source=db.session.get_one(Source, source_id)).id

    results = together(app, start, start)
    (lost,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(lost, RefusedError)
    assert "busy" in lost.sentence


def test_of_two_that_add_one_domain_one_is_told_that_the_name_is_in_use(app: Flask) -> None:
    results = together(app, lambda _: domains.add("new.example").id, lambda _: domains.add("new.example").id)
    (lost,) = [result for result in results if isinstance(result, BaseException)]
    assert isinstance(lost, RefusedError)
    assert "already in use" in lost.sentence


def test_an_act_that_fails_leaves_no_run_and_a_session_that_goes_on(domain: Domain) -> None:
    step = Step(Action.CREATE, None, manual_user("ada", None, group_id=domain.groups[0].id, first_name="\x00"))
    with pytest.raises(Exception, match=r"NUL|0x00"):
        acts.act(domain.id, None, "broken", Plan(steps=(step,)))
    assert runs_of(domain.id) == []


def runs_of(domain_id: int) -> list[Run]:
    return db.session.query(Run).filter_by(domain_id=domain_id).all()
