"""Inbound SMTP: the mail servers that a domain's mail goes on to, and the check of them."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core.delivery import overall
from console.core.errors import RefusedError
from console.models import DeliveryServer, Domain
from console.store import smtp
from console.web import access, check_result
from console.web.forms.smtp import CheckForm, DeliveryServerForm
from console.web.runs import queued
from console.web.shell import Crumb, domain_crumbs, move_to, say

pages = Blueprint("smtp", __name__)


@pages.get("/domains/<name>/smtp")
def index(name: str) -> str:
    return _index(access.domain(name), CheckForm(formdata=None))


@pages.get("/domains/<name>/smtp/new")
def new(name: str) -> str:
    domain = access.domain(name, write=True)
    return _form(domain, DeliveryServerForm(formdata=None))


@pages.post("/domains/<name>/smtp/new")
def create(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = DeliveryServerForm()
    if not form.validate_on_submit() or not _save(DeliveryServer(domain_id=domain.id), form):
        return _form(domain, form), 422
    say("The mail server is added. Now check that it answers as it should.")
    return move_to(url_for("smtp.index", name=domain.name))


@pages.get("/domains/<name>/smtp/<id:server_id>")
def edit(name: str, server_id: int) -> str:
    domain, server = _server(name, server_id)
    form = DeliveryServerForm(formdata=None)
    form.fill(server)
    return _form(domain, form, server)


@pages.post("/domains/<name>/smtp/<id:server_id>")
def save(name: str, server_id: int) -> Response | tuple[str, int]:
    domain, server = _server(name, server_id)
    form = DeliveryServerForm()
    if not form.validate_on_submit() or not _save(server, form):
        return _form(domain, form, server), 422
    say("Saved. Check that the server still answers as it should.")
    return move_to(url_for("smtp.index", name=domain.name))


@pages.post("/domains/<name>/smtp/<id:server_id>/move")
def move(name: str, server_id: int) -> Response:
    domain, server = _server(name, server_id)
    smtp.move(server, up=request.form.get("way") == "up")
    return redirect(url_for("smtp.index", name=domain.name))


@pages.get("/domains/<name>/smtp/<id:server_id>/remove")
def ask_remove(name: str, server_id: int) -> str:
    domain, server = _server(name, server_id)
    left = len(smtp.of_domain(domain.id)) - 1
    crumbs = _crumbs(domain, "Remove")
    return render_template("smtp/remove.html", domain=domain, server=server, left=left, crumbs=crumbs)


@pages.post("/domains/<name>/smtp/<id:server_id>/remove")
def remove(name: str, server_id: int) -> Response:
    domain, server = _server(name, server_id)
    place = server.place
    smtp.remove(server)
    say(f"{place} is removed.")
    return redirect(url_for("smtp.index", name=domain.name))


@pages.post("/domains/<name>/smtp/check")
def check(name: str) -> Response | tuple[str, int]:
    """Start a check and go to its page; to the page of the one that is open already, if there is one."""
    domain = access.domain(name, write=True)
    form = CheckForm()
    form.names = [domain.name, *domain.aliases]
    if not form.validate_on_submit():
        return _index(domain, form), 422
    try:
        run = smtp.start_check(domain, access.me(), form.recipient)
    except RefusedError as error:
        busy = smtp.open_check(domain.id)
        say(error.sentence if busy is None else "A check was under way already, so no second one was started.", "info")
        return redirect(url_for("runs.show", run_id=busy.id) if busy else url_for("smtp.index", name=domain.name))
    queued(run)
    return redirect(url_for("runs.show", run_id=run.id))


def _server(name: str, server_id: int) -> tuple[Domain, DeliveryServer]:
    """The domain and its server, for somebody who may change them."""
    domain = access.domain(name, write=True)
    server = smtp.server(domain.id, server_id)
    if server is None:
        abort(404)
    return domain, server


def _save(server: DeliveryServer, form: DeliveryServerForm) -> bool:
    form.store(server)
    try:
        smtp.save(server)
    except RefusedError as error:
        form.host.errors = [error.sentence]
        return False
    return True


def _index(domain: Domain, form: CheckForm) -> str:
    last, servers = smtp.last_check(domain.id), smtp.of_domain(domain.id)
    findings = check_result.by_place(last)
    # Servers that were removed or moved since say nothing any more.
    standing = [findings[server.host, server.port] for server in servers if (server.host, server.port) in findings]
    return render_template(
        "smtp/list.html",
        domain=domain,
        servers=servers,
        last=last,
        finding=check_result.found(last) if last is not None else None,
        findings=findings,
        standing=overall(standing) if standing else None,
        open_check=smtp.open_check(domain.id),
        form=form,
        limit=smtp.LIMIT,
        crumbs=domain_crumbs(domain, "Inbound SMTP", here="smtp.index"),
    )


def _form(domain: Domain, form: DeliveryServerForm, server: DeliveryServer | None = None) -> str:
    crumbs = _crumbs(domain, server.place if server is not None else "Add")
    return render_template("smtp/form.html", domain=domain, form=form, server=server, crumbs=crumbs)


def _crumbs(domain: Domain, page: str) -> list[Crumb]:
    crumbs = domain_crumbs(domain, here="smtp.index")
    return [*crumbs, {"label": "Inbound SMTP", "href": url_for("smtp.index", name=domain.name)}, {"label": page}]
