"""A domain in which everything has happened once, so that every page has something to show."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import update

from console.core.errors import SourceError
from console.core.person import Kind, Reject
from console.core.person import User as Recipient
from console.models import Domain, Run, RunKind, Source, User, db
from console.models import now as this_moment
from console.store import domains, recipients, roster, runs
from tests import factories
from tests.factories import person
from tests.jobs.fake import Fake, sync, synced, work

WIDE = "somebody.with.a.remarkably.long.name.that.goes.on.and.on"


@dataclass
class World:
    """The domain's source, what it has been through, and a few of its users."""

    domain: Domain
    source: Source
    group: int
    runs: dict[str, Run]
    users: dict[str, int]

    def paths(self) -> dict[str, str]:
        """Every page by a name for it."""
        listed = f"/domains/{self.domain.name}"
        source = f"/sources/{self.source.id}"
        return {
            "domains": "/domains",
            "domain-new": "/domains/new",
            "domain-settings": listed,
            "domain-delete": f"{listed}/delete",
            "users": f"{listed}/users",
            "users-filtered": f"{listed}/users?kind=shared&q=info",
            "users-of-group": f"{listed}/users?group={self.group}",
            "users-none-match": f"{listed}/users?q=nobody-at-all",
            "user-new": f"{listed}/users/new",
            **{f"user-{name}": f"/users/{user_id}" for name, user_id in self.users.items()},
            "user-delete": f"/users/{self.users['synced']}/delete",
            "groups": f"{listed}/groups",
            "group": f"/groups/{self.group}",
            "sync": f"{listed}/sync",
            "source-choose": f"{listed}/sources/new",
            "source-new": f"{listed}/sources/new/active-dir",
            "source": source,
            "source-edit": f"{source}/edit",
            "source-delete": f"{source}/delete",
            "conflicts": f"{source}/conflicts",
            **{f"run-{name}": f"/runs/{run.id}" for name, run in self.runs.items()},
            "account": "/account",
            "not-found": "/domains/nothing.example/users",
        }

    def end(self) -> None:
        """End the runs that only seem to be at work."""
        runs.interrupt(self.runs["running"].id, runs.INTERRUPTED)
        runs.cancel(self.runs["queued"].id)


def build() -> World:
    domain = factories.domain("brightfield.example", ["brightfield-group.example"])
    group = domains.add_group(domain, "Sales").id
    source, other = factories.source(domain), factories.source(domain, name="Branch office")
    people = [person(f"user{n:03}", first_name="User", last_name=f"No{n}") for n in range(12)]
    first = [person(WIDE, aliases=["w1", "w2", "w3", "w4"]), person("leaver"), *people]
    changed = [person(WIDE, first_name="Some", last_name="Body", aliases=["w1", "w2"]), person("newcomer"), *people]
    recipients.add(domain, None, factories.address("ada"), first_name="Ada", last_name="Lovelace", group_id=group)
    recipients.add(domain, None, factories.address("info"), kind=Kind.SHARED)
    done = {
        "first": synced(source, *first),
        "applied": sync(source, Fake([*changed, person("ada")], [Reject("CN=Printer", "lp0", "This is no address.")])),
        "test": work(runs.start(RunKind.TEST, domain.id, source=source), Fake(first)),
        "preview": work(runs.start(RunKind.PREVIEW, domain.id, source=source), Fake(first)),
        "waits": sync(source, Fake([])),
        "failed": sync(other, Fake(error=SourceError("dc2, port 636, refused the connection.", detail="errno 111"))),
    }
    done["running"] = runs.start(RunKind.SYNC, domain.id, source=other)
    runs.claim(done["running"].id)
    runs.progress(done["running"].id, "reading", 500, 1200)
    done["queued"] = runs.start(RunKind.TEST, domain.id, source=other)
    recipients.disable(_user(domain, "user001"), None)
    db.session.execute(
        update(User).where(User.status == "missing").values(missing_since=this_moment() - dt.timedelta(1))
    )
    db.session.commit()
    locals_ = {"synced": WIDE, "by-hand": "ada", "missing": "leaver", "disabled": "user001"}
    users = {name: _user(domain, local).id or 0 for name, local in locals_.items()}
    return World(domain, source, group, done, users)


def _user(domain: Domain, local: str) -> Recipient:
    [found] = [user for user in roster.of_domain(domain.id) if user.address == factories.address(local)]
    return found
