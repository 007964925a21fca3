"""A change of more users than a page waits for, as a person asked for it."""

from functools import partial

from console import live
from console.models import Run, db
from console.store import bulk, groups, runs
from jobs.garbage import uncollected
from jobs.interrupt import Cancelled
from jobs.pipeline import Progress


@uncollected()
def execute(run: Run, progress: Progress) -> None:
    """Change what a claimed run has selected, as one transaction. Raises StaleError, RefusedError and Cancelled, with
    the list unchanged."""
    run_id = run.id
    if not runs.applying(run_id):
        raise Cancelled
    live.tick(progress.redis, run_id, run.domain_id)
    try:
        counts = bulk.write(run, partial(progress.beside, "applying"))
        groups.finish(run)
        runs.succeed(run_id, counts=counts, title=bulk.title(run))
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
