"""Search over everything that one may see: as you type, and as a page."""

from flask import Blueprint, render_template, request

from console.store import lookup
from console.web import access

pages = Blueprint("search", __name__)
FEW = {"users_limit": 8, "domains_limit": 4}
MANY = {"users_limit": 50, "domains_limit": 20}


@pages.get("/search")
def show() -> str:
    found = lookup.find(access.me(), request.args.get("q", ""), **MANY)
    groups: dict[str, list[lookup.Hit]] = {}
    for hit in found.users:
        groups.setdefault(hit.user.domain.name, []).append(hit)
    return render_template("search/show.html", found=found, groups=groups, crumbs=[{"label": "Search"}])


@pages.get("/search/hits")
def hits() -> str:
    return render_template("search/_hits.html", found=lookup.find(access.me(), request.args.get("q", ""), **FEW))
