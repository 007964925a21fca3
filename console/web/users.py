"""The Users page: its list, and a row of it that is edited in place."""

from flask import Blueprint, render_template, request

from console.core.errors import RefusedError, StaleError
from console.models import Domain
from console.store import discovery, domains, uploads, users
from console.store.user_order import Order
from console.web import access
from console.web.edits import current, editing
from console.web.forms.user import RowForm
from console.web.shell import domain_crumbs, user_crumbs
from console.web.user_filters import Links, filters_from

pages = Blueprint("users", __name__)


@pages.get("/domains/<name>/users")
def index(name: str) -> str:
    return _index(access.domain(name))


@pages.get("/users/<id:user_id>/row")
def row(user_id: int) -> str:
    user = access.user(user_id)
    return render_template("users/_row.html", user=user, domain=user.domain)


@pages.get("/users/<id:user_id>/row/edit")
def edit_row(user_id: int) -> str:
    user = access.user(user_id, write=True)
    form = RowForm(first_name=user.first_name, last_name=user.last_name, kind=user.kind)
    return render_template("users/_row_form.html", user=user, form=form)


@pages.post("/users/<id:user_id>/row")
def save_row(user_id: int) -> str | tuple[str, int]:
    user = access.user(user_id, write=True)
    form = RowForm()
    if form.validate_on_submit():
        try:
            editing(form, user.group_id)(current(user), access.me())
        except (StaleError, RefusedError) as error:
            form.first_name.errors = [error.sentence]
        else:
            return row(user_id)
    return render_template("users/_row_form.html", user=user, form=form), 422


def _index(domain: Domain) -> str:
    groups, sources = domains.groups(domain.id), users.sources(domain.id)
    filters = filters_from(request.args, groups, sources)
    order = Order.parse(request.args.get("sort", ""))
    spots = {name: request.args[name].replace("\x00", "") for name in ("after", "before") if name in request.args}
    group = next((item for item in groups if item.id == filters.group), None)
    if group is None:
        crumbs = domain_crumbs(domain, "Users", here="users.index")
    else:
        crumbs = [*user_crumbs(domain, group), {"label": "Users"}]
    return render_template(
        "users/list.html",
        domain=domain,
        page=users.page(domain.id, filters, order=order, **spots),
        totals=users.totals(domain.id),
        waiting=uploads.open_import(domain.id),
        discovering=discovery.is_on(domain.id),
        filters=filters,
        link=Links(domain, filters, groups, sources, order),
        spots=spots,
        all="all" in request.args,
        crumbs=crumbs,
    )
