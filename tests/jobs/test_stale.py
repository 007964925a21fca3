"""The list changes between the moment a plan is made and the moment it is applied."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, text, update

from console.models import Domain, RunKind, RunState, Source, User, db
from console.store import recipients, roster, runs
from console.store.apply import STALE
from tests import factories
from tests.factories import person
from tests.jobs.fake import NEVER, Fake, now, sync, synced, work
from tests.processes import until


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def test_a_plan_whose_list_has_changed_since_fails_and_changes_nothing(source: Source, domain: Domain) -> None:
    run = sync(source, Fake([person("ada"), person("bob")]))
    recipients.add(domain, None, factories.address("bob"))
    assert runs.approve(run.id)
    run = work(run, NEVER)
    assert (run.state, run.error) == (RunState.FAILED, STALE)
    assert [user.address for user in roster.of_domain(domain.id)] == ["bob@brightfield.example"]


def test_an_approved_change_of_a_user_who_was_edited_since_fails(source: Source, domain: Domain) -> None:
    synced(source, person("ada"), person("bob"))
    source.mode = "review"
    db.session.commit()
    run = sync(source, Fake([person("ada", first_name="Ada")]))
    assert run.state == RunState.NEEDS_APPROVAL
    [ada] = [user for user in roster.of_domain(domain.id) if user.address.startswith("ada@")]
    recipients.disable(ada, None)
    before = roster.of_domain(domain.id)
    assert runs.approve(run.id)
    assert work(run, NEVER).error == STALE
    assert roster.of_domain(domain.id) == before


def test_a_sync_whose_list_changes_at_the_last_moment_is_compared_anew(
    app: Flask, source: Source, domain: Domain
) -> None:
    """What a person set meanwhile stays, and what the directory says besides is done."""
    synced(source, person("ada"), person("bob"))
    run = runs.start(RunKind.SYNC, domain.id, source=source)
    people = [person("ada", first_name="Ada"), person("bob", first_name="Bob")]

    def worker() -> None:
        with app.app_context():
            work(run, Fake(people))

    thread = threading.Thread(target=worker)
    with db.engine.begin() as other:
        other.execute(select(Domain.id).where(Domain.id == domain.id).with_for_update(key_share=True))
        thread.start()
        waiting = text("select count(*) from pg_locks where not granted")
        until(lambda: other.scalar(waiting), "the plan is to be applied")
        ada = update(User).where(User.address == "ada@brightfield.example")
        other.execute(ada.values(last_name="King", by_hand=["name"]))
    thread.join(10)
    assert (now(run).state, now(run).counts["updated"], now(run).counts["unchanged"]) == (RunState.SUCCEEDED, 1, 1)
    names = {user.address.partition("@")[0]: (user.first_name, user.last_name) for user in roster.of_domain(domain.id)}
    assert names == {"ada": ("", "King"), "bob": ("Bob", "")}
