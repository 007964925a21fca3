"""The conflicts of a source: both sides, and the buttons that settle them."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core.errors import StaleError
from console.models import Run, Source
from console.store import conflicts
from console.web import access
from console.web.shell import domain_crumbs, say

pages = Blueprint("conflicts", __name__)
SHOWN = 50


@pages.get("/sources/<id:source_id>/conflicts")
def index(source_id: int) -> str:
    source = access.source(source_id)
    after = request.args.get("after", 0, type=int)
    found = conflicts.of_source(source, after=after if 0 <= after < 2**63 else 0, limit=SHOWN + 1)
    crumbs = domain_crumbs(source.domain, here="sources.index")
    crumbs.append({"label": "User Sync", "href": url_for("sources.index", name=source.domain.name)})
    crumbs.append({"label": source.name, "href": url_for("sources.show", source_id=source.id)})
    return render_template(
        "conflicts/list.html",
        source=source,
        conflicts=found[:SHOWN],
        following=found[SHOWN - 1].change.id if len(found) > SHOWN else None,
        adoptable=len(conflicts.adoptable(source)),
        crumbs=[*crumbs, {"label": "Conflicts"}],
    )


@pages.post("/sources/<id:source_id>/conflicts/adopt")
def adopt(source_id: int) -> Response:
    """Adopt one user, or all that stand against the source."""
    source = access.source(source_id, write=True)
    user_id = request.form.get("user", type=int)
    wanted = [user_id] if user_id else conflicts.adoptable(source)
    try:
        run = conflicts.adopt(source, access.me(), wanted)
    except StaleError as error:
        say(error.sentence, "error")
    else:
        _said(source, run)
    return redirect(url_for("conflicts.index", source_id=source_id))


@pages.post("/sources/<id:source_id>/conflicts/keep")
def keep(source_id: int) -> Response:
    source = access.source(source_id, write=True)
    addresses = conflicts.contested(source, request.form.get("conflict", 0, type=int))
    if not addresses:
        abort(404)
    conflicts.keep(source, access.me(), addresses)
    say(f"{', '.join(addresses)} stays with the user who has it.")
    return redirect(url_for("conflicts.index", source_id=source_id))


def _said(source: Source, run: Run | None) -> None:
    if run is None:
        say("There was nobody to adopt.", "info")
        return
    adopted = int(run.counts.get("updated", 0))
    who = "The user belongs" if adopted == 1 else f"{adopted:,} users belong"
    say(f"{who} to {source.label} now. The next sync brings names and aliases in step.", undo=run.id)
