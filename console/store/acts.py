"""What a person, or arriving mail, does to the list: a run of one step or a few, applied at once."""

from collections.abc import Callable

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
    kind: RunKind = RunKind.MANUAL,
    source_id: int | None = None,
    also: Callable[[Run], object] = lambda _: None,
) -> Run:
    """Apply a plan and commit it together with its record, and with what else is to be done: `also` gets the run.

    With `source_id` it counts as the source's one open run while it lasts. Raises StaleError, with nothing changed,
    when the list is no longer as the plan found it, and IntegrityError when the source has an open run.
    """
    run = Run(
        kind=kind.value,
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
        also(run)
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    return run
