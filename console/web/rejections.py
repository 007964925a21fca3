"""Rejected recipients of a domain: what mail came for in vain, and what to make of it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core.address import Address, display
from console.core.errors import RefusedError, StaleError
from console.core.person import User
from console.core.recipient import Mode
from console.models import Domain
from console.store import recipients, rejections, users
from console.store.rejections import Order
from console.web import access
from console.web.shell import domain_crumbs, say

pages = Blueprint("rejections", __name__)
# No report has more rows than this many pages.
LAST_PAGE = rejections.LIMIT // rejections.PAGE
FOUND = 10


@pages.get("/domains/<name>/rejected")
def index(name: str) -> str:
    domain = access.domain(name)
    q = _text("q")
    order = Order.TIMES if request.args.get("order") == Order.TIMES else Order.LAST
    ignored = request.args.get("ignored") == "1"
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    return render_template(
        "rejections/list.html",
        domain=domain,
        page=rejections.page(domain.id, q=q, order=order, ignored=ignored, number=number),
        mode=Mode(domain.perimeter_mode),
        q=q,
        order=order,
        ignored=ignored,
        number=number,
        crumbs=domain_crumbs(domain, "Rejected recipients", here="rejections.index"),
    )


@pages.post("/rejected/<id:rejection_id>/add")
def make_user(rejection_id: int) -> Response:
    """Make the address a user: its mail is accepted from now on."""
    row = access.rejection(rejection_id, write=True)
    domain, address = row.domain, Address(row.address)
    try:
        user_id = recipients.add(domain, access.me(), address)
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(url_for("rejections.index", name=domain.name))
    rejections.drop(row)
    say(f"{display(address)} is a user now: mail to this address is accepted.")
    return redirect(url_for("profile.show", user_id=user_id))


@pages.get("/rejected/<id:rejection_id>/alias")
def choose_alias(rejection_id: int) -> str:
    """Look for the user who is to get the address."""
    row = access.rejection(rejection_id, write=True)
    domain, q = row.domain, _text("q")
    found = users.page(domain.id, users.Filters(q=q)) if q else None
    return render_template(
        "rejections/alias.html",
        domain=domain,
        row=row,
        q=q,
        found=found.users[:FOUND] if found else None,
        more=found is not None and found.total > FOUND,
        crumbs=[
            *domain_crumbs(domain, here="rejections.index"),
            {"label": "Rejected recipients", "href": url_for("rejections.index", name=domain.name)},
            {"label": "Add as alias"},
        ],
    )


@pages.post("/rejected/<id:rejection_id>/alias")
def make_alias(rejection_id: int) -> Response:
    """Give the address to a user."""
    row = access.rejection(rejection_id, write=True)
    domain, address = row.domain, Address(row.address)
    user = _chosen(domain, request.form.get("user", "", type=str))
    if user is None:
        say("Choose the user who is to get this address.", "error")
        return redirect(url_for("rejections.choose_alias", rejection_id=row.id))
    try:
        run = recipients.add_alias(domain, user, access.me(), address)
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(url_for("rejections.index", name=domain.name))
    rejections.drop(row)
    say(f"{display(address)} is an address of {display(user.address)} now.", undo=run.id if run else None)
    return redirect(url_for("rejections.index", name=domain.name))


@pages.post("/rejected/<id:rejection_id>/ignore")
def ignore(rejection_id: int) -> Response:
    """Take an address out of sight, or bring it back; its mail is rejected either way."""
    row = access.rejection(rejection_id, write=True)
    domain = row.domain
    on = request.form.get("on") != "0"
    rejections.ignore(row, on)
    shown = display(Address(row.address))
    say(f"{shown} is not shown any more. {_still(domain)}" if on else f"{shown} is shown again.")
    return redirect(url_for("rejections.index", name=domain.name))


def _chosen(domain: Domain, user_id: str) -> User | None:
    """The user of this domain, as the rules see it."""
    number = int(user_id) if user_id.isascii() and user_id.isdigit() and len(user_id) < 19 else 0
    found = users.visible(access.me(), number)
    return recipients.current(number) if found is not None and found.domain_id == domain.id else None


def _text(name: str) -> str:
    return request.args.get(name, "").replace("\x00", "").strip()[:300]


def _still(domain: Domain) -> str:
    if domain.perimeter_mode == Mode.ENFORCE:
        return "Its mail is still rejected, and still counted."
    return "It is still counted."
