"""Take a run back in one transaction, with a few thousand users at a time in memory, however many it changed."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from sqlalchemy import ColumnElement, func, not_, select

from console.core.person import Reject
from console.core.plan import Plan, Step
from console.core.undo import Undo
from console.models import Change, Run, db
from console.store import apply, discovered, groups, records, roster, runs, sources

CHUNK = 2_000


def size(undone: Run) -> int:
    """How many steps of a run there are to go through."""
    return db.session.scalar(select(func.count()).where(Change.run_id == undone.id)) or 0


def write(run: Run, undone: Run, told: Callable[[str, int], None]) -> dict[str, int]:
    """Take a run back, in the caller's transaction, and tell the counts of that; what stays is remarked on.

    `told` hears the stage, "comparing" or "applying", and how many steps were gone through in it. The list is held from
    the first look at it to the end. Raises StaleError, with nothing written, when a group that users were in is gone.
    """
    domain_id, undo = run.domain_id, Undo()
    name = apply.lock(domain_id)
    groups.bring_back(undone)
    counts: Counter[str] = Counter()
    for part, gone_through in _parts(undone.id):
        counts.update(_left(run.id, undo.hear(part, roster.around(part), _gone(part))))
        told("comparing", gone_through)
    counts.update(_left(run.id, undo.settle()))
    for part, gone_through in _in_order(undone.id, undo.together):
        steps = undo.back(part)
        apply.put(run.id, domain_id, name, steps)
        plan = Plan(steps=steps, read=len(steps))
        discovered.taken_back(domain_id, plan)
        counts.update(plan.counts)
        told("applying", gone_through)
    if counts["read"] > counts["skipped"]:
        apply.renew(domain_id)
    return {**Plan().counts, **counts}


def _left(run_id: int, skips: Iterator[Reject]) -> dict[str, int]:
    """Remark on steps that stay, and count them."""
    listed = tuple(skips)
    plan = Plan(skips=listed, read=len(listed))
    runs.remark(run_id, plan)
    return plan.counts


def _gone(steps: Sequence[Step]) -> set[int]:
    """The sources that users of these steps had, and that are no longer there."""
    named = {step.before.source_id for step in steps if step.before is not None}
    return sources.gone({source_id for source_id in named if source_id is not None})


def _in_order(run_id: int, together: frozenset[int]) -> Iterator[tuple[Sequence[Step], int]]:
    """The steps of a run as `_parts` gives them, but first those of the users whose steps belong together."""
    if not together:
        yield from _parts(run_id)
        return
    first = Change.user_id == func.any(sorted(together))
    part = list(records.steps(run_id, first))
    yield part, len(part)
    for rest, gone_through in _parts(run_id, not_(first)):
        yield rest, len(part) + gone_through


def _parts(run_id: int, *where: ColumnElement[bool]) -> Iterator[tuple[Sequence[Step], int]]:
    """The steps of a run in their order, some at a time, each with how many there were up to its end."""
    steps, count = records.steps(run_id, *where), 0
    while part := list(islice(steps, CHUNK)):
        count += len(part)
        yield part, count
