"""Domains in which Address Discovery has done everything once, for the pages that show it."""

import datetime as dt
from dataclasses import dataclass

from console.core.discovery import Ended, SightingState
from console.core.person import Kind, Origin, Reject
from console.core.plan import Action, Plan, Step
from console.models import Domain, Run, RunKind, db, now
from console.store import discovered, recipients, runs, smtp
from tests import factories
from tests.web.sighted import ended, sighted, switched_on

LONG = "a-subsidiary-with-a-remarkably-long-name.brightfield-group.example"
ACCEPTING = "accepts-everybody.example"
LOCAL = "somebody.with.a.remarkably.long.name.that.goes.on.and.on"


@dataclass(frozen=True)
class Discovered:
    """A domain whose discovery is on, one where it ended by itself, an address in review, and two lists on demand."""

    on: Domain
    off: Domain
    sighting: int
    runs: dict[str, Run]

    def paths(self) -> dict[str, str]:
        page, gone = f"/domains/{self.on.name}/discovery", f"/domains/{self.off.name}/discovery"
        return {
            "discovery": page,
            "discovery-added": f"{page}?list=added",
            "discovery-waiting": f"{page}?list=waiting",
            "discovery-refused": f"{page}?list=refused&q=guess",
            "discovery-none": f"{page}?list=not_ours&q=x",
            "discovery-alias": f"{page}/alias?list=review&sighting={self.sighting}&user=ada",
            "discovery-ended": gone,
            "discovery-off": "/domains/columns.example/discovery",
            "discovery-new": "/domains/empty-discovery.example/discovery",
        }


def build() -> Discovered:
    factories.domain("empty-discovery.example")
    on, off = factories.domain(LONG), factories.domain(ACCEPTING)
    switched_on(on)
    recipients.add(on, None, factories.address("ada", LONG), first_name="Ada")
    review = sighted(on, LOCAL, SightingState.REVIEW, times=12)
    sighted(on, "info", SightingState.REVIEW)
    for local in ("jane.doe", "room-atrium", LOCAL + ".too", "j.doe"):
        added = sighted(on, local, SightingState.ADDED, times=3)
        if local == "room-atrium":
            discovered.add(on, None, [added], Kind.RESOURCE)
    for number in range(3):
        sighted(on, f"guess{number}", SightingState.REFUSED)
    sighted(on, "new", SightingState.WAITING)
    sighted(on, "slow", SightingState.UNKNOWN, said="451 4.7.1 Greylisting in action, please come back in 00:05:00")
    sighted(on, "spam-trap", SightingState.NOT_OURS)
    switched_on(off)
    for number in range(3):
        sighted(off, f"anybody{number}", SightingState.ADDED)
    ended(off, Ended.EVERY_ADDRESS, tested_at=now() - dt.timedelta(hours=1))
    return Discovered(on, off, review.id, {"discovery": _waiting(on), "discovery-running": _running(off)})


def _waiting(domain: Domain) -> Run:
    run = _running(domain)
    group = db.session.get_one(Domain, domain.id).groups[0].id
    new = [
        factories.user(
            f"colleague{n}@{domain.name}",
            None,
            group_id=group,
            origin=Origin.DISCOVERY,
            source_id=None,
            source_key=None,
        )
        for n in range(3)
    ]
    skips = (Reject("mail.log", f"{LOCAL}@{domain.name}", "mail.example.com was asked. Nobody has it there."),)
    steps = tuple(Step(Action.CREATE, None, user, "250 2.1.5 Ok") for user in new)
    assert runs.wait(run.id, Plan(steps=steps, skips=skips, read=12, usable=3), ["They were to be looked at."])
    return run


def _running(domain: Domain) -> Run:
    run = runs.start(RunKind.DISCOVERY, domain.id, title="Addresses in mail.log")
    assert runs.claim(run.id)
    said = {"yes": "250 2.1.5 Ok", "no": "550 5.1.1 No such user here", "unknown": "451 4.7.1 Try again later"}
    last = [{"address": f"{LOCAL}{n}@{domain.name}", "answer": name, "said": said[name]} for n, name in enumerate(said)]
    counts = {"asked": 3, "yes": 1, "no": 1, "unknown": 1, "listed": 4, "total": 12}
    smtp.note(run.id, {**counts, "last": last}, "asking", done=7, total=12)
    return run
