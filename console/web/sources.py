"""User Sync: the User Sources of a domain, and one source's page with its buttons. Their forms: source_forms."""

from collections.abc import Iterator

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import live, tokens
from console.core import user_csv
from console.core.errors import RefusedError, StaleError
from console.models import Domain, RunKind, RunState, Source, db
from console.store import conflicts, domains, expiry, records, runs, sources, syncs
from console.store.syncs import Only
from console.web import access, history_chart, history_csv, login, source_facts, stream
from console.web import runs as run_pages
from console.web.places import place
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
    signed_in = login.lasting()

    def frame() -> stream.Frame | None:
        """Fetched, and so authorised, for every message."""
        admin = signed_in()
        found = domains.find(admin, name) if admin is not None else None
        return stream.Frame(render_template("sources/_list.html", **_listed(found))) if found is not None else None

    return stream.respond(live.domain_channel(domain.id), frame)


@pages.get("/domains/<name>/sources/new")
def choose(name: str) -> str:
    domain = access.domain(name, write=True)
    connects = access.microsoft().connects
    return render_template("sources/choose.html", domain=domain, connects=connects, crumbs=sync_crumbs(domain, "Add"))


@pages.get("/sources/<id:source_id>")
def show(source_id: int) -> str:
    source = access.source(source_id)
    return render_template(
        "sources/show.html",
        source=source,
        facts=source_facts.of(source),
        expiring=expiry.told(source),
        owned=sources.owned(source.id),
        conflicts=conflicts.count(source.id),
        failing=sources.failing_beside(source),
        runs=records.recent(source.domain_id, source_id=source.id),
        trial=records.last_trial(source.id),
        open_run=runs.open_run(source.id, RunKind.SYNC),
        crumbs=sync_crumbs(source.domain, source.name),
    )


@pages.get("/sources/<id:source_id>/history")
def history(source_id: int) -> str:
    """The syncs of a source as a chart and a table of the same runs, newest first."""
    source = access.source(source_id)
    only = _only()
    page = syncs.at(source.id, place(), only)
    return render_template(
        "sources/history.html",
        source=source,
        page=page,
        only=only,
        chart=history_chart.chart(page.rows),
        crumbs=sync_crumbs(source.domain, "History", source),
    )


@pages.get("/sources/<id:source_id>/history.csv")
def export(source_id: int) -> Response:
    """The whole history with the filter of the page, sent while it is read."""
    source = access.source(source_id)
    headers = {"Content-Disposition": f'attachment; filename="source-{source.id}-history.csv"'}
    body = stream_with_context(_pieces(source.id, _only()))
    return Response(body, mimetype="text/csv", headers={**headers, "X-Accel-Buffering": "no"})


def _pieces(source_id: int, only: Only | None) -> Iterator[str]:
    """The text, after the mark by which spreadsheets know UTF-8. No connection is held while it is on its way."""
    yield "\ufeff"
    for piece in user_csv.text(history_csv.rows(syncs.every(source_id, only))):
        db.session.remove()
        yield piece


def _only() -> Only | None:
    chosen = request.args.get("only", "")
    return Only(chosen) if chosen in set(Only) else None


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
    return render_template(
        "sources/delete.html", source=source, owned=owned, crumbs=sync_crumbs(source.domain, "Delete")
    )


@pages.post("/sources/<id:source_id>/delete")
def delete(source_id: int) -> AnyResponse:
    source = access.source(source_id, write=True)
    label, domain, connected = source.label, source.domain.name, source.connected
    if runs.open_run(source.id, RunKind.SYNC) is not None:
        say("This source has an open run. Cancel or discard it first.", "error")
        return redirect(url_for("sources.show", source_id=source_id))
    try:
        sources.remove(source, access.me())
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(url_for("sources.show", source_id=source_id))
    tokens.forget(access.redis(), source_id)
    say(f"{label} is deleted. Its users stay on the list and are kept by hand from now on.")
    if connected:
        say("Your tenant still knows this console's app: remove it there, under Enterprise applications.", "info")
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
        "expiring": {source.id: expiry.told(source) for source in found},
        "open_runs": {run.source_id: run for run in records.open_runs(domain.id) if run.source_id},
        "recent": recent,
        "additions": records.latest_changes(domain.id),
        "state": RunState,
    }


def sync_crumbs(domain: Domain, page: str, source: Source | None = None) -> list[Crumb]:
    """The path to a page of User Sync, or to one below a source."""
    crumbs = domain_crumbs(domain, here="sources.index")
    crumbs.append({"label": "User Sync", "href": url_for("sources.index", name=domain.name)})
    if source is not None:
        crumbs.append({"label": source.name, "href": url_for("sources.show", source_id=source.id)})
    return [*crumbs, {"label": page}]
