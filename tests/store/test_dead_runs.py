"""A run whose process died is told from one that is slow."""

import sys
from pathlib import Path

from console.models import Domain, RunState
from console.settings import Settings
from console.store import runs
from tests.processes import Program, environment, until
from tests.store.lists import state

HOLDER = """
import sys, time
from console import create_app
from console.settings import Settings
from console.store import runs
with create_app(Settings.from_env()).app_context(), runs.held(int(sys.argv[1])) as mine:
    print("held" if mine else "not held", flush=True)
    time.sleep(60)
"""


def test_a_run_is_held_by_one_process(queued: int) -> None:
    with runs.held(queued) as mine, runs.held(queued) as theirs:
        assert mine
        assert not theirs
    with runs.held(queued) as again:
        assert again


def test_a_run_whose_process_lives_is_not_swept(running: int) -> None:
    with runs.held(running):
        assert runs.sweep() == []
    assert state(running) == RunState.RUNNING


def test_a_run_whose_process_was_killed_is_swept(
    running: int, domain: Domain, settings: Settings, tmp_path: Path
) -> None:
    program = Program("holder", [sys.executable, "-c", HOLDER, str(running)], environment(settings), tmp_path / "log")
    try:
        until(lambda: "held\n" in program.said, "the process holds the run")
        assert program.said == "held\n"
        assert runs.sweep() == []
    finally:
        program.kill()
    assert until(runs.sweep, "the run is swept") == [(running, domain.id)]
    run = runs.get(running)
    assert run is not None
    assert (run.state, run.error) == (RunState.INTERRUPTED, runs.INTERRUPTED)


def test_runs_that_wait_or_have_ended_are_not_swept(waiting: int) -> None:
    assert runs.sweep() == []
    assert state(waiting) == RunState.NEEDS_APPROVAL
