"""Activity: who did what, of one domain or of all that one may see, filtered, and as a file."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for

from console import activity_words
from console.activity_words import LISTS
from console.core import user_csv
from console.models import Domain, RunKind, Topic, db, now
from console.store import activity
from console.store.activity import Filters, Mark
from console.web import access
from console.web.shell import domain_crumbs

pages = Blueprint("activity", __name__)


@pages.get("/activity")
def index() -> str:
    """Of every domain that one may see."""
    return _page(None)


@pages.get("/domains/<name>/activity")
def show(name: str) -> str:
    return _page(access.domain(name))


@pages.get("/activity.csv")
def export_all() -> Response:
    return _file(_filters(None), "activity")


@pages.get("/domains/<name>/activity.csv")
def export(name: str) -> Response:
    domain = access.domain(name)
    return _file(_filters(domain), f"{domain.name}-activity")


def _page(domain: Domain | None) -> str:
    filters = _filters(domain)
    found = activity.at(filters, after=_mark("after"), before=_mark("before"))

    def link(endpoint: str = "", **more: Any) -> str:
        named: dict[str, Any] = {"name": domain.name} if domain is not None else {}
        pages = (
            ("activity.show", "activity.export") if domain is not None else ("activity.index", "activity.export_all")
        )
        return url_for(pages[endpoint == "export"], **{**named, **_present(filters), **more})

    return render_template(
        "activity/list.html",
        domain=domain,
        filters=filters,
        narrowed=bool(_present(filters)),
        page=found,
        kinds=_kinds(),
        chosen=_chosen(filters),
        owner=access.me().is_owner,
        words=activity_words,
        link=link,
        crumbs=_crumbs(domain),
    )


def _crumbs(domain: Domain | None) -> list[dict[str, Any]]:
    if domain is not None:
        return domain_crumbs(domain, "Activity", here="activity.show")
    return [{"label": "Domains", "href": url_for("domains.index")}, {"label": "Activity"}]


def _filters(domain: Domain | None) -> Filters:
    """What the address line asks for; what is no value of a filter is no filter."""
    kind = request.args.get("kind", "")
    return Filters.of(
        access.me(),
        domain,
        q=_text("q"),
        who=_text("who"),
        lists=kind == LISTS,
        kind=RunKind(kind) if kind in activity.KINDS else None,
        topic=Topic(kind) if kind in set(Topic) and kind in _kinds() else None,
        since=_day("since"),
        until=_day("until"),
    )


def _kinds() -> dict[str, str]:
    """What one may choose to see: others than owners see of sign-ins their own."""
    more = activity_words.FOR_OWNERS if access.me().is_owner else activity_words.OWN
    return {**activity_words.KINDS, **more}


def _chosen(filters: Filters) -> str:
    return LISTS if filters.lists else (filters.kind or filters.topic or "")


def _mark(name: str) -> Mark | None:
    return Mark.read(request.args.get(name, ""))


def _present(filters: Filters) -> dict[str, str]:
    """The filters that are set, as the address line has them."""
    values = {
        "q": filters.q,
        "who": filters.who,
        "kind": _chosen(filters),
        "since": filters.since.isoformat() if filters.since else "",
        "until": filters.until.isoformat() if filters.until else "",
    }
    return {name: value for name, value in values.items() if value}


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:200]


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _file(filters: Filters, name: str) -> Response:
    """All that the filters match, sent while it is read."""
    headers = {"Content-Disposition": f'attachment; filename="{name}-{now():%Y-%m-%d}.csv"', "X-Accel-Buffering": "no"}
    return Response(stream_with_context(_pieces(filters)), mimetype="text/csv", headers=headers)


def _pieces(filters: Filters) -> Iterator[str]:
    """The text, after the mark by which spreadsheets know UTF-8. No connection is held while it is on its way."""
    yield "\ufeff"
    for piece in user_csv.text(activity_words.rows(activity.every(filters))):
        db.session.remove()
        yield piece
