"""`make demo` and `make run`, as processes: what a newcomer does first."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.newcomer import Newcomer
from tests.processes import ROOT, until
from tests.servers.ports import free_port

START_SECONDS = 60
END_SECONDS = 45


class Runner:
    """`python -m tests.demo` as a process, and what the box at the end of its start says."""

    def __init__(self, state: Path, *arguments: str, port: int | None = None) -> None:
        self.state = state
        self.log = state.parent / f"told-{time.monotonic_ns()}.txt"
        # A server of the machine's own, or an account's wish, is not what these tests are about.
        plain = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        with self.log.open("w") as out:
            self.process = psutil.Popen(
                [sys.executable, "-m", "tests.demo", "--state", str(state), *arguments],
                cwd=ROOT,
                env={**plain, "PORT": str(port or free_port())},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )

    @property
    def told(self) -> str:
        return self.log.read_text()

    def fact(self, label: str) -> str:
        found = re.search(rf"^\| {label} +(\S.*?) +\|$", self.told, re.MULTILINE)
        assert found, f"the box has no {label}: {self.told}"
        return found[1]

    def started(self) -> "Runner":
        until(lambda: "| Stop " in self.told or self.process.poll() is not None, "it has started", START_SECONDS)
        assert self.process.poll() is None, self.told
        return self

    def end(self) -> int:
        """Stop it as a process manager would; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return int(self.process.wait(END_SECONDS))

    def flask(self, *arguments: str) -> str:
        """What a command answers that is given the environment that the runner wrote down."""
        command = [sys.executable, "-m", "flask", "--env-file", str(self.state / "env"), *arguments]
        return subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=True, timeout=60).stdout


def signed_in(runner: Runner, password: str | None = None) -> Newcomer:
    """A visitor who opened the address, was asked to sign in, and did."""
    visitor = Newcomer()
    visitor.open(runner.fact("Address"))
    assert "<h1>Sign in</h1>" in visitor.text
    visitor.send(email=runner.fact("E-mail"), password=password or runner.fact("Password"))
    return visitor


def _commands(process: psutil.Process, but: psutil.Process) -> list[str]:
    """What its children run, except for one of them."""
    return [" ".join(child.cmdline()) for child in process.children() if child != but]


def _alive(family: list[psutil.Process]) -> list[psutil.Process]:
    return [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, needs_slapd: None) -> Iterator[Runner]:
    """The demo, started once for the tests that look at it, and for the last one, which stops it."""
    runner = Runner(tmp_path_factory.mktemp("demo") / "state", "--sample")
    yield runner.started()
    runner.end()


def test_a_newcomer_signs_in_and_sees_users_that_came_from_the_directory(demo: Runner) -> None:
    visitor = signed_in(demo)
    assert visitor.url == demo.fact("Address")
    assert "<h1>Users</h1>" in visitor.text
    assert visitor.text.count("Active Dir. · HQ</td>") > 40
    assert "aarav.chatterjee@brightfield.example" in visitor.text


def test_the_first_pages_are_full_and_alive(demo: Runner) -> None:
    visitor = signed_in(demo)
    users = demo.fact("Address")
    assert "aoife.ferrari@brightfield.example" in visitor.open(f"{users}?q=ferrari")
    assert "matteo.ferrari@brightfield.example" in visitor.text
    assert "ayse.kilic@brightfield.example" in visitor.open(f"{users}?status=missing")
    assert "Workshop" in visitor.open(users)
    sync = visitor.open(users.replace("/users", "/sync"))
    assert "in step" in sync
    newest = max(map(int, re.findall(r'"/runs/(\d+)"', sync)))
    report = visitor.open(users.replace("/domains/brightfield.example/users", f"/runs/{newest}"))
    assert "Done: 1 created, 1 updated, 1 missing." in report
    assert "reception@brightfield.example is held by" in report


def test_commands_work_on_the_running_demo(demo: Runner) -> None:
    assert "brightfield.example" in demo.flask("domains", "list")
    assert '"state": "succeeded"' in demo.flask("sources", "sync", "1", "--json")


def test_the_other_half_of_the_company_comes_from_a_tenant_that_really_syncs(demo: Runner) -> None:
    visitor = signed_in(demo)
    users = visitor.open(demo.fact("Address").replace("brightfield", "lakeside"))
    assert "adele.abbas@lakeside.example" in users
    assert "Office 365 · Lakeside" in users
    synced = json.loads(demo.flask("sources", "sync", "2", "--json"))
    assert (synced["state"], synced["summary"]["unchanged"]) == ("succeeded", 250)
    form = demo.fact("Address").replace("brightfield", "lakeside").replace("/users", "/sources/new/office-365")
    assert "/domains/lakeside.example/sources/connect" in visitor.open(form)


def test_a_second_start_in_the_same_folder_is_refused(demo: Runner) -> None:
    second = Runner(demo.state, "--sample")
    assert second.process.wait(30) == 1
    assert second.told == f"Rollcall runs from {demo.state} already, as process {demo.process.pid}. Stop it first.\n"


def test_a_process_that_is_killed_is_started_again(demo: Runner) -> None:
    [worker] = [child for child in demo.process.children() if "jobs.worker" in child.cmdline()]
    worker.kill()
    until(lambda: "jobs.worker" in " ".join(_commands(demo.process, but=worker)), "there is another worker")
    assert "worker ended with status -9 and is started again." in demo.told


def test_without_the_sample_it_is_empty_and_its_owner_is_who_was_named(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "state", "--owner", "Jane@company.example").started()
    try:
        assert runner.fact("E-mail") == "jane@company.example"
        assert runner.fact("Next") == "sign in, and four steps lead through the rest"
        assert "Step 1 of 4" in signed_in(runner).text
        migrating = [sys.executable, "-m", "tests.demo", "--migrate", "--state", str(runner.state)]
        assert subprocess.run(migrating, cwd=ROOT, check=True, capture_output=True, timeout=60).stderr == b""
    finally:
        assert runner.end() == 0


def test_one_that_is_stopped_before_it_is_up_leaves_nothing(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "state", "--sample")
    until((tmp_path / "state" / "postgres" / "data").exists, "the database is being made", START_SECONDS)
    family = runner.process.children(recursive=True)
    assert runner.end() == 0
    assert "| Stop " not in runner.told
    assert _alive(family) == []


def test_a_port_in_use_is_a_sentence(demo: Runner, tmp_path: Path) -> None:
    port = int(demo.fact("Address").split(":")[2].partition("/")[0])
    runner = Runner(tmp_path / "state", port=port)
    assert runner.process.wait(30) == 1
    assert f"Port {port} is in use by another program." in runner.told
    assert not (runner.state / "postgres").exists(), "servers were started in vain"


def test_it_stops_with_everything_and_later_goes_on_where_it_was(demo: Runner) -> None:
    demo.flask("users", "add", "brightfield.example", "kept")
    old = demo.fact("Password")
    family = demo.process.children(recursive=True)
    assert len(family) > 6
    assert demo.end() == 0
    assert demo.told.endswith("Everything is stopped.\n")
    assert _alive(family) == []

    again = Runner(demo.state, "--sample").started()
    try:
        assert "kept@brightfield.example" in again.flask("users", "list", "brightfield.example")
        assert '"unchanged": ' in again.flask("sources", "sync", "1", "--json")
        with pytest.raises(urllib.error.HTTPError, match="422"):
            signed_in(again, old)
        assert "<h1>Users</h1>" in signed_in(again).text
    finally:
        assert again.end() == 0
