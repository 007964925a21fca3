"""Imports of files, worked on as a worker does."""

from typing import Any

from console.models import Domain, Run, RunState
from console.store import runs, uploads
from jobs import tasks
from tests.jobs.fake import now


def begin(domain: Domain, content: str | bytes, **values: Any) -> Run:
    """A queued import into the default group."""
    raw = content.encode() if isinstance(content, str) else content
    return uploads.start(domain, None, name="users.csv", content=raw, group_id=domain.groups[0].id, **values)


def work(run: Run) -> Run:
    tasks.provision(run.id)
    return now(run)


def verified(domain: Domain, content: str | bytes, **values: Any) -> Run:
    return work(begin(domain, content, **values))


def approved(run: Run) -> Run:
    assert runs.approve(run.id)
    return work(run)


def imported(domain: Domain, content: str | bytes, **values: Any) -> Run:
    run = approved(verified(domain, content, **values))
    assert run.state == RunState.SUCCEEDED, run.error
    return run
