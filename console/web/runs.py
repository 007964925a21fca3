"""A run's page: live while it works, then its result; approve, discard, cancel, run again, take back."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import live, queue
from console.core.errors import RefusedError
from console.core.plan import Action
from console.models import Run, RunKind, RunState
from console.store import conflicts, discovery, records, runs, sources, uploads
from console.store.paging import Page
from console.web import access, check_result, discovery_result, import_result, login, run_csv, stream
from console.web.places import place
from console.web.shell import Crumb, domain_crumbs, say

pages = Blueprint("runs", __name__)
SKIPPED = "skipped"
"""The filter that shows what a run skipped and noted, beside those that show what one kind of step did."""
ABOVE = {
    RunKind.IMPORT: ("users.index", "Users", "Import"),
    RunKind.CHECK: ("smtp.index", "Inbound SMTP", "Check"),
    RunKind.MANUAL: ("users.index", "Users", "Change"),
    RunKind.DISCOVERY: ("discovery.index", "Address Discovery", "Discovery"),
}
"""Where runs belong that are none of User Sync: the page, its label, and what such a run is called."""


@pages.get("/runs/<id:run_id>")
def show(run_id: int) -> str:
    run = access.run(run_id)
    return render_template("runs/show.html", run=run, live=_goes_on(run), **_result(run), crumbs=_crumbs(run))


@pages.get("/runs/<id:run_id>/progress")
def progress(run_id: int) -> str | Response:
    run = access.run(run_id)
    if not stream.wanted():
        return _progress(run)
    signed_in = login.lasting()

    def frame() -> stream.Frame | None:
        """Fetched, and so authorised, for every message."""
        admin = signed_in()
        now = runs.visible(admin, run_id) if admin is not None else None
        if now is None:
            return None
        # Asked first: what is settled while it is rendered still has to be shown.
        last = not _goes_on(now)
        return stream.Frame(_progress(now), last)

    return stream.respond(live.run_channel(run_id), frame)


@pages.get("/runs/<id:run_id>/changes")
def changes(run_id: int) -> str:
    run = access.run(run_id)
    return render_template("runs/_changes.html", run=run, **_result(run))


@pages.get("/runs/<id:run_id>/changes.csv")
def export(run_id: int) -> Response:
    """Every change of a run, as a table for a spreadsheet."""
    run = access.run(run_id)
    names = import_result.group_names(run)
    body = "".join(run_csv.lines(records.all_changes(run.id), names))
    headers = {"Content-Disposition": f'attachment; filename="run-{run.id}.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)


@pages.post("/runs/<id:run_id>/approve")
def approve(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if run.kind == RunKind.IMPORT and request.form.get("seen") != import_result.seen(run):
        say("This file was read again since you opened this page: look at what it would do now.", "warning")
    elif runs.approve(run_id):
        queued(run)
    else:
        say("This run does not wait for approval any more.", "info")
    return redirect(url_for("runs.show", run_id=run_id))


@pages.post("/runs/<id:run_id>/discard")
def discard(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if run.kind == RunKind.IMPORT and uploads.discard(run):
        live.tick(access.redis(), run_id, run.domain_id)
        say("The import is discarded: nothing was changed, and the file is deleted.")
        return redirect(url_for("users.index", name=run.domain.name))
    if run.kind != RunKind.IMPORT and runs.discard(run_id):
        live.tick(access.redis(), run_id, run.domain_id)
        say("Discarded: nothing was changed.")
    else:
        say("This run does not wait for approval any more.", "info")
    return redirect(url_for("runs.show", run_id=run_id))


@pages.post("/runs/<id:run_id>/cancel")
def cancel(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if runs.cancel(run_id):
        live.tick(access.redis(), run_id, run.domain_id)
        say("Cancelled: nothing is changed.", "info")
    else:
        say("It is too late to cancel this run.", "info")
    return redirect(url_for("runs.show", run_id=run_id))


@pages.post("/runs/<id:run_id>/again")
def again(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if run.kind == RunKind.IMPORT:
        return _import_again(run)
    if run.source is None or run.kind not in (RunKind.SYNC, RunKind.PREVIEW, RunKind.TEST):
        abort(404)
    return start(RunKind(run.kind), run.source.id)


@pages.post("/runs/<id:run_id>/undo")
def undo(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if run.state != RunState.SUCCEEDED or run.kind in (RunKind.TEST, RunKind.PREVIEW, RunKind.CHECK):
        abort(404)
    try:
        undone = runs.start(
            RunKind.UNDO,
            run.domain_id,
            source=run.source,
            admin=access.me(),
            undoes=run,
            title=f"Take back run {run.id}",
        )
    except RefusedError as error:
        say(error.sentence, "error")
        return redirect(url_for("runs.show", run_id=run_id))
    queued(undone)
    return redirect(url_for("runs.show", run_id=undone.id))


def start(kind: RunKind, source_id: int) -> AnyResponse:
    """Start a run of a source and go to its page; to the page of the one that is open already, if there is one."""
    source = access.source(source_id, write=True)
    try:
        run = runs.start(kind, source.domain_id, source=source, admin=access.me())
    except RefusedError as error:
        busy = runs.open_run(source_id, kind)
        if busy is None:
            say(error.sentence, "error")
            return redirect(url_for("sources.show", source_id=source_id))
        say("This run was under way already, so no second one was started.", "info")
        return redirect(url_for("runs.show", run_id=busy.id))
    queued(run)
    return redirect(url_for("runs.show", run_id=run.id))


def _import_again(run: Run) -> AnyResponse:
    """Verify the file of an import anew, in a run of its own."""
    if run.state not in uploads.CAME_TO_NOTHING:
        abort(404)
    try:
        new = uploads.again(run, access.me())
    except RefusedError as error:
        say(error.sentence, "error")
        return redirect(url_for("runs.show", run_id=run.id))
    queued(new)
    return redirect(url_for("runs.show", run_id=new.id))


def queued(run: Run) -> None:
    """Hand a queued run to the workers, or say why it has to wait."""
    if not queue.start(access.redis(), run):
        say("Redis does not answer, so no worker was told. The run starts by itself when it is back.", "warning")


def _crumbs(run: Run) -> list[Crumb]:
    """Domains / domain / what it belongs to / the run."""
    above, page, noun = ABOVE.get(RunKind(run.kind), ("sources.index", "User Sync", "Run"))
    crumbs = domain_crumbs(run.domain, here=above)
    crumbs.append({"label": page, "href": url_for(above, name=run.domain.name)})
    if run.source is not None:
        crumbs.append({"label": run.source.name, "href": url_for("sources.show", source_id=run.source.id)})
    return [*crumbs, {"label": f"{noun} {run.id}"}]


def _goes_on(run: Run) -> bool:
    """Whether its page will show something else by itself: after a check it is told whether discovery is on by it."""
    return run.is_working or (run.kind == RunKind.CHECK and discovery.is_settled_by(run))


def _progress(run: Run) -> str:
    return render_template("runs/_progress.html", run=run, **_result(run))


def _result(run: Run) -> dict[str, object]:
    """A page of what a run did or would do, all of it or what the address asks for; nothing while it is at work."""
    action = request.args.get("action", "")
    chosen = Action(action) if action in set(Action) else None
    shown = chosen or (SKIPPED if action == SKIPPED else None)
    if run.is_working:
        return {"changes": Page(()), "issues": Page(()), "issue_count": 0, "action": None, **_of_kind(run)}
    return {
        "changes": records.changes_page(run.id, place(), action=chosen) if shown != SKIPPED else Page(()),
        "issues": records.issues_page(run.id, place("issues_")) if shown in (None, SKIPPED) else Page(()),
        "issue_count": records.issue_count(run.id),
        "action": shown,
        "read_before": records.read_before(run) if run.reading == "changes" else None,
        "settles": run.source_id is not None and conflicts.told_by(run.source_id) == run,
        "group_names": records.group_names(run.domain_id),
        "owned": sources.owned(run.source_id) if run.source_id else 0,
        **(import_result.shown(run) if run.kind == RunKind.IMPORT else {}),
        **_of_kind(run),
    }


def _of_kind(run: Run) -> dict[str, object]:
    """What the page of such a run shows beside, also while it is at work."""
    if run.kind == RunKind.CHECK:
        return check_result.shown(run)
    return discovery_result.shown(run) if run.kind == RunKind.DISCOVERY else {}
