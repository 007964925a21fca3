"""Add User: by hand, with a kind and a group."""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from console.core.address import parse
from console.core.errors import AddressError, RefusedError, StaleError
from console.core.person import Kind
from console.models import Domain
from console.store import domains, recipients
from console.web import access
from console.web.forms.user import AddUserForm
from console.web.shell import domain_crumbs, move_to, say

pages = Blueprint("add_user", __name__)


@pages.get("/domains/<name>/users/new")
def new(name: str) -> str:
    domain = access.domain(name, write=True)
    form = AddUserForm(group=domains.default_group(domain.id).id)
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
            say("The user is added: mail to this address is accepted from now on.")
            return move_to(url_for("profile.show", user_id=user_id))
    return _new(domain, form), 422


def _new(domain: Domain, form: AddUserForm) -> str:
    form.offer(domains.groups(domain.id))
    crumbs = domain_crumbs(domain, "Add User", here="users.index")
    return render_template("users/new.html", domain=domain, form=form, crumbs=crumbs)
