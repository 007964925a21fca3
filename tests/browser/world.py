"""A domain in which everything has happened once, so that every page has something to show."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import update

from console.core.errors import SourceError
from console.core.person import Kind, Reject
from console.core.person import User as Recipient
from console.core.recipient import Mode
from console.models import Domain, Role, Run, RunKind, Source, User, db
from console.models import now as this_moment
from console.store import domains, invitations, recipients, rejections, remarks, roster, runs, sessions, smtp, uploads
from tests import factories, past
from tests.browser import discovered
from tests.browser.discovered import Discovered
from tests.factories import person
from tests.jobs.fake import NEVER, Fake, sync, synced, work
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import Script, ScriptedSmtp

WIDE = "somebody.with.a.remarkably.long.name.that.goes.on.and.on"


@dataclass
class World:
    """The domain's source, what it has been through, a few users, two tenants as further sources, server and report."""

    domain: Domain
    source: Source
    group: int
    runs: dict[str, Run]
    users: dict[str, int]
    reason: int
    tenants: tuple[Source, Source]
    server: int
    rejection: int
    discovered: Discovered
    another: int

    def paths(self) -> dict[str, str]:
        """Every page by a name for it."""
        listed = f"/domains/{self.domain.name}"
        source = f"/sources/{self.source.id}"
        return {
            "domains": "/domains",
            "domain-new": "/domains/new",
            "search": "/search?q=user0",
            "search-none": "/search?q=nobody-at-all",
            "ways": "/domains/columns.example/ways",
            "domain-settings": f"{listed}/settings",
            "overview": listed,
            "overview-new": "/domains/columns.example",
            "activity": f"{listed}/activity?q=a&since=2020-01-01",
            "activity-of-all": "/activity",
            "activity-none": f"{listed}/activity?who=nobody",
            "domain-delete": f"{listed}/delete",
            "users": f"{listed}/users",
            "users-filtered": f"{listed}/users?kind=shared&q=info",
            "users-of-group": f"{listed}/users?group={self.group}",
            "users-sorted": f"{listed}/users?sort=-changed&status=active",
            "users-all-selected": f"{listed}/users?all=1",
            "users-change": f"{listed}/users/change?act=delete&matching=1",
            "users-billable": f"{listed}/users/billable",
            "users-none-match": f"{listed}/users?q=nobody-at-all",
            "user-new": f"{listed}/users/new?added={self.users['by-hand']}",
            "users-new": f"{listed}/users/new/several",
            **{f"user-{name}": f"/users/{user_id}" for name, user_id in self.users.items()},
            "accepted": f"{listed}/accepted?address=Ada%2Bnews",
            "user-delete": f"/users/{self.users['synced']}/delete",
            "groups": f"{listed}/groups",
            "group": f"/groups/{self.group}",
            "group-delete": f"/groups/{self.group}/delete",
            "rejected": f"{listed}/rejected",
            "rejected-alias": f"/rejected/{self.rejection}/alias?q=user0",
            "rejected-none": "/domains/columns.example/rejected",
            "sync": f"{listed}/sync",
            "source-choose": f"{listed}/sources/new",
            "source-new": f"{listed}/sources/new/active-dir",
            "source": source,
            "source-edit": f"{source}/edit",
            "source-new-office365": f"{listed}/sources/new/office-365",
            "source-office365": f"/sources/{self.tenants[0].id}",
            "source-office365-edit": f"/sources/{self.tenants[0].id}/edit",
            "source-connected": f"/sources/{self.tenants[1].id}",
            "source-connected-edit": f"/sources/{self.tenants[1].id}/edit",
            "source-history": f"/sources/{self.runs['failed'].source_id}/history",
            "source-delete": f"{source}/delete",
            "conflicts": f"{source}/conflicts",
            **{f"run-{name}": f"/runs/{run.id}" for name, run in self.runs.items()},
            "import": f"{listed}/users/import",
            "import-help": f"{listed}/users/import/help",
            "import-columns": f"/runs/{self.runs['import-waits'].id}/import/columns",
            "import-skipped": f"/runs/{self.runs['import-waits'].id}/import/skipped?reason={self.reason}",
            "smtp": f"{listed}/smtp",
            "smtp-busy": "/domains/columns.example/smtp",
            "smtp-new": f"{listed}/smtp/new",
            "smtp-edit": f"{listed}/smtp/{self.server}",
            "smtp-remove": f"{listed}/smtp/{self.server}/remove",
            **self.discovered.paths(),
            "account": "/account",
            "two-steps": "/account/two-steps",
            "two-steps-reset": f"/accounts/{self.another}/two-steps",
            "accounts": "/accounts",
            "account-of-another": f"/accounts/{self.another}",
            "account-remove": f"/accounts/{self.another}/remove",
            "invite": "/invitations/new",
            "help": "/help",
            "help-users": "/help/users",
            "help-none": "/help?q=nothing-at-all",
            "not-found": "/domains/nothing.example/users",
        }

    def end(self) -> None:
        """End the runs that only seem to be at work."""
        runs.interrupt(self.runs["running"].id, runs.INTERRUPTED)
        runs.cancel(self.runs["queued"].id)
        runs.interrupt(self.runs["check-running"].id, runs.INTERRUPTED)
        runs.interrupt(self.runs["discovery-running"].id, runs.INTERRUPTED)


