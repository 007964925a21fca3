"""The Users page, Add User, and a user's profile."""

from collections.abc import Callable

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core import person
from console.core.address import Address, display, parse
from console.core.errors import AddressError, RefusedError, StaleError
from console.core.person import Kind
from console.models import Admin, Domain, Run, User
from console.store import discovery, domains, recipients, records, sightings, uploads, users
from console.web import access
from console.web.forms.user import AddUserForm, AliasForm, RowForm, UserForm
from console.web.shell import domain_crumbs, move_to, say, user_crumbs
from console.web.user_filters import Links, filters_from

pages = Blueprint("users", __name__)
Act = Callable[[person.User, Admin], Run | None]


@pages.get("/domains/<name>/users")
def index(name: str) -> str:
    return _index(access.domain(name))


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
            return move_to(url_for("users.show", user_id=user_id))
    return _new(domain, form), 422


@pages.get("/users/<id:user_id>")
def show(user_id: int) -> str:
    user = access.user(user_id)
    return _show(user, _form(user), AliasForm())


@pages.post("/users/<id:user_id>")
def edit(user_id: int) -> Response | tuple[str, int]:
    user = access.user(user_id, write=True)
    form = UserForm()
    form.offer(domains.groups(user.domain_id))
    if not form.validate_on_submit():
        return _show(user, form, AliasForm(formdata=None)), 422
    return _act(user, _editing(form, form.group.data), "Saved.")


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
            _editing(form, user.group_id)(_current(user), access.me())
        except (StaleError, RefusedError) as error:
            form.first_name.errors = [error.sentence]
        else:
            return row(user_id)
    return render_template("users/_row_form.html", user=user, form=form), 422


@pages.post("/users/<id:user_id>/aliases")
def add_alias(user_id: int) -> Response | tuple[str, int]:
    user = access.user(user_id, write=True)
    form = AliasForm()
    if form.validate_on_submit():
        try:
            address = parse(form.address.data or "", user.domain.name)
            run = recipients.add_alias(user.domain, _current(user), access.me(), address)
        except (AddressError, RefusedError, StaleError) as error:
            form.address.errors = [error.sentence]
        else:
            say(f"{display(address)} is an address of this user now.", undo=run.id if run else None)
            return redirect(url_for("users.show", user_id=user_id))
    return _show(user, _form(user), form), 422


@pages.post("/users/<id:user_id>/aliases/remove")
def remove_alias(user_id: int) -> Response:
    user = access.user(user_id, write=True)
    address = Address(request.form.get("address", ""))
    said = f"Mail to {display(address)} is rejected from now on."
    return _act(user, lambda u, a: recipients.remove_alias(u, a, address), said)


@pages.post("/users/<id:user_id>/primary")
def make_primary(user_id: int) -> Response:
    user = access.user(user_id, write=True)
    address = Address(request.form.get("address", ""))
    said = f"{display(address)} is the primary address now."
    return _act(user, lambda u, a: recipients.make_primary(u, a, address), said)


@pages.post("/users/<id:user_id>/disable")
def disable(user_id: int) -> Response:
    return _act(access.user(user_id, write=True), recipients.disable, "Mail to this user is rejected from now on.")


@pages.post("/users/<id:user_id>/enable")
def enable(user_id: int) -> Response:
    return _act(access.user(user_id, write=True), recipients.enable, "Mail to this user is accepted again.")


@pages.post("/users/<id:user_id>/exempt")
def exempt(user_id: int) -> Response:
    user = access.user(user_id, write=True)
    on = request.form.get("on") == "1"
    said = "No sync touches this user any more." if on else "This user is synced again."
    return _act(user, lambda u, a: recipients.exempt(u, a, on), said)


@pages.post("/users/<id:user_id>/follow")
def follow(user_id: int) -> Response:
    user = access.user(user_id, write=True)
    name = request.form.get("field", "")
    return _act(user, lambda u, a: recipients.follow(u, a, name), "The next sync sets this again.")


@pages.get("/users/<id:user_id>/delete")
def ask_delete(user_id: int) -> str:
    user = access.user(user_id, write=True)
    return render_template("users/delete.html", user=user, crumbs=user_crumbs(user.domain, user.group, user))


@pages.post("/users/<id:user_id>/delete")
def delete(user_id: int) -> Response:
    user = access.user(user_id, write=True)
    listed = url_for("users.index", name=user.domain.name)
    return _act(
        user,
        recipients.delete,
        f"{display(Address(user.address))} is deleted: its mail is rejected from now on.",
        listed,
    )


def _index(domain: Domain) -> str:
    groups, sources = domains.groups(domain.id), users.sources(domain.id)
    filters = filters_from(request.args, groups, sources)
    after, before = (_place(request.args.get(name)) for name in ("after", "before"))
    group = next((item for item in groups if item.id == filters.group), None)
    if group is None:
        crumbs = domain_crumbs(domain, "Users", here="users.index")
    else:
        crumbs = [*user_crumbs(domain, group), {"label": "Users"}]
    return render_template(
        "users/list.html",
        domain=domain,
        page=users.page(domain.id, filters, after=after, before=before),
        totals=users.totals(domain.id),
        waiting=uploads.open_import(domain.id),
        discovering=discovery.is_on(domain.id),
        filters=filters,
        link=Links(domain, filters, groups, sources),
        crumbs=crumbs,
    )


def _place(text: str | None) -> str | None:
    """Where a page of the list begins or ends; any text is before or after some address."""
    return text.replace("\x00", "") if text is not None else None


def _new(domain: Domain, form: AddUserForm) -> str:
    form.offer(domains.groups(domain.id))
    crumbs = domain_crumbs(domain, "Add User", here="users.index")
    return render_template("users/new.html", domain=domain, form=form, crumbs=crumbs)


def _form(user: User) -> UserForm:
    form = UserForm(
        formdata=None, first_name=user.first_name, last_name=user.last_name, kind=user.kind, group=user.group_id
    )
    form.offer(domains.groups(user.domain_id))
    return form


def _show(user: User, form: UserForm, alias_form: AliasForm) -> str:
    form.offer(domains.groups(user.domain_id))
    return render_template(
        "users/show.html",
        user=user,
        form=form,
        alias_form=alias_form,
        history=users.history(user.id),
        sighting=sightings.of_users([user.id]).get(user.id),
        group_names=records.group_names(user.domain_id),
        crumbs=user_crumbs(user.domain, user.group, user),
    )


def _editing(form: UserForm | RowForm, group_id: int) -> Act:
    def act(user: person.User, admin: Admin) -> Run | None:
        return recipients.edit(
            user,
            admin,
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            kind=Kind(form.kind.data),
            group_id=group_id,
        )

    return act


def _current(user: User) -> person.User:
    """The user as the rules see it; 404 if it was deleted a moment ago."""
    found = recipients.current(user.id)
    if found is None:
        abort(404)
    return found


def _act(user: User, act: Act, said: str, onward: str | None = None) -> Response:
    """Do something to a user, say so with an Undo, and go on, or else back to the profile."""
    profile = url_for("users.show", user_id=user.id)
    try:
        run = act(_current(user), access.me())
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(profile)
    say(said if run else "Nothing was changed.", "success" if run else "info", undo=run.id if run else None)
    return redirect(onward or profile)
