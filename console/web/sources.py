"""User Sync: the User Sources of a domain, adding one, and one source's page."""

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import live
from console.core.errors import RefusedError, StaleError
from console.models import Domain, RunKind, RunState, Source, SourceKind
from console.store import admins, conflicts, domains, records, runs, sources
from console.web import access, stream
from console.web import runs as run_pages
from console.web.forms.source import LdapForm
from console.web.shell import Crumb, domain_crumbs, say

pages = Blueprint("sources", __name__)


@pages.get("/domains/<name>/sync")
def index(name: str) -> str:
    domain = access.domain(name)
    return render_template(
        "sources/list.html", **_listed(domain), crumbs=domain_crumbs(domain, "User Sync", here="sources.index")
    )


@pages.get("/domains/<name>/sync/list")
def listing(name: str) -> str | Response:
    """The list alone, as it is now or as a stream."""
    domain = access.domain(name)
    if not stream.wanted():
        return render_template("sources/_list.html", **_listed(domain))
    session_id = access.me().get_id()

    def frame() -> stream.Frame | None:
        """Fetched, and so authorised, for every message."""
        admin = admins.by_session(session_id)
        found = domains.find(admin, name) if admin is not None else None
        return stream.Frame(render_template("sources/_list.html", **_listed(found))) if found is not None else None

    return stream.respond(live.domain_channel(domain.id), frame)


@pages.get("/domains/<name>/sources/new")
def choose(name: str) -> str:
    domain = access.domain(name, write=True)
    return render_template("sources/choose.html", domain=domain, crumbs=_crumbs(domain, "Add"))


@pages.get("/domains/<name>/sources/new/active-dir")
def new(name: str) -> str:
    domain = access.domain(name, write=True)
    form = LdapForm(name=domain.name, port=636, group=domains.default_group(domain.id).id)
    return _new(domain, form)


@pages.post("/domains/<name>/sources/new/active-dir")
def create(name: str) -> AnyResponse | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = LdapForm()
    form.offer(domains.groups(domain.id))
    if not form.validate_on_submit():
        return _new(domain, form), 422
    source = Source(domain_id=domain.id, kind=SourceKind.LDAP.value, secret=_sealed(form))
    form.store(source)
    sources.save(source)
    say("The source is added. Test the connection, look at a preview, then sync.")
    return redirect(url_for("sources.show", source_id=source.id))


@pages.get("/sources/<id:source_id>")
def show(source_id: int) -> str:
    source = access.source(source_id)
    return render_template(
        "sources/show.html",
        source=source,
        owned=sources.owned(source.id),
        conflicts=conflicts.count(source.id),
        failing=sources.failing_beside(source),
        runs=records.recent(source.domain_id, source_id=source.id),
        trial=records.last_trial(source.id),
        open_run=runs.open_run(source.id, RunKind.SYNC),
        crumbs=_crumbs(source.domain, source.name),
    )


@pages.get("/sources/<id:source_id>/edit")
def edit(source_id: int) -> str:
    source = access.source(source_id, write=True)
    form = LdapForm(formdata=None)
    form.fill(source)
    return _edit(source, form)


@pages.post("/sources/<id:source_id>/edit")
def save(source_id: int) -> AnyResponse | tuple[str, int]:
    source = access.source(source_id, write=True)
    form = LdapForm()
    form.offer(domains.groups(source.domain_id))
    form.remember(source)
    if not form.validate_on_submit():
        return _edit(source, form), 422
    form.store(source)
    if form.password.data or not form.user_dn.data:
        source.secret = _sealed(form)
    sources.save(source)
    say("Saved. Test the connection to see that it still works.")
    return redirect(url_for("sources.show", source_id=source.id))


@pages.post("/sources/<id:source_id>/test")
def test(source_id: int) -> AnyResponse:
    return run_pages.start(RunKind.TEST, source_id)


@pages.post("/sources/<id:source_id>/preview")
def preview(source_id: int) -> AnyResponse:
    return run_pages.start(RunKind.PREVIEW, source_id)


@pages.post("/sources/<id:source_id>/sync")
def sync(source_id: int) -> AnyResponse:
    return run_pages.start(RunKind.SYNC, source_id)


@pages.get("/sources/<id:source_id>/delete")
def ask_delete(source_id: int) -> str:
    source = access.source(source_id, write=True)
    owned = sources.owned(source.id)
    return render_template("sources/delete.html", source=source, owned=owned, crumbs=_crumbs(source.domain, "Delete"))


@pages.post("/sources/<id:source_id>/delete")
def delete(source_id: int) -> AnyResponse:
    source = access.source(source_id, write=True)
    label, domain = source.label, source.domain.name
    if runs.open_run(source.id, RunKind.SYNC) is not None:
        say("This source has an open run. Cancel or discard it first.", "error")
        return redirect(url_for("sources.show", source_id=source_id))
    try:
        sources.remove(source, access.me())
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(url_for("sources.show", source_id=source_id))
    say(f"{label} is deleted. Its users stay on the list and are kept by hand from now on.")
    return redirect(url_for("sources.index", name=domain))


def _listed(domain: Domain) -> dict[str, object]:
    found = sources.of_domain(domain.id)
    recent = records.recent(domain.id, limit=10)
    return {
        "domain": domain,
        "sources": found,
        "owned": {source.id: sources.owned(source.id) for source in found},
        "conflicts": {source.id: conflicts.count(source.id) for source in found},
        "history": {source.id: sources.history(source.id) for source in found},
        "open_runs": {run.source_id: run for run in records.open_runs(domain.id) if run.source_id},
        "recent": recent,
        "additions": records.latest_changes(domain.id),
        "state": RunState,
    }


def _new(domain: Domain, form: LdapForm) -> str:
    form.offer(domains.groups(domain.id))
    return render_template("sources/new.html", domain=domain, form=form, crumbs=_crumbs(domain, "Active Dir."))


def _edit(source: Source, form: LdapForm) -> str:
    form.offer(domains.groups(source.domain_id))
    return render_template("sources/edit.html", source=source, form=form, crumbs=_crumbs(source.domain, "Settings"))


def _sealed(form: LdapForm) -> str:
    return str(current_app.extensions["sealer"].seal(form.password.data or ""))


def _crumbs(domain: Domain, page: str) -> list[Crumb]:
    sync = {"label": "User Sync", "href": url_for("sources.index", name=domain.name)}
    return [*domain_crumbs(domain, here="sources.index"), sync, {"label": page}]
