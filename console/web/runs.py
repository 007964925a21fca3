"""A run's page: live while it works, then its result; approve, discard, cancel, run again, take back."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import live, queue
from console.core.errors import RefusedError
from console.core.plan import Action
from console.models import Run, RunKind, RunState
from console.store import admins, records, runs, sources
from console.web import access, run_csv, stream
from console.web.shell import domain_crumbs, say

pages = Blueprint("runs", __name__)
SHOWN = 50


@pages.get("/runs/<id:run_id>")
def show(run_id: int) -> str:
    run = access.run(run_id)
    crumbs = domain_crumbs(run.domain, here="sources.index")
    crumbs.append({"label": "User Sync", "href": url_for("sources.index", name=run.domain.name)})
    if run.source is not None:
        crumbs.append({"label": run.source.name, "href": url_for("sources.show", source_id=run.source.id)})
    return render_template("runs/show.html", run=run, **_result(run), crumbs=[*crumbs, {"label": f"Run {run.id}"}])


@pages.get("/runs/<id:run_id>/progress")
def progress(run_id: int) -> str | Response:
    run = access.run(run_id)
    if not stream.wanted():
        return _progress(run)
    session_id = access.me().get_id()

    def frame() -> stream.Frame | None:
        """Fetched, and so authorised, for every message."""
        admin = admins.by_session(session_id)
        now = runs.visible(admin, run_id) if admin is not None else None
        return stream.Frame(_progress(now), last=not now.is_working) if now is not None else None

    return stream.respond(live.run_channel(run_id), frame)


@pages.get("/runs/<id:run_id>/changes")
def changes(run_id: int) -> str:
    run = access.run(run_id)
    return render_template("runs/_changes.html", run=run, **_result(run))


@pages.get("/runs/<id:run_id>/changes.csv")
def export(run_id: int) -> Response:
    """Every change of a run, as a table for a spreadsheet."""
    run = access.run(run_id)
    names = records.group_names(run.domain_id)
    body = "".join(run_csv.lines(records.all_changes(run.id), names))
    headers = {"Content-Disposition": f'attachment; filename="run-{run.id}.csv"'}
    return Response(body, mimetype="text/csv", headers=headers)


@pages.post("/runs/<id:run_id>/approve")
def approve(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if runs.approve(run_id):
        _queued(run)
    else:
        say("This run does not wait for approval any more.", "info")
    return redirect(url_for("runs.show", run_id=run_id))


@pages.post("/runs/<id:run_id>/discard")
def discard(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if runs.discard(run_id):
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
    if run.source is None or run.kind not in (RunKind.SYNC, RunKind.PREVIEW, RunKind.TEST):
        abort(404)
    return start(RunKind(run.kind), run.source.id)


@pages.post("/runs/<id:run_id>/undo")
def undo(run_id: int) -> AnyResponse:
    run = access.run(run_id, write=True)
    if run.state != RunState.SUCCEEDED or run.kind in (RunKind.TEST, RunKind.PREVIEW):
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
    _queued(undone)
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
    _queued(run)
    return redirect(url_for("runs.show", run_id=run.id))


def _queued(run: Run) -> None:
    if not queue.start(access.redis(), run):
        say("Redis does not answer, so no worker was told. The run starts by itself when it is back.", "warning")


def _progress(run: Run) -> str:
    return render_template("runs/_progress.html", run=run, **_result(run))


def _result(run: Run) -> dict[str, object]:
    """The first page of what a run did or would do; nothing while it is at work."""
    action = request.args.get("action", "")
    chosen = Action(action) if action in {item.value for item in Action} else None
    if run.is_working:
        return {"changes": [], "issues": [], "issue_count": 0, "action": None}
    found = records.changes(run.id, action=chosen, after=_after("after"), limit=SHOWN + 1)
    remarks = records.issues(run.id, after=_after("issues_after"), limit=SHOWN + 1)
    return {
        "changes": found[:SHOWN],
        "next_change": found[SHOWN - 1].id if len(found) > SHOWN else None,
        "issues": remarks[:SHOWN],
        "next_issue": remarks[SHOWN - 1].id if len(remarks) > SHOWN else None,
        "issue_count": records.issue_count(run.id),
        "action": chosen,
        "group_names": records.group_names(run.domain_id),
        "owned": sources.owned(run.source_id) if run.source_id else 0,
    }


def _after(name: str) -> int:
    """Where the page begins; what no row has for a number is the beginning."""
    number = request.args.get(name, 0, type=int)
    return number if 0 <= number < 2**63 else 0
