"""From a file to the list: verified, looked at, imported, taken back."""

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import text

from console import live
from console.core.imports import GRACE
from console.core.person import Origin, Status
from console.models import Domain, RunKind, RunState, db
from console.store import domains, recipients, records, roster, runs, uploads
from jobs import clock, imports
from tests import factories
from tests.core.files import kept
from tests.jobs.fake import NEVER
from tests.jobs.fake import work as work_on
from tests.jobs.files import approved, begin, imported, verified, work
from tests.store.lists import listed

FILE = """\
address,first name,last name,kind,group,aliases,status
ada,Ada,King,mailbox,Board,lovelace,active
info,,,shared,,,active
bob,Bob,,mailbox,Default,,active
dan@other.example,,,,,,
no address,,,,,,
"""


def told(run_id: int) -> dict[str, str]:
    return {issue.place: issue.why for issue in records.issues(run_id)}


def test_a_file_is_verified_and_nothing_changes_before_a_person_says_so(domain: Domain) -> None:
    factories.users(domain, kept("bob", origin=Origin.MANUAL))
    run = verified(domain, FILE)
    assert (run.state, run.waits_because) == (RunState.NEEDS_APPROVAL, [])
    assert {name: n for name, n in run.counts.items() if n} == {"read": 5, "created": 2, "updated": 1, "skipped": 2}
    assert {change.address.partition("@")[0]: change.place for change in records.changes(run.id)} == {
        "ada": "line 2", "info": "line 3", "bob": "line 4",
    }  # fmt: skip
    assert set(told(run.id)) == {"line 5", "line 6"}
    assert set(listed(domain)) == {"bob"}
    trial = run.trial or {}
    assert (trial["mode"], trial["needs_columns"], trial["new_groups"]) == ("update", False, ["Board"])
    assert trial["billable"] == {"before": 1, "after": 2}
    assert trial["header"] is True
    assert [column["meaning"] for column in trial["columns"]][:2] == ["address", "first_name"]
    assert trial["rows"][0]["address"] == "ada@brightfield.example"


def test_what_was_approved_is_imported_with_its_new_groups(domain: Domain) -> None:
    run = imported(domain, FILE)
    assert (run.counts["created"], uploads.owned(domain.id)) == (3, 3)
    ada = listed(domain)["ada"]
    names = records.group_names(domain.id)
    assert (ada.origin, ada.first_name, ada.last_name, names[ada.group_id]) == (Origin.CSV, "Ada", "King", "Board")
    assert ada.aliases == (factories.address("lovelace"),)
    assert names[listed(domain)["info"].group_id] == "Default"
    assert next(change.after["group_id"] for change in records.changes(run.id) if change.after) == ada.group_id
    assert set(told(run.id)) == {"line 5", "line 6"}, "what was skipped stays on record"


def test_an_import_can_be_taken_back(domain: Domain) -> None:
    factories.users(domain, kept("bob", origin=Origin.MANUAL))
    before = roster.of_domain(domain.id)
    run = imported(domain, FILE)
    assert roster.of_domain(domain.id) != before
    undo = work_on(runs.start(RunKind.UNDO, domain.id, undoes=run), NEVER)
    assert (undo.state, undo.counts["skipped"]) == (RunState.SUCCEEDED, 0)
    assert roster.of_domain(domain.id) == before


def test_a_file_that_changes_nothing_is_shown_and_ends_well(domain: Domain) -> None:
    imported(domain, FILE)
    run = verified(domain, FILE)
    assert (run.state, run.counts["unchanged"], run.changed) == (RunState.NEEDS_APPROVAL, 3, 0)
    run = approved(run)
    assert (run.state, run.changed) == (RunState.SUCCEEDED, 0)


