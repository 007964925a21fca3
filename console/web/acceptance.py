"""Would mail to this address be accepted? What the perimeter says, and why, in words for people."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request

from console.core import recipient
from console.core.address import Address, display, display_domain, split
from console.core.recipient import Decision, Mode, Refusal, Verdict, at_perimeter, decide
from console.models import Domain, User
from console.store import discovery, perimeter
from console.web import access
from console.web.shell import domain_crumbs

pages = Blueprint("acceptance", __name__)
ASKED_FIRST = "While Address Discovery is on, your mail server is asked first, and what it accepts is accepted."


@dataclass(frozen=True, slots=True)
class Answer:
    """`yes` is what mail servers are told; `why` are sentences. `user` receives the mail, if anybody does."""

    address: str
    yes: bool
    why: str
    user: User | None = None


@pages.get("/domains/<name>/accepted")
def show(name: str) -> str:
    """A page of its own, of which the profile takes the answer."""
    domain = access.domain(name)
    typed = request.args.get("address", "").replace("\x00", "").strip()[:400]
    return render_template(
        "acceptance/show.html",
        domain=domain,
        typed=typed,
        answer=_tried(domain, typed) if typed else None,
        crumbs=domain_crumbs(domain, "Would mail be accepted?", here="smtp.index"),
    )


def answer(domain: Domain, address: Address, holder: User | None, *, discovering: bool = False) -> Answer:
    """What mail servers are told about an address of the domain."""
    decision = decide(address, domain.name, holder)
    told = at_perimeter(decision, Mode(domain.perimeter_mode))
    yes = told.verdict is Verdict.ACCEPT
    return Answer(display(address), yes, _why(told, discovering=discovering and not yes), holder)


def _why(told: Decision, *, discovering: bool) -> str:
    asked_first = discovering and told.refusal is Refusal.UNKNOWN
    return f"{told.why} {ASKED_FIRST}" if asked_first else told.why


def _tried(domain: Domain, typed: str) -> Answer:
    """What is typed is taken as a mail server would write it; a local part alone is one of this domain."""
    asked = recipient.read(typed if "@" in typed else f"{typed}@{domain.name}")
    if asked.domain not in {domain.name, *domain.aliases}:
        own = display_domain(domain.name)
        return Answer(typed, False, f"This is no address of {own}, so the list of {own} says nothing about it.")
    if asked.address is None:
        decision = at_perimeter(decide(Address(f"@{asked.domain}"), domain.name, None), Mode(domain.perimeter_mode))
        why = f"This is no mail address that anybody can have. {decision.why}"
        return Answer(typed, decision.verdict is Verdict.ACCEPT, why)
    _, holder = perimeter.recipient(asked)
    found = answer(domain, asked.address, holder, discovering=discovery.is_on(domain.id))
    notes = []
    if split(asked.address)[1] != domain.name:
        notes.append(f"{display_domain(split(asked.address)[1])} is another name of {display_domain(domain.name)}.")
    if any(letter.isupper() for letter in typed):
        notes.append("Capital letters make no difference.")
    return Answer(found.address, found.yes, " ".join([found.why, *notes]), holder)
