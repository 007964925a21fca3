"""What every page has around it: the path as navigation, and the words and numbers of the templates."""

import datetime as dt
import hashlib
import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, flash, g, redirect, request, url_for
from flask_login import current_user
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from console.core.address import display, display_domain
from console.core.imports import GRACE
from console.core.person import Origin
from console.models import Domain, Group, Run, RunState, User, now
from console.store import expiry

Crumb = dict[str, Any]
DAY = 24 * 3600
PAGES = (
    ("Overview", "overview.show"),
    ("Users", "users.index"),
    ("Groups", "groups.index"),
    ("User Sync", "sources.index"),
    ("Address Discovery", "discovery.index"),
    ("Inbound SMTP", "smtp.index"),
    ("Rejected recipients", "rejections.index"),
    ("Activity", "activity.show"),
    ("Settings", "domains.show"),
)
"""The pages of a domain: label and endpoint."""
UNITS = ((365 * DAY, "year"), (30 * DAY, "month"), (DAY, "d"), (3600, "h"), (60, "min"))


def register(app: Flask, version: str) -> None:
    """Give the templates their filters and the frame of the page."""
    app.jinja_env.filters.update(
        number=number,
        ago=ago,
        display=display,
        display_domain=display_domain,
        days_left=days_left,
        words=words,
        breakable=breakable,
        span=span,
    )
    app.jinja_env.globals["static_url"] = static_url
    app.jinja_env.globals["bars"] = bars
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.context_processor
    def frame() -> dict[str, Any]:
        links = {
            "home": url_for("domains.index"),
            "search": url_for("search.show"),
            "hits": url_for("search.hits"),
            "account": url_for("account.show"),
            "help": url_for("help.index"),
            "logout": url_for("login.sign_out"),
            "version": version,
        }
        signed_in = not g.get("accounts_away") and current_user.is_authenticated
        if signed_in and current_user.is_owner:
            links["accounts"] = url_for("accounts.index")
            links["expiring"] = expiry.told_own(app.extensions["settings"].microsoft)
        return {"current_admin": current_user if signed_in else None, "shell": links}


def domain_crumbs(domain: Domain, page: str | None = None, *, here: str = "") -> list[Crumb]:
    """Domains / domain, with the menu of its pages, and the page itself. `here` is the endpoint to mark in the menu;
    the switcher of domains leads to the same kind of page."""
    crumbs: list[Crumb] = [
        {
            "label": "Domains",
            "href": url_for("domains.index"),
            "switch": url_for("switch.menu", to=here or "users.index", of=domain.name),
        },
        {
            "label": display_domain(domain.name),
            "href": url_for("overview.show", name=domain.name),
            "menu": _menu(domain, here),
        },
    ]
    return [*crumbs, {"label": page}] if page else crumbs


def user_crumbs(domain: Domain, group: Group, user: User | None = None) -> list[Crumb]:
    """Domains / domain / group, with menus, and the user."""
    users = {
        "label": "Users",
        "href": url_for("users.index", name=domain.name, group=group.id),
        "current": user is None,
    }
    menu = [users, {"label": "All groups", "href": url_for("groups.index", name=domain.name), "current": False}]
    crumbs = [*domain_crumbs(domain), {"label": group.name, "href": users["href"], "menu": menu}]
    return [*crumbs, {"label": display(user.address)}] if user is not None else crumbs  # type: ignore[arg-type]


def _menu(domain: Domain, here: str) -> list[Crumb]:
    return [
        {"label": label, "href": url_for(endpoint, name=domain.name), "current": endpoint == here}
        for label, endpoint in PAGES
    ]


def say(text: str, category: str = "success", *, undo: int | None = None) -> None:
    """A message for the next page; `undo` is the run that its Undo button takes back."""
    if undo is None:
        flash(text, category)
    else:
        message = {"text": text, "action_label": "Undo", "action_url": url_for("runs.undo", run_id=undo)}
        flash(message, category)  # type: ignore[arg-type]


def move_to(target: str) -> Response:
    """Move the whole page: a form that HTMX sent would else put the answer where the form stood."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def bars(history: Sequence[Run]) -> list[dict[str, Any]]:
    """A source's last syncs for the small chart: how much each changed, and which of them failed.

    The height grows with the square root of the number, as in the large chart of its history.
    """
    tones = {"failed": "bad", "interrupted": "bad", "cancelled": "quiet", "discarded": "quiet"}
    return [
        {
            "value": math.sqrt(run.changed) if run.state == RunState.SUCCEEDED else 0,
            "tone": tones.get(run.state),
            "title": run.state,
        }
        for run in history
    ]


def number(value: float) -> str:
    return f"{value:,}"


def words(value: str) -> str:
    """A stored word as people read it: public_folder is a public folder."""
    return value.replace("_", " ")


def span(seconds: float) -> str:
    """How long something took, in two units at most: "1.2 s", "3 min 4 s", "2 h 5 min"."""
    if seconds < 9.95:
        return f"{max(seconds, 0.1):.1f} s"
    whole = round(seconds)
    for size, unit, smaller, small_unit in ((3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit}" + (f" {rest} {small_unit}" if rest else "")
    return f"{whole} s"


def breakable(place: str) -> Markup:
    """A DN or an address that a browser may break after its commas or its @, and copies without the breaks."""
    return escape(place).replace(",", Markup(",<wbr>")).replace("@", Markup("@<wbr>"))


def ago(moment: dt.datetime) -> str:
    """How long ago, or until when, in one unit: "2 h ago", "in 23 min"."""
    seconds = (now() - moment).total_seconds()
    size, unit = next(((size, unit) for size, unit in UNITS if abs(seconds) >= size), (1, ""))
    if not unit:
        return "just now" if seconds >= 0 else "in a moment"
    amount = int(abs(seconds) // size)
    text = f"{amount} {unit}{'s' if amount > 1 and unit in ('month', 'year') else ''}"
    return f"{text} ago" if seconds >= 0 else f"in {text}"


def days_left(user: User) -> int | None:
    """Whole days, begun ones counted, until a missing user is rejected."""
    if user.missing_since is None or (user.source is None and user.origin != Origin.CSV):
        return None
    ends = user.missing_since + (dt.timedelta(days=user.source.grace_days) if user.source else GRACE)
    return max(0, -((now() - ends) // dt.timedelta(days=1)))


@lru_cache(maxsize=64)
def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def static_url(name: str) -> str:
    """The address of a static file, with the hash of its content."""
    path = Path(__file__).parent.parent / "static" / name
    return url_for("static", filename=name, v=_hash(path))
