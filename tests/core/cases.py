"""Plans of a few entries and users, for examples."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from console.core.person import Person, Status, User
from console.core.plan import Plan, Step
from console.core.reconcile import reconcile
from tests.core.worlds import applied
from tests.factories import NOW, rules, snapshot, user


def plan(people: Sequence[Person], users: Sequence[User] = (), *, complete: bool = True, **said: object) -> Plan:
    """What comes of these entries on that list; it can be applied, whatever it is."""
    made = reconcile(snapshot(*people, complete=complete), users, rules(**said))
    applied(made, users)
    return made


def only(made: Plan) -> Step:
    """The one step of a plan that has nothing else in it."""
    (step,) = made.steps
    return step


def missing(local: str = "ada", user_id: int = 1, days: int = 1, **values: object) -> User:
    since = NOW - dt.timedelta(days=days)
    gone = {"status": Status.MISSING, "reason": "No longer in Active Dir. · HQ.", "missing_since": since}
    return user(local, user_id, **gone, **values)


def disabled(local: str = "ada", user_id: int = 1, **values: object) -> User:
    return replace(missing(local, user_id, days=9, **values), status=Status.DISABLED)
