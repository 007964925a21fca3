"""A source of the tests, and what a worker does with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    """Says who exists, or raises `error` in the middle; `meanwhile` is done while it reads."""

    people: Sequence[Person] = ()
    rejects: Sequence[Reject] = ()
    error: Exception | None = None
    meanwhile: Callable[[], object] = lambda: None

    def fetch(self, progress: Progress) -> Snapshot:
        progress("connecting")
        progress("reading", 0)
        self.meanwhile()
        if self.error is not None:
            raise self.error
        progress("reading", len(self.people))
        return Snapshot(tuple(self.people), tuple(self.rejects), complete=True)

    def test(self, progress: Progress) -> Trial:
        read = self.fetch(progress)
        return Trial((("Host", "here"),), read.read, tuple(person.primary for person in read.people[:10]), ("Beware.",))


NEVER = Fake(error=AssertionError("nothing is to be read"))


def work(run: Run, fake: Fake) -> Run:
    """Work on a queued run as a worker does; the run as it stands then."""
    tasks.provision(run.id, lambda *_: fake)
    return now(run)


def sync(source: Source, fake: Fake) -> Run:
    return work(runs.start(RunKind.SYNC, source.domain_id, source=source), fake)


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

    def fetch(self, progress: Progress) -> Snapshot:
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
