"""Files of users in the database: from the upload to the end of their week."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import inspect, text

from console.core.errors import RefusedError
from console.core.person import Origin, Reject, Status
from console.core.plan import Action, Plan, Step
from console.models import Admin, Domain, Group, Run, RunKind, RunState, db, now
from console.store import domains, records, runs, uploads
from tests import factories
from tests.factories import manual_user
from tests.store.lists import WAITING_PLAN, state, together

CONTENT = b"address\r\nada\r\n"
TRIAL: dict[str, Any] = {"needs_columns": False, "new_groups": []}


def start(domain: Domain, content: bytes = CONTENT, **values: Any) -> Run:
    return uploads.start(domain, None, name="users.csv", content=content, group_id=domain.groups[0].id, **values)


@pytest.fixture
def waiting(domain: Domain) -> Run:
    """An import that shows what it would do."""
    run = start(domain)
    wait(run)
    return run


def wait(run: Run, plan: Plan = WAITING_PLAN, trial: dict[str, Any] = TRIAL) -> None:
    assert runs.claim(run.id)
    assert runs.wait(run.id, plan, ["a reason"], trial)


def count(table: str) -> int:
    found = db.session.scalar(text(f"select count(*) from {table}"))
    db.session.commit()
    return int(found or 0)


def test_an_upload_is_a_queued_run_with_its_file(domain: Domain, alice: Admin) -> None:
    group = domains.add_group(domain, "Sales")
    run = uploads.start(
        domain,
        alice,
        name=" my\x00\nusers.csv ",
        content=CONTENT,
        group_id=group.id,
        mode="add",
        columns={2: "address"},
    )
    assert (run.kind, run.state, run.title, run.admin_id) == ("import", "queued", "Import of my users.csv", alice.id)
    upload = uploads.of_run(run.id)
    assert upload is not None
    assert (upload.name, upload.size) == ("my users.csv", len(CONTENT))
    assert upload.options == {"mode": "add", "group_id": group.id, "columns": {"2": "address"}}
    assert uploads.content(run.id) == CONTENT
    assert "content" in inspect(upload).unloaded


@pytest.mark.parametrize("size", [1, 1000, 1001, 3000])
def test_any_bytes_are_kept_as_they_are(domain: Domain, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PIECE", 1000)
    content = (bytes(range(256)) * 12)[:size]
    assert uploads.content(start(domain, content).id) == content


def test_an_empty_and_a_too_large_file_are_refused(app: Flask, domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    small = factories.changed(app.extensions["settings"], upload_limit_mb=1)
    monkeypatch.setitem(app.extensions, "settings", small)
    with pytest.raises(RefusedError, match="is empty"):
        start(domain, b"")
    with pytest.raises(RefusedError, match="larger than 1 MB"):
        start(domain, b"x" * (1024 * 1024 + 1))
    assert (count("runs"), count("uploads")) == (0, 0)
    start(domain, b"x" * 1024 * 1024)


def test_a_domain_has_one_open_import(domain: Domain) -> None:
    first = start(domain)
    assert uploads.open_import(domain.id) == first
    with pytest.raises(RefusedError, match="has not ended"):
        start(domain)
    assert count("uploads") == 1
    start(factories.domain("other.example"))
    runs.cancel(first.id)
    assert uploads.open_import(domain.id) is None
    assert start(domain).id != first.id


def test_an_import_without_known_columns_cannot_be_approved(domain: Domain) -> None:
    run = start(domain)
    wait(run, Plan(), {"needs_columns": True})
    assert not runs.approve(run.id)
    assert state(run.id) == RunState.NEEDS_APPROVAL


def test_other_options_have_a_waiting_import_verified_anew(waiting: Run) -> None:
    assert uploads.choose(waiting, mode="replace", columns={0: "address", 1: "ignore"}, header=False)
    run = runs.get(waiting.id)
    upload = uploads.of_run(waiting.id)
    assert run is not None
    assert upload is not None
    assert (run.state, run.counts, run.waits_because, run.trial) == (RunState.QUEUED, {}, [], None)
    assert (count("changes"), count("issues")) == (0, 0)
    assert upload.options["mode"] == "replace"
    assert (upload.options["columns"], upload.options["header"]) == ({"0": "address", "1": "ignore"}, False)
    assert not uploads.choose(waiting, mode="add"), "it waits no more"
    wait(waiting)
    assert uploads.choose(waiting, group_id=7)
    db.session.refresh(upload)
    assert (upload.options["mode"], upload.options["group_id"]) == ("replace", 7)


def test_of_two_who_decide_at_once_one_does(app: Flask, waiting: Run) -> None:
    run_id = waiting.id

    def chosen(_: object) -> bool:
        run = runs.get(run_id)
        return run is not None and uploads.choose(run, mode="add")

    results = together(app, chosen, lambda _: runs.approve(run_id))
    assert sorted(map(bool, results)) == [False, True]


def test_a_discarded_import_leaves_no_trace(waiting: Run) -> None:
    assert waiting.domain.name
    assert uploads.discard(waiting)
    assert runs.get(waiting.id) is None
    assert (waiting.title, waiting.domain.name) == ("Import of users.csv", "brightfield.example")
    assert [count(table) for table in ("runs", "uploads", "changes", "issues")] == [0, 0, 0, 0]


def test_only_an_import_that_waits_is_discarded(domain: Domain, waiting: Run) -> None:
    assert runs.approve(waiting.id)
    assert not uploads.discard(waiting)
    sync = factories.run(domain, RunKind.SYNC, factories.source(domain))
    wait(sync)
    assert not uploads.discard(sync)
    assert count("runs") == 2


def test_after_a_week_contents_go_and_what_waits_is_discarded(domain: Domain, waiting: Run) -> None:
    waits = waiting.id
    other = start(factories.domain("other.example"))
    runs.cancel(other.id)
    working = start(factories.domain("third.example"))
    uploads.forget(now() - dt.timedelta(days=7))
    assert uploads.content(other.id) == CONTENT
    uploads.forget(now() + dt.timedelta(seconds=1))
    assert runs.get(waits) is None
    kept = uploads.of_run(other.id)
    assert kept is not None
    assert kept.name == "users.csv"
    with pytest.raises(RefusedError, match="no longer kept"):
        uploads.content(other.id)
    assert uploads.content(working.id) == CONTENT, "it is still to be read"


@pytest.mark.parametrize("state", sorted(uploads.CAME_TO_NOTHING))
def test_an_import_that_came_to_nothing_is_run_again_with_its_file_and_options(
    domain: Domain, alice: Admin, state: RunState
) -> None:
    old = start(domain, mode="add", columns={0: "address"})
    ended(old, state)
    assert uploads.has_content(old.id)
    new = uploads.again(old, alice)
    assert (new.kind, new.state, new.title, new.admin_id) == ("import", "queued", "Import of users.csv", alice.id)
    upload = uploads.of_run(new.id)
    assert upload is not None
    assert (upload.options["mode"], upload.options["columns"]) == ("add", {"0": "address"})
    assert uploads.content(new.id) == CONTENT
    assert not uploads.has_content(old.id)
    runs.cancel(new.id)
    with pytest.raises(RefusedError, match="no longer kept"):
        uploads.again(old, alice)
    assert count("runs") == 2


def test_an_import_is_not_run_again_beside_another_or_without_its_file(domain: Domain, alice: Admin) -> None:
    old = start(domain)
    ended(old, RunState.FAILED)
    other = start(domain)
    with pytest.raises(RefusedError, match="has not ended"):
        uploads.again(old, alice)
    with pytest.raises(RefusedError, match="failed or was stopped"):
        uploads.again(other, alice)
    runs.cancel(other.id)
    uploads.forget(now() + dt.timedelta(seconds=1))
    assert not uploads.has_content(old.id)
    with pytest.raises(RefusedError, match="no longer kept"):
        uploads.again(old, alice)


def ended(run: Run, state: RunState) -> None:
    run.state = state.value
    db.session.commit()


def test_new_groups_are_made_once_and_their_users_put_into_them(domain: Domain) -> None:
    run = start(domain)
    sales = domains.add_group(domain, "Sales")
    steps = (
        Step(Action.CREATE, None, manual_user("ada", None, group_id=-1)),
        Step(Action.CREATE, None, manual_user("bob", None, group_id=-2)),
        Step(Action.CREATE, None, manual_user("cyd", None, group_id=sales.id)),
        Step(Action.DELETE, manual_user("dan"), None),
    )
    wait(run, Plan(steps=steps), {**TRIAL, "new_groups": ["Board", "SALES"]})
    waiting = runs.get(run.id)
    assert waiting is not None
    uploads.make_groups(waiting)
    [board] = db.session.query(Group).filter_by(name="Board").all()
    planned = records.planned(waiting).steps
    assert [step.after and step.after.group_id for step in planned] == [board.id, sales.id, sales.id, None]


def test_users_of_files_that_receive_mail_are_counted(domain: Domain) -> None:
    people = [manual_user("ada"), manual_user("bob", 2), manual_user("cyd", 3, status=Status.DISABLED)]
    factories.users(domain, people[0], *(replace(person, origin=Origin.CSV) for person in people[1:]))
    assert uploads.owned(domain.id) == 1


def test_remarks_of_a_file_may_hold_what_postgresql_cannot(domain: Domain) -> None:
    run = start(domain)
    wait(run, Plan(skips=(Reject("line 2", "a\x00", "No address."),)), {"rows": [{"address": "a\x00b"}]})
    found = runs.get(run.id)
    assert found is not None
    assert found.trial == {"rows": [{"address": "a\N{REPLACEMENT CHARACTER}b"}]}
