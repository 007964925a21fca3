"""Runs in every state that a run can have, as the store makes them."""

from sqlalchemy import select

from console.core.person import Kind, Reject
from console.core.plan import Action, Plan, Step
from console.models import Run, RunKind, Source, db
from console.store import runs
from console.store.apply import apply
from tests import factories

PLAN = Plan(
    steps=(
        Step(Action.CREATE, None, factories.user("ada", None, first_name="Ada", aliases=["a"]), "CN=Ada,DC=x"),
        Step(Action.CREATE, None, factories.user("office", None, kind=Kind.SHARED)),
    ),
    skips=(Reject("CN=Bob,OU=Old,DC=x", "bob@elsewhere.example", "It has no address in brightfield.example."),),
    notes=(Reject("", "Active Dir. · HQ", "Nobody is removed while Branch cannot be read."),),
    unchanged=1200,
    read=1203,
    usable=1202,
)
TRIAL = {
    "facts": [["Server", "dc1.brightfield.example"], ["Signed in as", "cn=reader"]],
    "found": 1203,
    "samples": ["ada@brightfield.example", "ada@xn--bcher-kva.example"],
    "warnings": ["The server offers no paging."],
}


def queued(source: Source, kind: RunKind = RunKind.SYNC) -> Run:
    return factories.run(source.domain, kind, source)


def running(source: Source, kind: RunKind = RunKind.SYNC) -> Run:
    run = queued(source, kind)
    runs.claim(run.id)
    runs.progress(run.id, "reading", 500, 1203)
    return run


def waiting(source: Source) -> Run:
    run = running(source)
    runs.wait(run.id, PLAN, ["It is the first run of this source: look at what it would do before it does it."])
    return run


def applying(source: Source) -> Run:
    run = running(source)
    runs.applying(run.id)
    return run


def done(source: Source, plan: Plan = PLAN) -> Run:
    run = applying(source)
    apply(run.id, run.domain_id, plan)
    runs.remark(run.id, plan)
    runs.succeed(run.id, counts=plan.counts)
    db.session.commit()
    return run


def previewed(source: Source, plan: Plan = PLAN) -> Run:
    run = running(source, RunKind.PREVIEW)
    runs.keep(run.id, plan)
    runs.succeed(run.id, counts=plan.counts, waits_because=["It is the first run of this source."])
    db.session.commit()
    return run


def tried(source: Source) -> Run:
    run = running(source, RunKind.TEST)
    runs.succeed(run.id, trial=TRIAL, counts={"read": 1203})
    db.session.commit()
    return run


def failed(source: Source) -> Run:
    run = running(source)
    runs.fail(run.id, "The server refused the password.", "data 52e, v4563 <b>")
    return run


def interrupted(source: Source) -> Run:
    run = running(source)
    runs.interrupt(run.id, runs.INTERRUPTED)
    return run


def cancelled(source: Source) -> Run:
    run = queued(source)
    runs.cancel(run.id)
    return run


def discarded(source: Source) -> Run:
    run = waiting(source)
    runs.discard(run.id)
    return run


def newest() -> Run:
    run = db.session.scalars(select(Run).order_by(Run.id.desc())).first()
    assert run is not None
    return run
