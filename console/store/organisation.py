"""What owners have set for everybody: whether two-step sign-in is required."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from console.core.errors import RefusedError
from console.models import Admin, EventKind, Organisation, db
from console.store import events, two_steps

NOT_YOURSELF = "Turn on two-step sign-in for your own account first: else you would be the first to be stopped by it."


def two_steps_required() -> bool:
    return bool(db.session.scalar(select(Organisation.two_steps_required)))


def require_two_steps(owner: Admin, required: bool) -> None:
    """Require two-step sign-in of everybody, or of nobody any more.

    Raises RefusedError for an owner without it.
    """
    if required and not two_steps.is_on(owner.id):
        raise RefusedError(NOT_YOURSELF)
    if required != two_steps_required():
        told = "Required two-step sign-in of everybody" if required else "Required two-step sign-in of nobody any more"
        events.note(EventKind.ACCOUNT_CHANGED, told)
    put = insert(Organisation).values(single=True, two_steps_required=required)
    db.session.execute(put.on_conflict_do_update(index_elements=["single"], set_={"two_steps_required": required}))
    db.session.commit()
