"""flask discovery on, off, show and probe."""

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.core.discovery import SightingState
from console.models import Domain, db, now
from console.store import discovery, roster, runs, sightings
from tests import factories
from tests.cli.command_line import CommandLine
from tests.servers.ports import LOOPBACK, free_port
from tests.servers.smtp import Script, ScriptedSmtp, knows

ANN, NAME = factories.address("ann"), factories.DOMAIN
Serve = Callable[[Script], ScriptedSmtp]


@pytest.fixture
def serve(domain: Domain) -> Iterator[Serve]:
    """Starts a mail server of the domain that follows a script."""
    servers: list[ScriptedSmtp] = []

    def start(script: Script) -> ScriptedSmtp:
        servers.append(ScriptedSmtp.start(script))
        factories.delivery_server(domain, port=servers[-1].port)
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    """A file with one who exists and one who does not."""
    file = tmp_path / "people.txt"
    file.write_text(f"{ANN}\nguess@{NAME}\n")
    return file


def listed(domain: Domain) -> set[str]:
    found = {str(user.address) for user in roster.of_domain(domain.id)}
    db.session.commit()
    return found


def test_it_is_turned_on_by_a_check_changed_shown_and_turned_off(
    flask: CommandLine, domain: Domain, serve: Serve
) -> None:
    server = serve(knows(ANN))
    said = flask("discovery", "on", NAME)
    assert f"Address Discovery of {NAME} is on until {now() + dt.timedelta(days=14):%Y-%m-%d}" in said.stdout
    assert "Who exists is added at once." in said.stdout
    assert server.connections == 1
    changed = flask.json("discovery", "on", NAME, "--review", "--days", 3)
    assert (changed["state"], changed["taking"], changed["ended_why"]) == ("on", "review", None)
    assert changed["ends_at"].startswith(f"{now() + dt.timedelta(days=3):%Y-%m-%d}")
    assert server.connections == 1, "it was on already"
    sightings.note(domain.id, [sightings.Seen(ANN)])
    assert flask.json("discovery", "show", NAME)["addresses"]["waiting"] == 1
    assert "1 wait for an answer" in flask("discovery", "show", NAME).stdout
    assert "is off: a person turned it off." in flask("discovery", "off", NAME).stdout
    assert flask.json("discovery", "off", NAME)["state"] == "off"


def test_where_it_was_never_on_it_is_off(flask: CommandLine, domain: Domain) -> None:
    assert flask("discovery", "show", NAME).stdout == f"Address Discovery of {NAME} is off.\n"
    shown = flask.json("discovery", "show", NAME)
    none = dict.fromkeys([state.value for state in SightingState], 0)
    assert shown == {
        "domain": NAME, "state": "off", "taking": None, "needed": None, "ends_at": None, "ended_why": None,
        "addresses": none,
    }  # fmt: skip


def test_with_a_server_that_accepts_everybody_it_stays_off_and_says_what_to_change(
    flask: CommandLine, domain: Domain, serve: Serve
) -> None:
    serve(Script(None))
    said = flask("discovery", "on", NAME, status=1)
    assert "Error: Address Discovery stays off: the mail server accepts every address" in said.stderr
    assert "Set-RecipientFilterConfig" in said.stdout
    told = flask.json("discovery", "on", NAME, status=1)
    assert (told["state"], told["ended_why"]) == ("off", "every_address")


def test_without_a_server_it_cannot_be_turned_on(flask: CommandLine, domain: Domain) -> None:
    assert "Add one first" in flask("discovery", "on", NAME, status=1).stderr
    factories.delivery_server(domain, port=free_port())
    assert "refused the connection" in flask("discovery", "on", NAME, status=1).stderr
    assert not discovery.is_on(domain.id)


def test_the_check_may_be_left_to_a_worker(flask: CommandLine, domain: Domain, serve: Serve) -> None:
    serve(knows(ANN))
    told = flask.json("discovery", "on", NAME, "--queue")
    assert (told["kind"], told["state"]) == ("check", "queued")
    assert flask.json("discovery", "show", NAME)["state"] == "testing"
    assert f"waits for a check of the mail servers: run {told['id']}" in flask("discovery", "show", NAME).stdout


def test_what_a_list_has_waits_for_approval(flask: CommandLine, domain: Domain, serve: Serve, addresses: Path) -> None:
    server = serve(knows(ANN))
    told = flask.json("discovery", "probe", NAME, addresses, status=3)
    assert (told["kind"], told["state"]) == ("discovery", "needs_approval")
    assert (told["summary"]["read"], told["summary"]["created"], told["summary"]["skipped"]) == (2, 1, 1)
    assert told["issues"] == [
        {
            "where": "people.txt",
            "what": f"guess@{NAME}",
            "why": f"{LOOPBACK}, port {server.port}, was asked. It refuses this address: nobody has it there.",
        }
    ]
    assert (told["answers"]["yes"], told["answers"]["no"], told["answers"]["total"]) == (1, 1, 2)
    assert listed(domain) == set()
    waits = flask("discovery", "probe", NAME, addresses, status=1)
    assert f"Decide first: flask runs approve {told['id']}" in waits.stderr
    flask("runs", "approve", told["id"])
    assert listed(domain) == {ANN}
    flask("runs", "undo", told["id"])
    assert listed(domain) == set()


def test_it_is_read_from_standard_input_and_added_at_once_if_wanted(
    flask: CommandLine, domain: Domain, serve: Serve
) -> None:
    serve(knows(ANN))
    said = flask("discovery", "probe", NAME, "-", "--add", stdin=f"{ANN}\nguess@{NAME}\n")
    assert "Of 2 addresses 2 were asked about: 1 yes, 1 no, 0 unknown" in said.stdout
    assert "Addresses in standard input" in said.stdout
    assert listed(domain) == {ANN}


def test_a_list_that_cannot_be_asked_about_is_refused(
    flask: CommandLine, domain: Domain, serve: Serve, addresses: Path
) -> None:
    assert "Inbound SMTP" in flask("discovery", "probe", NAME, addresses, status=1).stderr
    serve(Script(None))
    assert "accepts every address" in flask("discovery", "probe", NAME, addresses, status=1).stderr
    refused: dict[str, Any] = flask.json("discovery", "probe", NAME, "-", stdin="nothing", status=1)
    assert "There is no address in it" in refused["error"]
    flask("discovery", "probe", NAME, "/no/such/file", status=2)
    flask("discovery", "on", NAME, "--days", 0, status=2)


def test_a_list_may_be_left_to_a_worker(flask: CommandLine, domain: Domain, serve: Serve, addresses: Path) -> None:
    serve(knows(ANN))
    told = flask.json("discovery", "probe", NAME, addresses, "--queue")
    assert told["state"] == "queued"
    assert "has not ended" in flask("discovery", "probe", NAME, addresses, status=1).stderr
    assert runs.cancel(told["id"])
