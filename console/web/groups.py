"""Groups of a domain's users: make, rename and delete them, and move their users."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError, StaleError
from console.models import Domain, Group
from console.store import domains, groups
from console.store.bulk import AT_ONCE
from console.web import access
from console.web.forms.domain import GroupForm
from console.web.runs import queued
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


@pages.get("/groups/<id:group_id>/delete")
def ask_delete(group_id: int) -> str:
    group = access.group(group_id, write=True)
    told = groups.look(group)
    return render_template(
        "groups/delete.html",
        group=group,
        default=domains.default_group(group.domain_id),
        users=told.outlook.selected,
        by_worker=told.outlook.selected > AT_ONCE,
        sources=groups.sources(group.domain_id).get(group_id, []),
        seen=told.seen,
        crumbs=domain_crumbs(group.domain, f"Delete {group.name}", here="groups.index"),
    )


@pages.post("/groups/<id:group_id>/delete")
def delete(group_id: int) -> Response:
    group = access.group(group_id, write=True)
    domain_name, name = group.domain.name, group.name
    try:
        run = groups.delete(group, access.me(), seen=request.form.get("seen", ""))
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        stays = isinstance(error, RefusedError)
        return redirect(url_for("groups.show" if stays else "groups.ask_delete", group_id=group_id))
    if run.is_open:
        queued(run)
        return redirect(url_for("runs.show", run_id=run.id))
    moved = run.changed
    who = f", and {moved:,} {'user is' if moved == 1 else 'users are'} in the default group now" if moved else ""
    say(f"The group {name} is deleted{who}.", undo=run.id)
    return redirect(url_for("groups.index", name=domain_name))


def _index(domain: Domain, form: GroupForm) -> str:
    return render_template(
        "groups/list.html",
        domain=domain,
        groups=domains.groups(domain.id),
        sizes=domains.group_sizes(domain.id),
        sources=groups.sources(domain.id),
        form=form,
        crumbs=domain_crumbs(domain, "Groups", here="groups.index"),
    )


def _show(group: Group, form: GroupForm) -> str:
    domain = group.domain
    return render_template(
        "groups/show.html",
        group=group,
        domain=domain,
        size=domains.group_sizes(domain.id).get(group.id, 0),
        others=[other for other in domains.groups(domain.id) if other.id != group.id],
        sources=groups.sources(domain.id).get(group.id, []),
        form=form,
        crumbs=domain_crumbs(domain, group.name, here="groups.index"),
    )
