"""flask runs."""

import pytest

from console.models import Domain, RunKind, RunState
from console.store import records, runs
from tests import factories
from tests.cli.command_line import CommandLine, Directory


@pytest.fixture
def waiting(flask: CommandLine, directory: Directory) -> int:
    """A run of twelve new users that waits for approval."""
    factories.domain("example.test")
    return int(flask.json("sources", "sync", directory.add(flask), status=3)["id"])


def test_the_list_has_every_kind_of_run_newest_first(flask: CommandLine, domain: Domain) -> None:
    flask("users", "add", domain.name, "ada")
    other = factories.domain("other.example")
    flask("users", "add", other.name, "bob")
    told = flask.json("runs", "list")
    assert [(run["domain"], run["kind"], run["title"]) for run in told] == [
        ("other.example", "manual", "Added bob@other.example"),
        ("brightfield.example", "manual", "Added ada@brightfield.example"),
    ]
    assert [run["domain"] for run in flask.json("runs", "list", "--domain", domain.name)] == [domain.name]
    assert len(flask.json("runs", "list", "--limit", 1)) == 1
    assert "Added bob@other.example" in flask("runs", "list").stdout


def test_a_waiting_run_is_shown_with_its_reasons_and_its_steps(flask: CommandLine, waiting: int) -> None:
    text = flask("runs", "show", waiting).stdout
    assert "waits for approval" in text
    assert "first run of this source" in text
    assert "user12@example.test" in text
    told = flask.json("runs", "show", waiting)
    assert (told["id"], told["kind"], told["state"], told["error"]) == (waiting, "sync", "needs_approval", None)


def test_a_discarded_run_does_nothing_and_cannot_be_approved(flask: CommandLine, waiting: int) -> None:
    assert flask.json("runs", "discard", waiting)["state"] == "discarded"
    assert flask.json("users", "list", "example.test") == []
    assert "was discarded" in flask("runs", "approve", waiting, status=1).stderr
    assert "was discarded" in flask("runs", "discard", waiting, status=1).stderr


def test_a_run_is_taken_back_and_the_undo_too(flask: CommandLine, waiting: int) -> None:
    flask("runs", "approve", waiting)
    undo = flask.json("runs", "undo", waiting)
    assert (undo["kind"], undo["state"]) == ("undo", "succeeded")
    assert flask.json("users", "list", "example.test") == []
    flask("runs", "undo", undo["id"])
    assert len(flask.json("users", "list", "example.test")) == 12


def test_what_was_changed_again_stays_and_is_an_issue_of_the_undo(flask: CommandLine, domain: Domain) -> None:
    flask("users", "add", domain.name, "ada")
    [added] = records.latest()
    added_id = added.id
    flask("runs", "undo", added_id)
    told = flask.json("runs", "undo", added_id)
    assert told["summary"]["skipped"] == 1
    assert [issue["what"] for issue in told["issues"]] == ["ada@brightfield.example"]


@pytest.mark.parametrize("kind", [RunKind.TEST, RunKind.PREVIEW, RunKind.SYNC])
def test_a_run_that_changed_nothing_cannot_be_taken_back(flask: CommandLine, domain: Domain, kind: RunKind) -> None:
    run = factories.run(domain, kind, factories.source(domain))
    assert "nothing to take back" in flask.json("runs", "undo", run.id, status=1)["error"]


def test_a_run_that_is_not_there_is_refused(flask: CommandLine) -> None:
    for command in ("show", "approve", "discard", "undo"):
        assert "There is no run 99" in flask("runs", command, 99, status=1).stderr
        flask("runs", command, "last", status=2)


def test_an_approved_run_that_no_worker_took_can_be_done_here(flask: CommandLine, waiting: int) -> None:
    assert runs.approve(waiting)
    assert flask.json("runs", "approve", waiting)["state"] == RunState.SUCCEEDED
