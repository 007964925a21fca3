"""The five ways to fill a domain's list, with what speaks for each and whom it is for."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for

from console.core.first_run import Step
from console.models import Domain
from console.store import users
from console.web import access, first_run
from console.web.shell import domain_crumbs

pages = Blueprint("ways", __name__)


@dataclass(frozen=True, slots=True)
class Way:
    """One of them. `advantage` is a sentence; `whom` and `need` are what helps to choose. `kind` goes into the
    address of a user source. `short` is what its button is called for who hears the button alone.
    """

    name: str
    short: str
    endpoint: str
    advantage: str
    whom: str
    need: str
    kind: str | None = None

    def href(self, domain: Domain) -> str:
        return url_for(self.endpoint, name=domain.name, way=self.kind)


WAYS = (
    Way(
        "User Sync with Active Directory",
        "Active Dir.",
        "sources.new",
        "One place to manage people: who comes or leaves in your own directory comes or leaves here by itself.",
        "You have a server of your own that knows everybody: Windows with Active Directory, or another LDAP directory.",
        "The server’s name, an account that may search it, and a way for this console to reach it.",
        "active-dir",
    ),
    Way(
        "User Sync with Office 365",
        "Office 365",
        "sources.new",
        "The same for people, shared mailboxes, rooms and groups of a Microsoft 365 tenant.",
        "Your mail is at Microsoft, with Microsoft 365 or Exchange Online.",
        "Somebody who administers your organization at Microsoft, for five minutes.",
        "office-365",
    ),
    Way(
        "Add User",
        "Add User",
        "add_user.new",
        "By hand: for small organizations.",
        "You have a few dozen addresses, and they seldom change.",
        "The list of them. Nobody else keeps it in step, so remember who comes and who leaves.",
    ),
    Way(
        "Import",
        "Import",
        "imports.new",
        "A CSV file that another system exports: a mass update at once.",
        "You have the addresses in a table, or in a system that can export them.",
        "The file as it is. You see what it would change before anything is changed.",
    ),
    Way(
        "Address Discovery",
        "Address Discovery",
        "discovery.index",
        "Adds addresses while mail for them arrives: for the first weeks, not in the long run.",
        "You must begin at once, and nobody can tell which addresses there are.",
        "A mail server that refuses addresses that nobody has. What is found is billable until you say otherwise.",
    ),
)


@pages.get("/domains/<name>/ways")
def choose(name: str) -> str:
    domain = access.domain(name, write=True)
    filled = users.totals(domain.id).users > 0
    return render_template(
        "ways/choose.html",
        domain=domain,
        ways=WAYS,
        steps=None if filled else first_run.steps(Step.WAY),
        crumbs=domain_crumbs(domain, "Ways to fill the list"),
    )
