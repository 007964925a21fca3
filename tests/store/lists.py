"""What is on a list, for tests to compare, and two sessions at once."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import text

from console.core.person import Reject, User
from console.core.plan import Action, Plan, Step
from console.models import Domain, Run, db
from console.store import acts, roster, runs
from tests.factories import manual_user

T = TypeVar("T")

WAITING_PLAN = Plan(
    steps=(Step(Action.CREATE, None, manual_user(user_id=None)),),
    skips=(Reject("CN=\x00", "x", "It is no address."),),
    notes=(Reject("CN=2", "y", "It is of another domain."),),
    read=2,
    usable=1,
)


def act(domain: Domain, *steps: Step) -> Run:
    """Apply steps to a domain's list."""
    return acts.act(domain.id, None, "for a test", Plan(steps=steps, read=len(steps), usable=len(steps)))


def listed(domain: Domain) -> dict[str, User]:
    """A domain's list by local part of the primary address."""
    return {user.address.partition("@")[0]: user for user in roster.of_domain(domain.id)}


def versions() -> dict[str, set[tuple[Any, ...]]]:
    """Every row of the list with the transaction that wrote it: equal only if no row was written in between."""
    found = {}
    for table in ("users", "addresses", "user_counts"):
        rows = db.session.execute(text(f"select ctid::text, xmin::text, t.*::text from {table} t"))
        found[table] = {tuple(row) for row in rows}
    db.session.commit()
    return found


def together(app: Flask, *calls: Callable[[threading.Barrier], T]) -> Sequence[T | BaseException]:
    """Run calls at the same moment, each in a session of its own; what each returned or raised.

    Each gets a barrier at which it can wait for the others once more.
    """
    barrier = threading.Barrier(len(calls), timeout=10)

    def one(call: Callable[[threading.Barrier], T]) -> T | BaseException:
        with app.app_context():
            try:
                barrier.wait()
                return call(barrier)
            except Exception as error:
                return error
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def state(run_id: int) -> str:
    """The state of a run as the database has it."""
    run = runs.get(run_id)
    assert run is not None
    return run.state
