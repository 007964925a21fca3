"""flask users import and export."""

import csv
import io
from pathlib import Path

import pytest
from redis import Redis

from console import queue
from console.core.person import Origin, Status
from console.models import Domain, RunState
from console.store import domains, records, runs, uploads
from tests import factories
from tests.cli.command_line import CommandLine
from tests.core.files import kept
from tests.factories import manual_user
from tests.store.lists import listed

CONTENT = "address,first name,group\nada,Ada,Board\nbob,Bob,\nx@other.example,,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "users.csv"
    path.write_text(CONTENT)
    return path


def test_without_yes_it_shows_what_it_would_do_and_waits(flask: CommandLine, domain: Domain, file: Path) -> None:
    told = flask.json("users", "import", domain.name, file, status=3)
    assert (told["kind"], told["state"], told["error"]) == ("import", "needs_approval", None)
    assert (told["summary"]["created"], told["summary"]["skipped"]) == (2, 1)
    assert [issue["where"] for issue in told["issues"]] == ["line 4"]
    assert (told["file"]["mode"], told["file"]["new_groups"]) == ("update", ["Board"])
    assert told["file"]["billable"] == {"before": 0, "after": 2}
    assert listed(domain) == {}
    text = flask("runs", "show", told["id"]).stdout
    for part in ("Import of users.csv", "WOULD BE", "Ada", "New groups: Board", "Billable mailboxes: 0 → 2", "header"):
        assert part in text
    done = flask.json("runs", "approve", told["id"])
    assert (done["state"], set(listed(domain))) == ("succeeded", {"ada", "bob"})


def test_with_yes_it_is_imported_into_the_group_that_is_named(flask: CommandLine, domain: Domain, file: Path) -> None:
    sales = domains.add_group(domain, "Sales").id
    result = flask("users", "import", domain.name, file, "--yes", "--group", "sales")
    assert "created 2" in result.stdout
    assert listed(domain)["bob"].group_id == sales
    assert records.group_names(domain.id)[listed(domain)["ada"].group_id] == "Board"


def test_standard_input_is_a_file_too(flask: CommandLine, domain: Domain) -> None:
    flask("users", "import", domain.name, "-", "--yes", stdin=CONTENT)
    assert set(listed(domain)) == {"ada", "bob"}
    assert "standard input" in flask("runs", "list").stdout


def test_a_mode_that_would_remove_many_still_takes_a_person_s_yes(
    flask: CommandLine, domain: Domain, file: Path
) -> None:
    factories.users(domain, *(kept(f"u{n}", n) for n in range(1, 12)))
    waiting = flask("users", "import", domain.name, file, "--mode", "replace", status=3)
    assert "It would remove 11 of the 11 users that came from files" in waiting.stderr
    flask("runs", "discard", 2)
    assert (runs.get(2), records.open_runs(domain.id)) == (None, [])
    result = flask("users", "import", domain.name, file, "--mode", "replace", "--yes")
    assert "Approved: It would remove 11" in result.stderr
    assert listed(domain)["u1"].status is Status.MISSING
    result = flask("users", "import", domain.name, file, "--mode", "add", "--yes")
    assert "skipped 3" in result.stdout


def test_an_import_that_waits_is_in_the_way_of_another(flask: CommandLine, domain: Domain, file: Path) -> None:
    waiting = flask.json("users", "import", domain.name, file, status=3)["id"]
    refused = flask.json("users", "import", domain.name, file, "--yes", status=1)["error"]
    assert f"flask runs approve {waiting}, or flask runs discard {waiting}" in refused
    told = flask.json("runs", "discard", waiting)
    assert (told["id"], told["state"]) == (waiting, "discarded")
    assert uploads.of_run(waiting) is None
    flask("runs", "discard", waiting, status=1)


def test_columns_that_nobody_can_tell_are_said_on_the_command_line(
    flask: CommandLine, domain: Domain, tmp_path: Path
) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("x,y\nred,Ada\ngreen,Bob\n")
    refused = flask.json("users", "import", domain.name, path, "--yes", status=1)["error"]
    assert "--columns address=NUMBER" in refused
    assert "Ada" in refused
    assert records.open_runs(domain.id) == []
    flask("users", "import", domain.name, path, "--yes", "--columns", "address=1, first_name=2")
    assert listed(domain)["red"].first_name == "Ada"


@pytest.mark.parametrize("columns", ["address", "address=0", "address=x", "adress=1", "name=1", ""])
def test_columns_that_cannot_be_are_a_usage_error(flask: CommandLine, domain: Domain, file: Path, columns: str) -> None:
    flask("users", "import", domain.name, file, "--columns", columns, status=2)
    assert flask.json("runs", "list") == []


def test_what_cannot_be_imported_is_refused_in_a_sentence(flask: CommandLine, domain: Domain, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    assert "is empty" in flask.json("users", "import", domain.name, path, status=1)["error"]
    path.write_bytes(b"PK\x03\x04" + bytes(200))
    told = flask.json("users", "import", domain.name, path, "--yes", status=1)
    assert (told["state"], bool(told["error"])) == (RunState.FAILED, True)
    flask("users", "import", domain.name, tmp_path / "nowhere.csv", status=2)
    flask("users", "import", domain.name, path, "--group", "Nowhere", status=1)


def test_with_queue_the_file_is_left_to_a_worker(flask: CommandLine, domain: Domain, file: Path, redis: Redis) -> None:
    told = flask.json("users", "import", domain.name, file, "--queue")
    assert told["state"] == "queued"
    assert [job.args for job in queue.queue(redis).jobs] == [(told["id"],)]
    flask("users", "import", domain.name, file, "--queue", "--yes", status=2)


def test_an_exported_list_is_taken_back_without_a_change(flask: CommandLine, domain: Domain) -> None:
    odd = manual_user("ada", aliases=["b", "a"], first_name='=cmd|"x"', last_name="Łovelace, King")
    factories.users(domain, odd, kept("weiß", 2, status=Status.DISABLED), kept("cyd", 3, origin=Origin.DISCOVERY))
    before = listed(domain)
    text = flask("users", "export", domain.name).stdout
    told = flask.json("users", "import", domain.name, "-", "--yes", stdin=text)
    assert (told["summary"]["unchanged"], told["summary"]["updated"]) == (3, 0)
    assert listed(domain) == before


def test_export_and_list_know_the_filters_of_the_users_page(flask: CommandLine, domain: Domain) -> None:
    source = factories.source(domain)
    sales = domains.add_group(domain, "Sales").id
    people = [
        manual_user("ada", first_name="Ada"),
        kept("bob", 2, group_id=sales, status=Status.DISABLED),
        factories.user("cyd", source_id=source.id),
    ]
    factories.users(domain, *people)

    def found(*options: str) -> str:
        rows = csv.DictReader(io.StringIO(flask("users", "export", domain.name, *options).stdout))
        addresses = [row["address"] for row in rows]
        assert [user["address"] for user in flask.json("users", "list", domain.name, *options)] == addresses
        return " ".join(address.partition("@")[0] for address in addresses)

    assert found() == "ada bob cyd"
    assert found("--search", "ada") == "ada"
    assert found("--group", "sales") == found("--status", "disabled") == found("--from", "csv") == "bob"
    assert found("--from", f"source:{source.id}") == "cyd"
    assert found("--kind", "shared") == ""
    assert "No user of" in flask("users", "list", domain.name, "--kind", "shared").stderr
    flask("users", "export", domain.name, "--from", "elsewhere", status=2)
