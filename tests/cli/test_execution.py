"""How a command works on a run: here or through a worker, shown while it goes on, whatever else is there or is not."""

import signal
import subprocess
from collections.abc import Callable

import pytest
from flask import Flask
from redis import Redis

from console import connect, queue
from console.cli.execution import STOPPED, stage_line
from console.models import Domain, Run, RunKind, RunState, Source
from console.store import runs
from tests import factories
from tests.cli.command_line import CommandLine
from tests.cli.conftest import Process
from tests.servers.ldap_script import Misbehaviour, Script, ScriptedLdap
from tests.servers.people import SUFFIX
from tests.servers.ports import free_port

PEOPLE = [(f"cn=u{n},{SUFFIX}", {"mail": [b"u%d@example.test" % n]}) for n in range(40)]
Scripted = Callable[[Script], ScriptedLdap]


def source_of(server: ScriptedLdap, **more: object) -> Source:
    """A source that reads a scripted directory in pages of ten."""
    settings = {"port": server.port, "search_base": SUFFIX, "page_size": 10, **more}
    return factories.source(factories.domain("example.test"), settings=settings)


@pytest.fixture
def no_redis(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis address at which nothing listens."""
    monkeypatch.setitem(app.extensions, "redis", connect(f"redis://127.0.0.1:{free_port()}/0"))


def state(run_id: int) -> str:
    run = runs.get(run_id)
    assert run is not None
    return run.state


def test_progress_goes_to_standard_error_while_the_run_goes_on(flask: CommandLine, scripted: Scripted) -> None:
    source = source_of(scripted(Script(entries=PEOPLE, delay=0.4)))
    result = flask("sources", "sync", source.id, "--json", status=3)
    seen = result.stderr.splitlines()
    assert any(line.startswith("Run 1: reading ") for line in seen)
    assert "Run 1: signing in" in seen


def test_quiet_shows_no_progress(flask: CommandLine, scripted: Scripted) -> None:
    source = source_of(scripted(Script(entries=PEOPLE, delay=0.2)))
    assert "reading" not in flask("sources", "preview", source.id, "--quiet").stderr


@pytest.mark.parametrize(
    ("stage", "done", "total", "line"),
    [
        ("reading", 1500, 5200, "reading 1,500 of about 5,200"),
        ("reading", 6000, 5200, "reading 6,000"),
        ("reading", 0, None, "reading"),
        ("binding", 0, None, "signing in"),
        ("comparing", 40, 40, "comparing"),
    ],
)
def test_a_line_tells_the_stage_and_the_count(stage: str, done: int, total: int | None, line: str) -> None:
    assert stage_line(Run(stage=stage, done=done, total=total)) == line


@pytest.mark.usefixtures("no_redis")
def test_a_run_in_this_process_needs_no_redis(flask: CommandLine, scripted: Scripted) -> None:
    source = source_of(scripted(Script(entries=PEOPLE)))
    result = flask("sources", "sync", source.id, "--approve")
    assert "created 40" in result.stdout
    assert "tick" not in result.stderr


def test_with_queue_the_run_is_left_to_a_worker(flask: CommandLine, redis: Redis, domain: Domain) -> None:
    source = factories.source(domain)
    told = flask.json("sources", "sync", source.id, "--queue")
    assert (told["state"], told["error"]) == ("queued", None)
    assert [job.args for job in queue.queue(redis).jobs] == [(told["id"],)]


@pytest.mark.usefixtures("no_redis")
def test_with_queue_and_without_redis_it_fails_and_the_run_stays_queued(flask: CommandLine, domain: Domain) -> None:
    source = factories.source(domain)
    told = flask.json("sources", "sync", source.id, "--queue", status=1)
    assert told["state"] == "queued"
    assert "Redis does not answer" in told["error"]


def test_approve_and_queue_do_not_go_together(flask: CommandLine, domain: Domain) -> None:
    flask("sources", "sync", factories.source(domain).id, "--approve", "--queue", status=2)
    assert flask.json("runs", "list") == []


def test_a_run_that_no_worker_took_up_is_done_here(flask: CommandLine, scripted: Scripted) -> None:
    source = source_of(scripted(Script(entries=PEOPLE)))
    queued = flask.json("sources", "sync", source.id, "--queue")["id"]
    result = flask.json("sources", "sync", source.id, status=3)
    assert (result["id"], result["state"]) == (queued, "needs_approval")


def test_a_run_whose_process_died_is_swept_and_the_source_is_free(flask: CommandLine, scripted: Scripted) -> None:
    source = source_of(scripted(Script(entries=PEOPLE)))
    dead = factories.run(source.domain, RunKind.SYNC, source).id
    assert runs.claim(dead)
    assert flask.json("sources", "sync", source.id, "--approve")["state"] == "succeeded"
    assert state(dead) == RunState.INTERRUPTED


def test_a_run_that_another_process_works_on_is_in_the_way(flask: CommandLine, domain: Domain) -> None:
    source = factories.source(domain)
    busy = factories.run(domain, RunKind.SYNC, source).id
    with runs.held(busy):
        assert runs.claim(busy)
        assert f"busy with run {busy}" in flask("sources", "sync", source.id, status=1).stderr


def test_a_run_that_waits_for_approval_is_in_the_way_of_an_undo(flask: CommandLine, scripted: Scripted) -> None:
    source = source_of(scripted(Script(entries=PEOPLE)))
    done = flask.json("sources", "sync", source.id, "--approve")["id"]
    factories.run(source.domain, RunKind.SYNC, source)
    assert "busy" in flask("runs", "undo", done, status=1).stderr


def test_control_c_leaves_a_run_that_is_plainly_interrupted(process: Process, app: Flask, scripted: Scripted) -> None:
    source = source_of(scripted(Script(entries=PEOPLE, on_page={3: Misbehaviour.HANG})))
    child = process("sources", "sync", str(source.id))
    assert child.stderr is not None
    for line in child.stderr:
        if ": reading" in line:
            break
    child.send_signal(signal.SIGINT)
    try:
        status = child.wait(15)
    except subprocess.TimeoutExpired:
        # It came in the instant in which Python went into a system call, and is heard when that returns: as a person
        # does who sees the command go on, once more.
        child.send_signal(signal.SIGINT)
        status = child.wait(15)
    assert status == 1
    assert "Aborted" in child.stderr.read()
    run = runs.get(1)
    assert run is not None
    assert (run.state, run.error) == (RunState.INTERRUPTED, STOPPED)
