"""Add User: by hand, with a kind and a group. What is typed is looked at as one types."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core.additions import Judged, read
from console.core.address import Address, display, parse
from console.core.errors import AddressError, RefusedError, StaleError
from console.core.person import Kind
from console.models import Domain
from console.store import additions, domains, recipients
from console.web import access
from console.web.forms.user import AddUserForm
from console.web.shell import domain_crumbs, move_to, say

pages = Blueprint("add_user", __name__)
LONGEST = 1_000


@pages.get("/domains/<name>/users/new")
def new(name: str) -> str:
    """The form; after another user was added by it, with what that one had, and a word about who it was."""
    domain = access.domain(name, write=True)
    offered = {group.id for group in domains.groups(domain.id)}
    group = request.args.get("group", 0, type=int)
    form = AddUserForm(
        kind=request.args.get("kind", Kind.MAILBOX.value),
        group=group if group in offered else domains.default_group(domain.id).id,
    )
    return _new(domain, form)


@pages.post("/domains/<name>/users/new")
def create(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    admin = access.me()
    form = AddUserForm()
    form.offer(domains.groups(domain.id))
    if form.validate_on_submit():
        try:
            user_id = recipients.add(
                domain,
                admin,
                parse(form.address.data or "", domain.name),
                first_name=form.first_name.data or "",
                last_name=form.last_name.data or "",
                kind=Kind(form.kind.data),
                group_id=form.group.data,
            )
        except (AddressError, RefusedError, StaleError) as error:
            form.address.errors = [error.sentence]
        else:
            return _onward(domain, form, user_id)
    return _new(domain, form, _judged(domain, form.address.data or "")), 422


@pages.get("/domains/<name>/users/new/verdict")
def verdict(name: str) -> str:
    """What would come of an address, for the form while it is filled in."""
    domain = access.domain(name, write=True)
    judged = _judged(domain, request.args.get("address", ""))
    return render_template("users/_verdict.html", domain=domain, judged=judged)


def _judged(domain: Domain, typed: str) -> Judged | None:
    """None while nothing is typed, or more than an address."""
    lines = read(typed[:LONGEST], domain.name)
    return additions.judge(domain, access.me(), lines)[0] if len(lines) == 1 else None


def _onward(domain: Domain, form: AddUserForm, user_id: int) -> Response:
    """Into the new user's profile, or back to the form for the next one."""
    if not request.form.get("another"):
        say("The user is added: mail to this address is accepted from now on.")
        return move_to(url_for("profile.show", user_id=user_id))
    kept = {"kind": form.kind.data, "group": form.group.data, "added": user_id}
    return move_to(url_for("add_user.new", name=domain.name, **kept))


def _new(domain: Domain, form: AddUserForm, judged: Judged | None = None) -> str:
    form.offer(domains.groups(domain.id))
    added = request.args.get("added", type=int)
    user = access.user(added) if added is not None and 0 < added < 2**63 else None
    return render_template(
        "users/new.html",
        domain=domain,
        form=form,
        judged=judged,
        added=user,
        shown=display(Address(user.address)) if user is not None else "",
        crumbs=domain_crumbs(domain, "Add User", here="users.index"),
    )
