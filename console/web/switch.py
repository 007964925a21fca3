"""The way from a domain to the same kind of page of another one."""

from flask import Blueprint, render_template, request, url_for

from console.store import lookup
from console.web import access
from console.web.shell import PAGES

pages = Blueprint("switch", __name__)
SHOWN = 12
USUAL = "users.index"


@pages.get("/domains/switch")
def menu() -> str:
    """Some of the domains that one may see; what is typed narrows them."""
    wanted = request.args.get("to", USUAL)
    endpoint = wanted if wanted in dict(PAGES).values() else USUAL
    q = request.args.get("q", "").replace("\x00", "").strip().lower()[:100]
    found, more = lookup.domains_named(access.me(), q, SHOWN)
    return render_template(
        "switch/_menu.html",
        domains=[(domain.name, url_for(endpoint, name=domain.name)) for domain in found],
        here=request.args.get("of", ""),
        to=endpoint,
        q=q,
        more=more,
    )
