"""Take a run back, as a person asked for it."""

from console import live
from console.core.errors import RefusedError
from console.models import Run, db
from console.store import runs, sources, undo
from jobs.garbage import uncollected
from jobs.interrupt import Cancelled
from jobs.pipeline import Progress


@uncollected()
def execute(run: Run, progress: Progress) -> None:
    """Take back what a claimed run is to undo, as one transaction. Raises StaleError, RefusedError and Cancelled, with
    the list unchanged."""
    run_id, undone = run.id, runs.get(run.undoes_id) if run.undoes_id else None
    if undone is None:
        raise RefusedError("The run that was to be taken back is no longer on record.")
    progress("comparing", 0, undo.size(undone))
    if not runs.applying(run_id):
        raise Cancelled
    live.tick(progress.redis, run_id, run.domain_id)
    try:
        counts = undo.write(run, undone, progress.beside)
        if run.source_id is not None:
            # What the source says was taken back is not what it says now, so the next read is in full.
            sources.mark(run.source_id, None, full=False)
        runs.succeed(run_id, counts=counts)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
