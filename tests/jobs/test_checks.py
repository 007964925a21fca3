"""A check as a worker does it: each step noted where the pages show it, and how it ends."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from console.models import Domain, Run, RunState
from console.settings import Settings
from console.store import roster, runs, smtp
from jobs import checks, tasks
from jobs.interrupt import Cancelled
from tests import factories
from tests.jobs.fake import NEVER, now, work
from tests.servers.ports import free_port
from tests.servers.smtp import Script, ScriptedSmtp, knows

ADA = factories.address("ada")


@pytest.fixture
def serve(domain: Domain) -> Iterator[Callable[[Script], ScriptedSmtp]]:
    """Starts servers that follow a script, each a delivery server of the domain."""
    servers: list[ScriptedSmtp] = []

    def start(script: Script) -> ScriptedSmtp:
        servers.append(ScriptedSmtp.start(script))
        factories.delivery_server(domain, port=servers[-1].port)
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


Serve = Callable[[Script], ScriptedSmtp]


def check(domain: Domain) -> Run:
    return work(smtp.start_check(domain, None), NEVER)


def found(run: Run) -> dict[str, Any]:
    return run.trial or {}


def test_a_check_keeps_what_it_found_and_changes_nobody(domain: Domain, serve: Serve) -> None:
    factories.users(domain, factories.manual_user("ada"))
    before = roster.of_domain(domain.id)
    server = serve(knows(ADA))
    run = check(domain)
    assert (run.state, run.error) == (RunState.SUCCEEDED, "")
    assert (found(run)["finding"], found(run)["known"]) == ("known_only", ADA)
    [told] = found(run)["servers"]
    assert (told["finding"], told["port"], len(told["steps"])) == ("known_only", server.port, 8)
    assert server.asked[0] == ADA
    assert roster.of_domain(domain.id) == before


def test_each_step_stands_in_the_run_as_soon_as_it_is_done(app: Flask, domain: Domain, serve: Serve) -> None:
    seen: list[list[str]] = []

    def look() -> None:
        """As a page does while the server is asked."""
        with app.app_context():
            seen.append([step["step"] for step in found(now(run))["servers"][0]["steps"]])

    serve(knows(ADA, meanwhile=look))
    run = smtp.start_check(domain, None, ADA)
    work(run, NEVER)
    greeted = ["resolve", "connect", "banner", "ehlo", "tls", "mail"]
    assert seen == [greeted, [*greeted, "known"]]


def test_a_check_that_reaches_no_server_has_failed_and_says_why(domain: Domain) -> None:
    factories.delivery_server(domain, port=free_port())
    run = check(domain)
    assert run.state == RunState.FAILED
    assert "refused the connection" in run.error
    assert found(run)["finding"] == "unreachable"


def test_a_second_server_that_answers_is_enough(domain: Domain, serve: Serve) -> None:
    factories.delivery_server(domain, port=free_port(), priority=1)
    serve(Script(None))
    run = check(domain)
    assert run.state == RunState.SUCCEEDED
    assert [server["finding"] for server in found(run)["servers"]] == ["unreachable", "every_address"]
    assert found(run)["finding"] == "every_address"


def test_a_check_that_is_cancelled_stops_at_its_next_step(
    app: Flask, settings: Settings, domain: Domain, serve: Serve
) -> None:
    server = serve(knows(ADA))
    run = smtp.start_check(domain, None, ADA)
    assert runs.claim(run.id)
    assert runs.cancel(run.id)
    with pytest.raises(Cancelled):
        checks.execute(now(run), app.extensions["redis"], settings)
    assert server.connections == 0


def test_a_check_whose_servers_were_removed_says_so(domain: Domain) -> None:
    server = factories.delivery_server(domain)
    run = smtp.start_check(domain, None)
    smtp.remove(server)
    run = work(run, NEVER)
    assert (run.state, run.error) == (RunState.FAILED, "There is no mail server to check any more.")


def test_the_machine_itself_is_not_asked_unless_the_operator_allows_it(
    app: Flask, settings: Settings, domain: Domain, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(knows(ADA))
    monkeypatch.setitem(app.extensions, "settings", factories.changed(settings, allow_local_targets=False))
    run = check(domain)
    assert run.state == RunState.FAILED
    assert "ALLOW_LOCAL_TARGETS" in run.error
    assert server.connections == 0


def test_the_console_greets_with_its_own_name_if_it_has_a_full_one(settings: Settings, domain: Domain) -> None:
    row = factories.delivery_server(domain)
    urls = ("https://rollcall.example:8443", "http://localhost:8000", "http://10.0.0.1", "http://[fd12::1]")
    told = [checks.server_for(row, factories.changed(settings, base_url=url)).greeting for url in urls]
    assert told == ["rollcall.example", "", "", ""]


def test_a_run_that_was_done_is_not_done_again(domain: Domain, serve: Serve) -> None:
    server = serve(knows(ADA))
    run = check(domain)
    tasks.provision(run.id)
    assert server.connections == 1
