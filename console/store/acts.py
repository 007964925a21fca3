"""What a person does to the list on a page or a command line: a run of one step or a few, applied at once."""

from sqlalchemy import Executable

from console.core.plan import Plan
from console.models import Admin, Run, RunKind, RunState, db, now
from console.store import runs
from console.store.apply import apply


def act(
    domain_id: int,
    admin: Admin | None,
    title: str,
    plan: Plan,
    *,
    source_id: int | None = None,
    also: Executable | None = None,
) -> Run:
    """Apply a plan by a person's word and commit it together with its record, and with what else is to be done.

    With `source_id` it counts as the source's one open run while it lasts. Raises StaleError, with nothing changed,
    when the list is no longer as the plan found it, and IntegrityError when the source has an open run.
    """
    run = Run(
        kind=RunKind.MANUAL.value,
        domain_id=domain_id,
        source_id=source_id,
        admin_id=admin.id if admin else None,
        title=title,
        state=RunState.APPLYING.value,
        started_at=now(),
    )
    try:
        db.session.add(run)
        db.session.flush()
        apply(run.id, domain_id, plan)
        runs.remark(run.id, plan)
        runs.succeed(run.id, counts=plan.counts)
        if also is not None:
            db.session.execute(also)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return run
