"""flask sources test, preview and sync, on a real directory."""

import pytest

from console.store import users
from tests import factories
from tests.cli.command_line import CommandLine, Directory
from tests.servers.people import person_dn, person_ldif

SUMMARY = ["read", "created", "updated", "restored", "missing", "disabled", "unchanged", "skipped", "conflicts"]


@pytest.fixture
def source(flask: CommandLine, directory: Directory) -> int:
    """The directory as a source of example.test."""
    factories.domain("example.test")
    return directory.add(flask)


def listed(flask: CommandLine) -> dict[str, str]:
    return {user["address"].partition("@")[0]: user["status"] for user in flask.json("users", "list", "example.test")}


def test_a_test_tells_what_the_directory_holds(flask: CommandLine, source: int, directory: Directory) -> None:
    told = flask.json("sources", "test", source)
    assert list(told) == ["id", "kind", "state", "summary", "issues", "error", "samples"]
    assert list(told["summary"]) == SUMMARY
    assert (told["kind"], told["state"], told["error"]) == ("test", "succeeded", None)
    assert told["summary"]["read"] == 12
    assert len(told["samples"]) == 10
    assert "user01@example.test" in told["samples"]
    text = flask("sources", "test", source).stdout
    assert directory.slapd.reader_dn in text
    assert "12 of 12 entries" in text
    assert not listed(flask)


def test_a_warning_of_a_test_is_an_issue(flask: CommandLine, directory: Directory) -> None:
    factories.domain("example.test")
    source = directory.add(flask, "--no-verify")
    [issue] = flask.json("sources", "test", source)["issues"]
    assert "not verified" in issue["why"]


def test_a_preview_names_who_would_come_and_changes_nothing(flask: CommandLine, source: int) -> None:
    result = flask("sources", "preview", source)
    assert "WOULD BE" in result.stdout
    assert "Uma No7" in result.stdout
    told = flask.json("sources", "preview", source)
    assert (told["state"], told["summary"]["created"], told["samples"]) == ("succeeded", 12, [])
    assert not listed(flask)


def test_a_first_sync_waits_with_status_3_and_is_approved_by_its_number(flask: CommandLine, source: int) -> None:
    waiting = flask.json("sources", "sync", source, status=3)
    assert (waiting["state"], waiting["summary"]["created"]) == ("needs_approval", 12)
    assert not listed(flask)
    done = flask.json("runs", "approve", waiting["id"])
    assert (done["id"], done["state"], done["summary"]["created"]) == (waiting["id"], "succeeded", 12)
    assert len(listed(flask)) == 12
    assert "does not wait for approval: it succeeded" in flask("runs", "approve", waiting["id"], status=1).stderr


def test_a_waiting_sync_says_why_and_what_to_do(flask: CommandLine, source: int) -> None:
    result = flask("sources", "sync", source, status=3)
    assert "first run of this source" in result.stderr
    assert "flask runs approve" in result.stderr


def test_a_sync_with_approve_does_not_wait_and_the_next_one_changes_nothing(flask: CommandLine, source: int) -> None:
    result = flask("sources", "sync", source, "--approve", "--json")
    assert "Approved: It is the first run of this source" in result.stderr
    assert set(listed(flask).values()) == {"active"}
    again = flask.json("sources", "sync", source)
    assert (again["state"], again["summary"]["unchanged"], again["summary"]["updated"]) == ("succeeded", 12, 0)
    assert flask.json("users", "list", "example.test")[0]["origin"] == f"source:{source}"


def test_a_sync_that_meets_a_waiting_one_shows_that_one(flask: CommandLine, source: int) -> None:
    first = flask.json("sources", "sync", source, status=3)
    assert flask.json("sources", "sync", source, status=3) == first


def test_with_approve_a_waiting_run_gives_way_to_what_the_directory_says_now(
    flask: CommandLine, source: int, directory: Directory
) -> None:
    old = flask.json("sources", "sync", source, status=3)["id"]
    directory.remove("user03")
    told = flask.json("sources", "sync", source, "--approve")
    assert told["id"] != old
    assert told["summary"]["created"] == 11
    assert flask.json("runs", "show", old)["state"] == "discarded"


def test_leavers_go_missing_and_an_emptied_directory_waits(
    flask: CommandLine, source: int, directory: Directory
) -> None:
    flask("sources", "sync", source, "--approve")
    directory.remove("user01", "user02")
    assert flask.json("sources", "sync", source)["summary"]["missing"] == 2
    assert listed(flask)["user01"] == "missing"
    directory.slapd.clear()
    result = flask("sources", "sync", source, status=3)
    assert "no recipients of this domain" in result.stderr
    assert list(listed(flask).values()).count("missing") == 2


def test_what_could_not_be_used_is_an_issue_with_place_address_and_reason(
    flask: CommandLine, source: int, directory: Directory
) -> None:
    domain = factories.domain("other.example")
    flask("users", "add", "example.test", "user05")
    directory.slapd.add(person_ldif("visitor", mail="visitor@elsewhere.example"))
    told = flask.json("sources", "sync", source, status=3)
    assert (told["summary"]["skipped"], told["summary"]["conflicts"]) == (1, 1)
    issues = {issue["what"]: issue for issue in told["issues"]}
    clash = issues["user05@example.test"]
    assert clash["where"].lower() == person_dn("user05").lower()
    assert "added by hand" in clash["why"]
    assert "no address in example.test" in issues["visitor@elsewhere.example"]["why"]
    assert users.totals(domain.id).users == 0
    assert "ISSUE WITH" in flask("runs", "show", told["id"]).stdout


def test_a_directory_that_cannot_be_read_fails_with_its_sentence(flask: CommandLine, directory: Directory) -> None:
    factories.domain("example.test")
    source = directory.add(flask, password="not the password")
    result = flask("sources", "sync", source, "--approve", status=1)
    assert "the password of" in result.stderr
    told = flask.json("sources", "sync", source, status=1)
    assert (told["state"], told["summary"]["read"]) == ("failed", 0)
    assert "the password of" in told["error"]
    assert "not the password" not in result.output
    assert flask.json("sources", "list")[0]["failures"] == 2
    assert "failing" in flask("sources", "list").stdout
