"""`make demo` and `make run`, as processes: what a newcomer does first."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.e2e.visitor import Visitor
from tests.servers.ports import free_port
from tests.servers.slapd import slapd_available

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60
END_SECONDS = 45

pytestmark = pytest.mark.e2e


class Runner:
    """`python -m tests.demo` as a process, and what the box at the end of its start says."""

    def __init__(self, state: Path, *arguments: str, port: int | None = None) -> None:
        self.state = state
        self.log = state.with_suffix(".txt")
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
        wait_until(lambda: "| Stop " in self.told or self.process.poll() is not None, START_SECONDS)
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


def wait_until(true: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def signed_in(runner: Runner, password: str | None = None) -> Visitor:
    """A visitor who opened the address, was asked to sign in, and did."""
    visitor = Visitor()
    visitor.open(runner.fact("Address"))
    assert "<h1>Sign in</h1>" in visitor.text
    visitor.send(email=runner.fact("E-mail"), password=password or runner.fact("Password"))
    return visitor


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """The demo, started once for the tests that only look at it."""
    if not slapd_available():
        pytest.skip("slapd is not installed")
    runner = Runner(tmp_path_factory.mktemp("demo") / "state", "--sample")
    yield runner.started()
    runner.end()


def test_a_newcomer_signs_in_and_sees_users_that_came_from_the_directory(demo: Runner) -> None:
    visitor = signed_in(demo)
    assert visitor.url == demo.fact("Address")
    assert "<h1>Users</h1>" in visitor.text
    assert visitor.text.count("Active Dir. · HQ</td>") > 40
    assert "adunni.achebe@brightfield.example" in visitor.text


def test_the_first_pages_are_full_and_alive(demo: Runner) -> None:
    visitor = signed_in(demo)
    users = demo.fact("Address")
    assert "aoife.ferrari@brightfield.example" in visitor.open(f"{users}?q=ferrari")
    assert "matteo.ferrari@brightfield.example" in visitor.text
    assert "ayse.kilic@brightfield.example" in visitor.open(f"{users}?status=missing")
    assert "Workshop" in visitor.open(users)
    sync = visitor.open(users.replace("/users", "/sync"))
    assert "in step" in sync
    report = re.findall(r"/runs/(\d+)", sync)
    assert "reception@brightfield.example is held by" in visitor.open(users.replace("/domains/brightfield.example/users", f"/runs/{max(map(int, report))}"))


def test_commands_work_on_the_running_demo(demo: Runner) -> None:
    assert "brightfield.example" in demo.flask("domains", "list")
    assert '"state": "succeeded"' in demo.flask("sources", "sync", "1", "--json")


def test_a_second_start_in_the_same_folder_is_refused(demo: Runner) -> None:
    second = Runner(demo.state, "--sample")
    # Both write to the one file beside the folder, so only the exit status tells them apart.
    assert second.process.wait(30) == 1


def test_a_process_that_is_killed_is_started_again(demo: Runner) -> None:
    [worker] = [child for child in demo.process.children() if "jobs.worker" in child.cmdline()]
    worker.kill()
    wait_until(
        lambda: [c for c in demo.process.children() if c.pid != worker.pid and "jobs.worker" in c.cmdline()], 10
    )
    assert "worker ended with status -9 and is started again." in demo.told


def test_it_stops_with_everything_and_later_goes_on_where_it_was(tmp_path: Path) -> None:
    if not slapd_available():
        pytest.skip("slapd is not installed")
    first = Runner(tmp_path / "state", "--sample").started()
    first.flask("users", "add", "brightfield.example", "kept")
    old = first.fact("Password")
    family = first.process.children(recursive=True)
    assert len(family) > 6
    assert first.end() == 0
    assert first.told.endswith("Everything is stopped.\n")
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []

    again = Runner(tmp_path / "state", "--sample").started()
    try:
        assert "kept@brightfield.example" in again.flask("users", "list", "brightfield.example")
        assert '"unchanged": ' in again.flask("sources", "sync", "1", "--json")
        with pytest.raises(urllib.error.HTTPError, match="422"):
            signed_in(again, old)
        assert "<h1>Users</h1>" in signed_in(again).text
    finally:
        assert again.end() == 0


def test_without_the_sample_it_is_empty_and_its_owner_is_who_was_named(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "state", "--owner", "Jane@company.example").started()
    try:
        assert runner.fact("E-mail") == "jane@company.example"
        assert "No domain yet" in signed_in(runner).text
    finally:
        assert runner.end() == 0


def test_one_that_is_stopped_before_it_is_up_leaves_nothing(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "state", "--sample")
    wait_until(lambda: (tmp_path / "state" / "postgres" / "data").exists(), START_SECONDS)
    family = runner.process.children(recursive=True)
    assert runner.end() == 0
    assert "| Stop " not in runner.told
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


def test_a_port_in_use_is_a_sentence(demo: Runner, tmp_path: Path) -> None:
    port = int(demo.fact("Address").split(":")[2].partition("/")[0])
    runner = Runner(tmp_path / "state", port=port)
    assert runner.process.wait(30) == 1
    assert f"Port {port} is in use by another program." in runner.told
