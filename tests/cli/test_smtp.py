"""flask domains smtp and check-smtp."""

from collections.abc import Callable, Iterator

import pytest

from console.models import Domain, RunState
from console.store import runs, smtp
from tests import factories
from tests.cli.command_line import CommandLine
from tests.servers.ports import LOOPBACK, free_port
from tests.servers.smtp import Script, ScriptedSmtp, knows

ADA = factories.address("ada")
NAME = factories.DOMAIN
Serve = Callable[[Script], int]


@pytest.fixture
def serve(domain: Domain) -> Iterator[Serve]:
    """Starts a mail server of the domain that follows a script; its port."""
    servers: list[ScriptedSmtp] = []

    def start(script: Script) -> int:
        servers.append(ScriptedSmtp.start(script))
        factories.delivery_server(domain, port=servers[-1].port)
        return servers[-1].port

    yield start
    for server in servers:
        server.stop()


def test_a_server_is_added_changed_listed_and_removed(flask: CommandLine, domain: Domain) -> None:
    assert "is added. Try it" in flask("domains", "smtp", NAME, "--host", "Mail.Example.com").stdout
    flask("domains", "smtp", NAME, "--host", "10.0.0.25", "--port", 2525, "--tls", "required", "--priority", 5)
    assert flask.json("domains", "smtp", NAME) == [
        {"host": "10.0.0.25", "port": 2525, "tls": "required", "priority": 5},
        {"host": "mail.example.com", "port": 25, "tls": "opportunistic", "priority": 10},
    ]
    assert "is changed" in flask("domains", "smtp", NAME, "--host", "mail.example.com", "--priority", 1).stdout
    [changed, _] = flask.json("domains", "smtp", NAME)
    assert (changed["host"], changed["tls"], changed["priority"]) == ("mail.example.com", "opportunistic", 1)
    assert "mail.example.com  25" in flask("domains", "smtp", NAME).stdout
    assert len(flask.json("domains", "smtp", NAME, "--host", "10.0.0.25", "--port", 2525, "--remove")) == 1
    flask("domains", "smtp", NAME, "--host", "10.0.0.25", "--remove", status=1)


def test_without_a_server_the_list_says_what_to_do(flask: CommandLine, domain: Domain) -> None:
    assert flask.json("domains", "smtp", NAME) == []
    assert "--host H" in flask("domains", "smtp", NAME).stderr
    assert "Add one first" in flask("domains", "check-smtp", NAME, status=1).stderr


@pytest.mark.parametrize(
    "arguments",
    [["--host", "smtp://mail"], ["--host", "mail", "--tls", "maybe"], ["--port", "0"], ["--remove"], ["--tls", "none"]],
)
def test_what_is_no_server_is_a_usage_error(flask: CommandLine, domain: Domain, arguments: list[str]) -> None:
    flask("domains", "smtp", NAME, *arguments, status=2)
    assert smtp.of_domain(domain.id) == []


def test_a_check_tells_each_step_and_ends_with_0_for_a_good_server(
    flask: CommandLine, domain: Domain, serve: Serve
) -> None:
    port = serve(knows(ADA))
    result = flask("domains", "check-smtp", NAME, "--known", "ada")
    assert f"{LOOPBACK}, port {port}, accepts only known recipients" in result.stdout
    assert f"known    done     {ADA}: it accepts this address." in result.stdout
    told = flask.json("domains", "check-smtp", NAME, "--known", ADA)
    assert (told["kind"], told["state"], told["error"]) == ("check", "succeeded", None)
    assert (told["check"]["finding"], told["check"]["known"]) == ("known_only", ADA)
    assert [step["step"] for step in told["check"]["servers"][0]["steps"]][-1] == "unknown"
    assert flask.json("runs", "show", told["id"]) == told


def test_a_server_that_accepts_everybody_ends_with_1_and_what_to_change(
    flask: CommandLine, domain: Domain, serve: Serve
) -> None:
    serve(Script(None))
    result = flask("domains", "check-smtp", NAME, status=1)
    assert "Error: the mail server accepts every address." in result.stderr
    assert "Set-RecipientFilterConfig" in result.stdout
    assert "Authoritative" in result.stdout
    told = flask.json("domains", "check-smtp", NAME, status=1)
    assert (told["state"], told["check"]["finding"]) == ("succeeded", "every_address")


def test_a_server_that_cannot_be_reached_ends_with_1(flask: CommandLine, domain: Domain) -> None:
    factories.delivery_server(domain, port=free_port())
    assert "refused the connection" in flask("domains", "check-smtp", NAME, status=1).stderr


@pytest.mark.parametrize("known", ["ada@elsewhere.example", "no address@@"])
def test_nobody_of_another_domain_is_asked_for(flask: CommandLine, domain: Domain, serve: Serve, known: str) -> None:
    serve(Script(None))
    flask("domains", "check-smtp", NAME, "--known", known, status=2)
    assert smtp.open_check(domain.id) is None


def test_a_check_can_be_handed_to_a_worker_and_one_that_waits_is_taken_up(
    flask: CommandLine, domain: Domain, serve: Serve
) -> None:
    serve(knows(ADA))
    queued = flask.json("domains", "check-smtp", NAME, "--known", ADA, "--queue")
    assert queued["state"] == RunState.QUEUED
    done = flask.json("domains", "check-smtp", NAME)
    assert (done["id"], done["state"]) == (queued["id"], "succeeded")


def test_a_check_that_is_under_way_is_named(flask: CommandLine, domain: Domain) -> None:
    factories.delivery_server(domain)
    run = smtp.start_check(domain, None)
    runs.claim(run.id)
    with runs.held(run.id):
        assert f"as run {run.id}" in flask("domains", "check-smtp", NAME, status=1).stderr


def test_a_check_changed_nothing_and_so_cannot_be_undone(flask: CommandLine, domain: Domain, serve: Serve) -> None:
    serve(knows(ADA))
    told = flask.json("domains", "check-smtp", NAME, "--known", ADA)
    assert "changed nothing" in flask("runs", "undo", told["id"], status=1).stderr