def build() -> World:
    domain = factories.domain("brightfield.example", ["brightfield-group.example"])
    group = domains.add_group(domain, "Sales").id
    source, other = factories.source(domain), factories.source(domain, name="Branch office")
    past.months(other)
    past.days(domain)
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
    done |= _imports(domain)
    done |= _checks(domain, done["import-asks"].domain)
    recipients.disable(_user(domain, "user001"), None)
    db.session.execute(
        update(User).where(User.status == "missing").values(missing_since=this_moment() - dt.timedelta(1))
    )
    db.session.commit()
    locals_ = {"synced": WIDE, "by-hand": "ada", "missing": "leaver", "disabled": "user001"}
    users = {name: _user(domain, local).id or 0 for name, local in locals_.items()}
    reason = remarks.by_reason(done["import-waits"].id)[0].first
    rejection = _rejections(domain)
    server = smtp.of_domain(domain.id)[0].id
    found = discovered.build()
    done |= found.runs
    return World(
        domain, source, group, done, users, reason, _tenants(domain), server, rejection, found, _account(domain)
    )


def _account(domain: Domain) -> int:
    """Somebody else's account, with a session; and two invitations, one of them without a link as yet."""
    other = factories.admin(f"{WIDE}@rollcall.example", Role.ADMIN, only=[domain])
    sessions.begin(
        other, sessions.Visitor("2001:db8:85a3:8d3:1319:8a2e:370:7348", "Samsung Internet on Android", "its")
    )
    invitations.renew(invitations.make(f"{WIDE}.2@rollcall.example", Role.VIEWER, [domain], other))
    invitations.make("dora@rollcall.example", Role.OWNER, None, None)
    return other.id


def _rejections(domain: Domain) -> int:
    """A report of a domain that monitors: an address that many wrote to, one of nearly all letters, and one ignored."""
    domains.set_perimeter(domain, Mode.MONITOR)
    wanted = factories.rejection(domain, "jane.doe", sender="orders@shop.example", client="192.0.2.7", times=12).id
    factories.rejection(domain, "jane.doe", sender="somebody.with.a.long.name@newsletter.example", client="2001:db8::7")
    factories.rejection(domain, f"{WIDE}2", client="192.0.2.8")
    rejections.ignore(factories.rejection(domain, "spam-trap", times=400), True)
    return wanted


def _tenants(domain: Domain) -> tuple[Source, Source]:
    """One with an app of its own, whose secret ends soon, and one that was connected."""
    ids = {"tenant": "99990000-aaaa-2222-bbbb-3333cccc4444", "client_id": "00001111-aaaa-2222-bbbb-3333cccc4444"}
    soon = (this_moment() + dt.timedelta(days=12)).date()
    own = {**ids, "credential": "secret", "cloud": "us", "ca_pem": ""}
    made = factories.source(domain, kind="office365", name="Sales office", secret_expires_on=soon)
    connected = factories.source(domain, kind="office365", name="Lakeside", password="")
    made.settings = own
    connected.settings = {"connected": True, "tenant": "88880000-aaaa-2222-bbbb-3333cccc4444"}
    db.session.commit()
    return made, connected


def _imports(domain: Domain) -> dict[str, Run]:
    """An import that is done, one that waits, and one of another domain whose columns nobody could tell."""
    done = _imported(domain, b"address,first name\nimported,Im\nno address@@,\n")
    assert runs.approve(done.id)
    work(done, NEVER)
    rows = [f"{WIDE},Some,Body", "ada,Ada,Byron", *(f"colleague{n:02},Col,League" for n in range(14)), "no address@@,,"]
    file = "\n".join(["address,first name,last name", *rows]).encode()
    other = factories.domain("columns.example")
    return {
        "import-done": done,
        "import-waits": _imported(domain, file),
        "import-asks": _imported(other, b"Room;Floor;Seats\nAtrium;Ground floor;120\nAttic;Fourth;8\n"),
    }


def _checks(domain: Domain, other: Domain) -> dict[str, Run]:
    """A check of a server that accepts everybody and of one that is away, and one of another domain that is at work."""
    with ScriptedSmtp.start(Script(None)) as server:
        factories.delivery_server(domain, host=LOOPBACK, port=server.port)
        factories.delivery_server(domain, host=f"{WIDE}.invalid", port=25)
        found = work(smtp.start_check(domain, None), NEVER)
    factories.delivery_server(other, host="mail.columns.example", port=25)
    running = smtp.start_check(other, None)
    runs.claim(running.id)
    row = {**(found.trial or {})["servers"][0], "host": "mail.columns.example", "finding": None}
    smtp.note(running.id, {"known": None, "finding": None, "servers": [row]}, "asking mail.columns.example")
    return {"check": found, "check-running": running}


def _imported(domain: Domain, content: bytes) -> Run:
    group = domains.default_group(domain.id).id
    return work(uploads.start(domain, None, name="users.csv", content=content, group_id=group), NEVER)


def _user(domain: Domain, local: str) -> Recipient:
    [found] = [user for user in roster.of_domain(domain.id) if user.address == factories.address(local)]
    return found
