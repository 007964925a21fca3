"""Address Discovery: its switch, what arriving mail has brought, and what a person makes of that."""

import datetime as dt

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from console import live, queue
from console.core.address import Address
from console.core.advice import advice
from console.core.delivery import Finding
from console.core.discovery import Ended
from console.core.errors import RefusedError
from console.core.recipient import Mode
from console.models import Domain, now
from console.store import discovered, discovery, domains, sightings, smtp, uploads, users
from console.web import access, check_result, login, room, sighting_lists, stream
from console.web.forms.discovery import DiscoveryForm, ListForm
from console.web.forms.upload import megabytes, too_large
from console.web.runs import queued
from console.web.shell import Crumb, domain_crumbs, say
from console.web.sighting_lists import Shown

pages = Blueprint("discovery", __name__)


@pages.get("/domains/<name>/discovery")
def index(name: str) -> str:
    return _index(access.domain(name))


@pages.get("/domains/<name>/discovery/listing")
def listing(name: str) -> str | Response:
    """What changes by itself, as it is now or as a stream."""
    domain = access.domain(name)
    shown = _shown(domain)
    if not stream.wanted():
        return _listing(domain, shown)
    signed_in = login.lasting()

    def frame() -> stream.Frame | None:
        """Fetched, and so authorised, for every message."""
        admin = signed_in()
        found = domains.find(admin, name) if admin is not None else None
        return stream.Frame(_listing(found, shown)) if found is not None else None

    return stream.respond(live.domain_channel(domain.id), frame)


@pages.post("/domains/<name>/discovery/on")
def turn_on(name: str) -> Response | tuple[str, int]:
    """Start the check that turns it on if it ends well, and go to its page."""
    domain = access.domain(name, write=True)
    form = DiscoveryForm()
    if not form.validate_on_submit():
        return _index(domain, form), 422
    try:
        run = discovery.ask_for(domain, access.me(), **form.choices)
    except RefusedError as error:
        busy = smtp.open_check(domain.id)
        say(error.sentence, "error")
        return redirect(url_for("runs.show", run_id=busy.id) if busy else url_for("discovery.index", name=domain.name))
    queued(run)
    return redirect(url_for("runs.show", run_id=run.id))


@pages.post("/domains/<name>/discovery/choices")
def choose(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = DiscoveryForm()
    if not form.validate_on_submit():
        return _index(domain, form), 422
    if discovery.choose(domain.id, **form.choices):
        live.tick_domain(access.redis(), domain.id)
        say("Saved. It holds for what mail comes for from now on.")
    else:
        say("Address Discovery is not on any more, so nothing was changed.", "info")
    return redirect(url_for("discovery.index", name=domain.name))


@pages.post("/domains/<name>/discovery/off")
def turn_off(name: str) -> Response:
    domain = access.domain(name, write=True)
    if discovery.turn_off(domain.id, Ended.BY_HAND):
        live.tick_domain(access.redis(), domain.id)
        say("Address Discovery is off. What it has found stays.")
    else:
        say("Address Discovery was off already.", "info")
    return redirect(url_for("discovery.index", name=domain.name))


@pages.post("/domains/<name>/discovery/probe")
def probe(name: str) -> Response | tuple[str, int]:
    """Have the mail server asked about a list of addresses, and go to the page where its answers come in."""
    domain = access.domain(name, write=True)
    form = ListForm(CombinedMultiDict((request.files, request.form)))
    form.limit = room.limit()
    if not form.validate_on_submit():
        return _index(domain, list_form=form), 422
    try:
        run = uploads.start_discovery(domain, access.me(), name=form.name, content=form.content, taking=form.taking)
    except RefusedError as error:
        field = form.file if form.has_file else form.addresses
        field.errors = [error.sentence]
        return _index(domain, list_form=form), 422
    queued(run)
    return redirect(url_for("runs.show", run_id=run.id))


@pages.errorhandler(RequestEntityTooLarge)
def refuse(_: RequestEntityTooLarge) -> tuple[str, int]:
    """The page with the sentence beside the field, for a list that is larger than what is read of a request."""
    room.throw_away()
    domain = access.domain((request.view_args or {})["name"], write=True)
    form = ListForm(formdata=None)
    form.file.errors = [too_large(room.limit())]
    return _index(domain, list_form=form), 413


def wake(domain: Domain) -> None:
    """Let a worker ask for what is due, and open pages look again."""
    queue.probe(access.redis(), domain.id)
    live.tick_domain(access.redis(), domain.id)


def crumbs(domain: Domain, page: str) -> list[Crumb]:
    """Domains / domain / Address Discovery / a page below it."""
    above = {"label": "Address Discovery", "href": url_for("discovery.index", name=domain.name)}
    return [*domain_crumbs(domain, here="discovery.index"), above, {"label": page}]


def _shown(domain: Domain) -> Shown:
    return sighting_lists.shown(request.args, domain, discovery.of_domain(domain.id))


def _index(domain: Domain, form: DiscoveryForm | None = None, list_form: ListForm | None = None) -> str:
    return render_template(
        "discovery/index.html",
        **_facts(domain, _shown(domain), form),
        list_form=list_form or ListForm(formdata=None),
        limit_words=megabytes(room.limit()),
        crumbs=domain_crumbs(domain, "Address Discovery", here="discovery.index"),
    )


def _listing(domain: Domain, shown: Shown) -> str:
    return render_template("discovery/_listing.html", **_facts(domain, shown))


def _facts(domain: Domain, shown: Shown, form: DiscoveryForm | None = None) -> dict[str, object]:
    switch = discovery.of_domain(domain.id)
    state = switch.state if switch is not None else "off"
    last = smtp.last_check(domain.id)
    if form is None:
        form = DiscoveryForm(formdata=None)
        if switch is not None and state == "on":
            form.fill(switch)
    since = switch.tested_at if switch is not None and shown.name == sighting_lists.DOUBTFUL else None
    rows, further = sightings.page(domain.id, shown.listed.states, shown.number, q=shown.q, since=since)
    held = discovered.holders(rows)
    sizes = sighting_lists.sizes(domain, switch)
    return {
        "domain": domain,
        "switch": switch,
        "state": state,
        "form": form,
        "mode": Mode(domain.perimeter_mode),
        "servers": smtp.of_domain(domain.id),
        "last": last,
        "finding": check_result.found(last) if last is not None else None,
        "advice": advice(Finding.EVERY_ADDRESS),
        "billable": users.totals(domain.id).billable,
        "sizes": sizes,
        "open_list": uploads.open_discovery(domain.id),
        "lists": sighting_lists.LISTS,
        "acts": sighting_lists.ACTS,
        "shown": shown,
        "rows": rows,
        "holders": {row.id: sighting_lists.who(Address(row.address), held[row.id]) for row in rows if row.id in held},
        "all": request.args.get("all") == "1",
        "moment": now(),
        "last_day": switch.ends_at - dt.timedelta(microseconds=1) if switch is not None else None,
        "further": further,
        "sends_mail": current_app.extensions["settings"].sends_mail and bool(domain.notify),
    }
