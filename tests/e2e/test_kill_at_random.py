"""Workers that are killed at random moments of a sync of ten thousand users."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from console.models import Run
from console.settings import Settings
from tests import databases
from tests.e2e import runs
from tests.e2e.crowd import Crowd, gathered
from tests.processes import Program, until
from tests.servers.pki import Pki
from tests.servers.postgres import Postgres

SEED = int(os.environ.get("STORM_SEED") or random.SystemRandom().randrange(1_000_000))
"""Of the moments; a failure names it, and the variable brings it back."""

VICTIMS = ["run"] * 7 + ["worker and run"] * 2 + ["worker"]
"""Which process is killed in each round: the forked one that has the run, its parent, or both as by a power cut."""


@pytest.fixture(scope="module")
def crowd(
    *,
    needs_slapd: None,
    template: str,
    postgres: Postgres,
    settings: Settings,
    pki: Pki,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Crowd]:
    folder = tmp_path_factory.mktemp("crowd")
    with databases.copy_of(template, postgres, settings) as own, gathered(own, pki, folder) as crowd:
        yield crowd


@contextmanager
def named(*what: object) -> Iterator[None]:
    """An error in the body tells at which moment of which seed it came."""
    try:
        yield
    except Exception as error:
        error.add_note(f"STORM_SEED={SEED}: {' '.join(map(str, what))}")
        raise


def seconds(run: Run) -> float:
    assert run.started_at is not None
    assert run.ended_at is not None
    return (run.ended_at - run.started_at).total_seconds()


def kill(worker: Program, victim: str) -> None:
    """End processes without warning. Those that have ended already, since the run had, are let be."""
    if victim == "worker and run":
        worker.kill()
    for pid in worker.forked() if victim == "run" else [worker.pid] if victim == "worker" else []:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.mark.timeout(400)
def test_the_list_is_entirely_as_before_or_after_wherever_a_sync_is_killed(crowd: Crowd) -> None:
    chance = random.Random(SEED)
    moments = [(number + chance.random()) / len(VICTIMS) for number in range(len(VICTIMS))]
    chance.shuffle(moments)
    [worker] = crowd.deployment.programs
    crowd.turn()
    length = seconds(crowd.sync())
    ends = []
    for moment, victim in zip(moments, VICTIMS, strict=True):
        before = crowd.turn()
        run_id = runs.start(crowd.source)
        until(lambda: runs.now(run_id).state != "queued", "the run has begun")  # noqa: B023
        time.sleep(moment * length)
        stage = runs.now(run_id).stage
        kill(worker, victim)
        with named(victim, "killed at", f"{moment:.3f} of {length:.2f} seconds,", stage or "after the end"):
            if victim != "run":
                worker = crowd.deployment.worker()
            run = crowd.ended(run_id)
            crowd.assert_true(run, before)
            length = seconds(crowd.assert_next_finishes(run)) if run.state == "interrupted" else length
        ends.append(run.state)
    assert ends.count("interrupted") >= 3, f"the moments came too late: {ends}"
