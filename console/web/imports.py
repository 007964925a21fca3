"""Import: the page that takes a file of users, the help for it, and what is chosen while the import waits."""

import csv
import io

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from console.core import user_csv
from console.core.errors import RefusedError
from console.models import Domain, Run, RunKind, RunState
from console.store import domains, remarks, uploads
from console.web import access, errors, import_result, room
from console.web import runs as run_pages
from console.web.forms.upload import ACCEPTED, ColumnsForm, OptionsForm, UploadForm, megabytes, too_large
from console.web.places import place
from console.web.shell import Crumb, domain_crumbs, say

pages = Blueprint("imports", __name__)


@pages.get("/domains/<name>/users/import")
def new(name: str) -> str:
    domain = access.domain(name, write=True)
    return _new(domain, UploadForm(group=domains.default_group(domain.id).id))


@pages.post("/domains/<name>/users/import")
def create(name: str) -> AnyResponse | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = UploadForm()
    form.limit = room.limit()
    form.offer(domains.groups(domain.id))
    if not form.validate_on_submit():
        return _new(domain, form), 422
    try:
        run = uploads.start(domain, access.me(), name=form.name, content=form.content, group_id=form.group.data)
    except RefusedError as error:
        form.file.errors = [error.sentence]
        return _new(domain, form), 422
    run_pages.queued(run)
    return redirect(url_for("runs.show", run_id=run.id))


@pages.errorhandler(RequestEntityTooLarge)
def refuse(error: RequestEntityTooLarge) -> AnyResponse | tuple[str, int]:
    """The page with the sentence beside the field, for a file that is larger than what is read of a request."""
    if request.endpoint not in room.TAKE_FILES:
        return errors.answer(error)
    room.throw_away()
    domain = access.domain((request.view_args or {})["name"], write=True)
    form = UploadForm(formdata=None, group=domains.default_group(domain.id).id)
    form.file.errors = [too_large(room.limit())]
    return _new(domain, form), 413


@pages.get("/domains/<name>/users/import/help")
def guide(name: str) -> str:
    """What files are taken: a page, and for HTMX what the page's dialog shows."""
    domain = access.domain(name, write=True)
    if "HX-Request" in request.headers:
        return render_template("imports/_help.html", domain=domain)
    return render_template("imports/help.html", domain=domain, crumbs=_crumbs(domain, "Help"))


@pages.get("/domains/<name>/users/import/template.csv")
def template(name: str) -> Response:
    """A file to begin with. Its examples are of no domain here: whoever leaves them in has them skipped."""
    access.domain(name, write=True)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(user_csv.HEADER)
    writer.writerow(("jane.doe@example.com", "Jane", "Doe", "mailbox", "Default", "jane@example.com", ""))
    writer.writerow(("info@example.com", "", "", "shared", "", "", ""))
    headers = {"Content-Disposition": 'attachment; filename="users-template.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


@pages.post("/runs/<id:import_id>/import/options")
def options(import_id: int) -> AnyResponse:
    run = _import(import_id)
    form = OptionsForm()
    form.offer(domains.groups(run.domain_id))
    if not form.validate_on_submit():
        say("Choose what the file may do.", "error")
        return redirect(url_for("runs.show", run_id=import_id))
    return _again(run, uploads.choose(run, mode=form.mode.data, group_id=form.group.data))


@pages.get("/runs/<id:import_id>/import/columns")
def columns(import_id: int) -> AnyResponse | str:
    run = _import(import_id)
    if not _has_columns(run):
        return redirect(url_for("runs.show", run_id=import_id))
    return _columns(run, import_result.columns_form(run))


@pages.post("/runs/<id:import_id>/import/columns")
def assign(import_id: int) -> AnyResponse | tuple[str, int]:
    run = _import(import_id)
    if not _has_columns(run):
        return _again(run, chosen=False)
    found = import_result.columns(run)
    form = ColumnsForm()
    form.offer(found)
    if not form.validate_on_submit():
        return _columns(run, form), 422
    return _again(run, uploads.choose(run, columns=form.chosen(found), header=bool(form.header.data)))


@pages.get("/runs/<id:import_id>/import/skipped")
def skipped(import_id: int) -> str:
    """All lines that were skipped for one reason, a page at a time."""
    run = _import(import_id, write=False)
    first = request.args.get("reason", 0, type=int)
    if not 0 <= first < 2**63:
        abort(404)
    return render_template(
        "imports/skipped.html",
        run=run,
        first=first,
        remarks=remarks.of_reason(run.id, first, place()),
        crumbs=import_crumbs(run, "Skipped and noted"),
    )


def import_crumbs(run: Run, page: str) -> list[Crumb]:
    """Domains / domain / the import / one of its pages."""
    above = {"label": f"Import {run.id}", "href": url_for("runs.show", run_id=run.id)}
    return [*domain_crumbs(run.domain, here="users.index"), above, {"label": page}]


def _import(run_id: int, *, write: bool = True) -> Run:
    run = access.run(run_id, write=write)
    if run.kind != RunKind.IMPORT:
        abort(404)
    return run


def _has_columns(run: Run) -> bool:
    """Whether the import waits and its columns are known."""
    return run.state == RunState.NEEDS_APPROVAL and bool(import_result.columns(run))


def _again(run: Run, chosen: bool) -> AnyResponse:
    """Back to the run's page, where the file is read again if that was still possible."""
    if chosen:
        run_pages.queued(run)
    else:
        say("This import does not wait any more, so nothing was chosen for it.", "info")
    return redirect(url_for("runs.show", run_id=run.id))


def _new(domain: Domain, form: UploadForm) -> str:
    form.offer(domains.groups(domain.id))
    return render_template(
        "imports/new.html",
        domain=domain,
        form=form,
        accepted=ACCEPTED,
        limit=room.limit(),
        limit_words=megabytes(room.limit()),
        waiting=uploads.open_import(domain.id),
        crumbs=_crumbs(domain),
    )


def _columns(run: Run, form: ColumnsForm) -> str:
    return render_template(
        "imports/columns.html",
        run=run,
        form=form,
        columns=import_result.columns(run),
        crumbs=import_crumbs(run, "Columns"),
    )


def _crumbs(domain: Domain, page: str | None = None) -> list[Crumb]:
    """Domains / domain / Users / Import, or Domains / domain / Import and a page below it."""
    crumbs = domain_crumbs(domain, here="users.index")
    if page is None:
        return [*crumbs, {"label": "Users", "href": url_for("users.index", name=domain.name)}, {"label": "Import"}]
    return [*crumbs, {"label": "Import", "href": url_for("imports.new", name=domain.name)}, {"label": page}]