def test_new_users_without_a_group_go_into_the_one_that_was_chosen(domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    run = uploads.start(domain, None, name="x", content=b"address\nada\n", group_id=sales.id)
    approved(work(run))
    assert listed(domain)["ada"].group_id == sales.id


def test_users_of_a_source_are_skipped_with_its_name(domain: Domain) -> None:
    source = factories.source(domain)
    factories.users(domain, factories.user("ada", source_id=source.id))
    run = verified(domain, FILE)
    assert told(run.id)["line 2"] == ("ada@brightfield.example comes from Active Dir. · HQ, which keeps it up to date.")


def test_a_file_without_anybody_of_this_domain_says_so(domain: Domain) -> None:
    run = verified(domain, "address\nada@other.example\nbob@other.example\n")
    assert run.waits_because == ["The file has no recipients of this domain: check that it is the right one."]


# Options


def test_another_mode_verifies_anew(domain: Domain) -> None:
    factories.users(domain, kept("bob"), *(kept(f"u{n}", n) for n in range(10, 20)))
    run = verified(domain, FILE, mode="add")
    assert (run.counts["updated"], run.counts["missing"]) == (0, 0)
    assert uploads.choose(run, mode="replace")
    run = work(run)
    assert (run.counts["updated"], run.counts["missing"], run.counts["skipped"]) == (1, 10, 2)
    assert [reason.partition(", more")[0] for reason in run.waits_because] == [
        "It would remove 10 of the 11 users that came from files"
    ]
    approved(run)
    assert listed(domain)["u10"].reason == "No longer in users.csv."


def test_columns_that_nobody_can_tell_are_asked_for(domain: Domain) -> None:
    run = verified(domain, "x,y\nred,Ada\ngreen,Bob\n")
    assert (run.state, (run.trial or {})["needs_columns"]) == (RunState.NEEDS_APPROVAL, True)
    assert not runs.approve(run.id)
    columns = (run.trial or {})["columns"]
    assert [column["samples"] for column in columns][1][-2:] == ["Ada", "Bob"]
    assert uploads.choose(run, columns={0: "address", 1: "first_name"}, header=True)
    run = approved(work(run))
    assert {name: user.first_name for name, user in listed(domain).items()} == {"red": "Ada", "green": "Bob"}


# When the list changes, or a person, or the file


def test_a_list_that_changed_since_is_verified_anew_and_says_so(domain: Domain) -> None:
    run = verified(domain, FILE)
    recipients.add(domain, None, factories.address("ada"), first_name="Augusta")
    run = approved(run)
    assert (run.state, run.waits_because, run.approved) == (RunState.NEEDS_APPROVAL, [imports.CHANGED], False)
    assert (run.counts["created"], run.counts["updated"]) == (2, 1)
    assert len(records.changes(run.id)) == 3
    assert approved(run).state == RunState.SUCCEEDED
    assert (listed(domain)["ada"].first_name, listed(domain)["ada"].origin) == ("Ada", Origin.MANUAL)


def test_a_file_that_cannot_be_read_fails_with_a_sentence(domain: Domain) -> None:
    run = verified(domain, b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert (run.state, bool(run.error)) == (RunState.FAILED, True)
    assert listed(domain) == {}


def test_a_file_that_was_dropped_meanwhile_is_a_refusal_in_words(domain: Domain) -> None:
    run = begin(domain, FILE)
    db.session.execute(text("update uploads set content = null"))
    assert "no longer kept" in work(run).error


def test_an_import_whose_worker_stopped_is_run_again(domain: Domain) -> None:
    run = begin(domain, FILE, mode="add")
    assert runs.claim(run.id)
    assert runs.interrupt(run.id, runs.INTERRUPTED)
    again = work(uploads.again(run, None))
    assert (again.state, again.counts["created"], (again.trial or {})["mode"]) == (RunState.NEEDS_APPROVAL, 3, "add")
    assert approved(again).state == RunState.SUCCEEDED
    assert set(listed(domain)) == {"ada", "info", "bob"}


def test_an_import_is_cancelled_while_it_is_read(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begin(domain, FILE)
    # A tick comes between any two steps of the work.
    monkeypatch.setattr(live, "tick", lambda *_: runs.cancel(run.id))
    assert work(run).state == RunState.CANCELLED
    assert records.changes(run.id) == []


# The end of a grace period


def test_the_clock_disables_whom_a_file_left_out_when_their_grace_is_over(app: Flask, domain: Domain) -> None:
    factories.users(domain, kept("ada"), kept("bob", 2, origin=Origin.MANUAL))
    imported(domain, "address\ncyd\n", mode="replace")
    clock.tidy(app)
    assert records.open_runs(domain.id) == []
    db.session.execute(text("update users set missing_since = missing_since - :grace"), {"grace": GRACE})
    db.session.commit()
    for _ in range(2):
        clock.tidy(app)
    [run] = records.open_runs(domain.id)
    run = work_on(run, NEVER)
    assert (run.kind, run.state, run.counts["disabled"]) == (RunKind.GRACE, RunState.SUCCEEDED, 1)
    assert {name: user.status for name, user in listed(domain).items()} == {
        "ada": Status.DISABLED, "bob": Status.ACTIVE, "cyd": Status.ACTIVE,
    }  # fmt: skip
    clock.tidy(app)
    assert records.open_runs(domain.id) == []
    imported(domain, "address\nada\n")
    assert listed(domain)["ada"].status is Status.ACTIVE, "and it comes back"


def test_the_clock_drops_files_after_a_week(app: Flask, domain: Domain) -> None:
    run_id = verified(domain, FILE).id
    db.session.execute(text("update uploads set created_at = created_at - :week"), {"week": dt.timedelta(days=7)})
    db.session.commit()
    clock.tidy(app)
    assert runs.get(run_id) is None
