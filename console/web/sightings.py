"""What a person makes of addresses that were discovered: of one with one click, or of all that are selected."""

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from console.core.address import display
from console.core.errors import RefusedError, StaleError
from console.core.person import User
from console.models import Domain, Sighting
from console.store import discovered, recipients, sightings, users
from console.store.discovered import Done
from console.web import access, discovery, sighting_lists
from console.web.places import row_ids
from console.web.shell import say
from console.web.sighting_lists import KINDS, Shown

pages = Blueprint("sightings", __name__)
FOUND = 10
SAID = {
    "add": ("is a user now: its mail is accepted.", "are users now: their mail is accepted."),
    "resource": ("is a resource now.", "are resources now."),
    "shared": ("is a shared mailbox now.", "are shared mailboxes now."),
    "list": ("is a distribution list now.", "are distribution lists now."),
    "not_ours": ("is not yours: its mail is rejected.", "are not yours: their mail is rejected."),
    "ask": ("is asked for again.", "are asked for again."),
}


@pages.post("/domains/<name>/discovery/decide")
def decide(name: str) -> Response:
    """Do one thing to the selected addresses, or to the one beside which the button stood."""
    domain = access.domain(name, write=True)
    shown = _shown(domain, request.form)
    act, _, one = request.form.get("one", "").partition("-")
    ids = row_ids([one], 1) if act else row_ids(request.form.getlist("sighting"), sightings.PAGE)
    act = act or request.form.get("act", "")
    if act not in shown.listed.acts:
        say("Choose what is to become of the addresses.", "error")
        return redirect(shown.url(domain, found=False))
    try:
        rows = discovered.chosen(domain.id, ids, shown.listed.states, lock=True)
        if act == "alias":
            return redirect(_alias_url(domain, shown, rows))
        done = _do(act, domain, rows)
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(shown.url(domain, found=False))
    discovery.wake(domain)
    one_is, they_are = SAID[act]
    who = display(done.addresses[0]) if len(done.addresses) == 1 else f"{len(done.addresses):,} addresses"
    _told(domain, done, f"{who} {one_is if len(done.addresses) == 1 else they_are}")
    return redirect(shown.url(domain, found=False))


@pages.get("/domains/<name>/discovery/alias")
def choose_alias(name: str) -> str:
    """Look for the user who is to get the addresses."""
    domain = access.domain(name, write=True)
    shown, q = _shown(domain, request.args), request.args.get("user", "").replace("\x00", "").strip()[:300]
    trouble, rows = "", []
    try:
        rows = list(
            discovered.chosen(domain.id, row_ids(request.args.getlist("sighting"), sightings.PAGE), shown.listed.states)
        )
    except RefusedError as error:
        trouble = error.sentence
    found = users.page(domain.id, users.Filters(q=q)) if q and rows else None
    return render_template(
        "sightings/alias.html",
        domain=domain,
        shown=shown,
        rows=rows,
        trouble=trouble,
        fewer=discovered.billable(rows),
        q=q,
        found=found.users[:FOUND] if found else None,
        more=found is not None and found.total > FOUND,
        crumbs=discovery.crumbs(domain, "Alias"),
    )


@pages.post("/domains/<name>/discovery/alias")
def make_alias(name: str) -> Response:
    """Give the addresses to a user."""
    domain = access.domain(name, write=True)
    shown = _shown(domain, request.form)
    try:
        ids = row_ids(request.form.getlist("sighting"), sightings.PAGE)
        rows = discovered.chosen(domain.id, ids, shown.listed.states, lock=True)
        user = _chosen(domain, request.form.get("user", ""))
        if user is None:
            say("Choose the user who is to get the mail.", "error")
            return redirect(_alias_url(domain, shown, rows))
        done = discovered.give(domain, access.me(), rows, user)
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(shown.url(domain, found=False))
    discovery.wake(domain)
    many = len(done.addresses) > 1
    who = f"{len(done.addresses):,} addresses are aliases" if many else f"{display(done.addresses[0])} is an alias"
    _told(domain, done, f"{who} of {display(user.address)} now.")
    return redirect(shown.url(domain, found=False))


def _do(act: str, domain: Domain, rows: Sequence[Sighting]) -> Done:
    """Raises RefusedError and StaleError, with nothing changed."""
    if act in KINDS:
        return discovered.add(domain, access.me(), rows, KINDS[act])
    if act == "not_ours":
        return discovered.disown(domain, access.me(), rows)
    if act == "ask":
        return discovered.ask_again(domain, rows)
    return discovered.add(domain, access.me(), rows)


def _told(domain: Domain, done: Done, said: str) -> None:
    """Say what was done, with the billable mailboxes in numbers, and how to take it back."""
    more, total = done.billable, users.totals(domain.id).billable
    if more:
        count = f"{abs(more):,} billable {'mailbox' if abs(more) == 1 else 'mailboxes'}"
        said = f"{said} {count} {'more' if more > 0 else 'fewer'}: {total:,} in all."
    elif done.run is not None:
        said = f"{said} Billable mailboxes: {total:,}, as before."
    say(said, undo=done.run.id if done.run is not None else None)


def _shown(domain: Domain, args: MultiDict[str, str]) -> Shown:
    return sighting_lists.shown(args, domain, None)


def _alias_url(domain: Domain, shown: Shown, rows: Sequence[Sighting]) -> str:
    return url_for("sightings.choose_alias", name=domain.name, **shown.place, sighting=[row.id for row in rows])


def _chosen(domain: Domain, user_id: str) -> User | None:
    """The user of this domain, as the rules see it."""
    number = next(iter(row_ids([user_id], 1)), 0)
    found = users.visible(access.me(), number)
    return recipients.current(number) if found is not None and found.domain_id == domain.id else None
