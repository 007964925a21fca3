"""A source of the tests, and what a worker does with it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.core.person import Person, Reject, Snapshot
from console.models import Run, RunKind, Source, db
from console.secrets import Sealer
from console.settings import Settings
from console.store import runs
from jobs import tasks
from jobs.sources.source import Progress, Trial
from jobs.sources.source import Source as Adapter

LEAK = "the password that nobody may see"


@dataclass
class Fake:
    """Says who exists, or raises `error` in the middle; `meanwhile` is done while it reads.

    With a `mark` it has a watermark, and says what `changed`, and which keys are `gone`, when it is asked for changes.
    `asked` are the watermarks that it was asked for changes since, None for all.
    """

    people: Sequence[Person] = ()
    rejects: Sequence[Reject] = ()
    error: Exception | None = None
    meanwhile: Callable[[], object] = lambda: None
    mark: int | None = None
    changed: Sequence[Person] = ()
    gone: Collection[str] = ()
    asked: list[Mapping[str, Any] | None] = field(default_factory=list)

    def fetch(self, progress: Progress, since: Mapping[str, Any] | None = None) -> Snapshot:
        self.asked.append(since)
        progress("connecting")
        progress("reading", 0)
        self.meanwhile()
        if self.error is not None:
            raise self.error
        progress("reading", len(self.people))
        watermark = None if self.mark is None else {"mark": self.mark}
        if since is not None:
            return Snapshot(tuple(self.changed), changes=True, gone=frozenset(self.gone), watermark=watermark)
        return Snapshot(tuple(self.people), tuple(self.rejects), complete=True, watermark=watermark)

    def test(self, progress: Progress) -> Trial:
        read = self.fetch(progress)
        return Trial((("Host", "here"),), read.read, tuple(person.primary for person in read.people[:10]), ("Beware.",))


NEVER = Fake(error=AssertionError("nothing is to be read"))


def work(run: Run, fake: Fake) -> Run:
    """Work on a queued run as a worker does; the run as it stands then."""
    tasks.provision(run.id, lambda *_: fake)
    return now(run)


def sync(source: Source, fake: Fake, *, by_schedule: bool = False) -> Run:
    return work(runs.start(RunKind.SYNC, source.domain_id, source=source, by_schedule=by_schedule), fake)


def synced(source: Source, *people: Person) -> Run:
    """The first sync of a source, approved."""
    run = sync(source, Fake(people))
    assert runs.approve(run.id)
    return work(run, NEVER)


def now(run: Run) -> Run:
    found = runs.get(run.id)
    assert found is not None
    db.session.commit()
    return found


class Leaky:
    """An adapter with a fault of its own, in a frame that holds the password."""

    def __init__(self, password: str) -> None:
        self.password = password

    def fetch(self, progress: Progress, since: Mapping[str, Any] | None = None) -> Snapshot:  # noqa: ARG002  # It never comes to read.
        progress("reading")
        return Snapshot((), complete=bool(self._count()))

    def test(self, progress: Progress) -> Trial:
        progress("reading")
        return Trial((), self._count(), ())

    def _count(self) -> int:
        password = self.password
        return len(password) // 0


def leaky(source: Source, sealer: Sealer, _: Settings) -> Adapter:
    return Leaky(sealer.unseal(source.secret))


def provision_leaky(run_id: int) -> None:
    """A task for a worker, by its dotted name."""
    tasks.provision(run_id, leaky)
