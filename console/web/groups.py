"""Groups of a domain's users."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError
from console.models import Domain, Group
from console.store import domains
from console.web import access
from console.web.forms.domain import GroupForm
from console.web.shell import domain_crumbs, say

pages = Blueprint("groups", __name__)


@pages.get("/domains/<name>/groups")
def index(name: str) -> str:
    return _index(access.domain(name), GroupForm())


@pages.post("/domains/<name>/groups")
def create(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = GroupForm()
    if form.validate_on_submit():
        try:
            group = domains.add_group(domain, form.name.data or "")
        except RefusedError as error:
            form.name.errors = [error.sentence]
        else:
            say(f"The group {group.name} is added.")
            return redirect(url_for("groups.index", name=domain.name))
    return _index(domain, form), 422


@pages.get("/groups/<id:group_id>")
def show(group_id: int) -> str:
    group = access.group(group_id, write=True)
    return _show(group, GroupForm(name=group.name))


@pages.post("/groups/<id:group_id>")
def rename(group_id: int) -> Response | tuple[str, int]:
    group = access.group(group_id, write=True)
    domain = group.domain
    form = GroupForm()
    if form.validate_on_submit():
        try:
            domains.rename_group(group, form.name.data or "")
        except RefusedError as error:
            form.name.errors = [error.sentence]
        else:
            say(f"The group is called {group.name} now.")
            return redirect(url_for("groups.index", name=domain.name))
    return _show(group, form), 422


def _index(domain: Domain, form: GroupForm) -> str:
    return render_template(
        "groups/list.html",
        domain=domain,
        groups=domains.groups(domain.id),
        sizes=domains.group_sizes(domain.id),
        form=form,
        crumbs=domain_crumbs(domain, "Groups", here="groups.index"),
    )


def _show(group: Group, form: GroupForm) -> str:
    crumbs = domain_crumbs(group.domain, group.name, here="groups.index")
    return render_template("groups/show.html", group=group, form=form, crumbs=crumbs)
