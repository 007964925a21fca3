"""What a person does to the list on a page or a command line: a run of one step or a few, applied at once."""

from sqlalchemy.exc import SQLAlchemyError

from console.core.errors import StaleError
from console.core.plan import Plan
from console.models import Admin, Run, RunKind, RunState, db, now
from console.store import runs
from console.store.apply import apply


def act(domain_id: int, admin: Admin | None, title: str, plan: Plan) -> Run:
    """Apply a plan by a person's word and commit it together with its record.

    Raises StaleError, with nothing changed, when the list is no longer as the plan found it.
    """
    at = now()
    run = Run(
        kind=RunKind.MANUAL.value,
        domain_id=domain_id,
        admin_id=admin.id if admin else None,
        title=title,
        state=RunState.APPLYING.value,
        started_at=at,
    )
    try:
        db.session.add(run)
        db.session.flush()
        apply(run.id, domain_id, plan)
        runs.remark(run.id, plan)
        runs.succeed(run.id, counts=plan.counts)
        db.session.commit()
    except (StaleError, SQLAlchemyError):
        db.session.rollback()
        raise
    return run
