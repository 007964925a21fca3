"""What a person decided about a run, for the record."""

from console.models import EventKind, Run, db
from console.models.run import RunKind
from console.store import events


def note(run_id: int, kind: EventKind, *, done: bool) -> bool:
    """Put a decision on record, if it was still possible, and commit; whether it was."""
    if done:
        of_run(db.session.get_one(Run, run_id), kind)
    db.session.commit()
    return done


def of_run(run: Run, kind: EventKind) -> None:
    """The same in the caller's transaction."""
    about = f"sync of {run.source.label}" if run.source is not None and run.kind == RunKind.SYNC else run.title
    events.note(kind, f"{kind.capitalize()} run {run.id}: {about or run.kind}", domain=run.domain)
