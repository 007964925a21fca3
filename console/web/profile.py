"""A user's profile: who it is, which addresses it has, where it came from, and what was done to it."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core.address import Address, display, parse
from console.core.errors import AddressError, RefusedError, StaleError
from console.models import User
from console.store import domains, recipients, records, sightings
from console.web import access, user_facts
from console.web.edits import Act, current, editing
from console.web.forms.user import AliasForm, UserForm
from console.web.places import place
from console.web.shell import say, user_crumbs

pages = Blueprint("profile", __name__)


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
    return _act(user, editing(form, form.group.data), "Saved.")


@pages.post("/users/<id:user_id>/aliases")
def add_alias(user_id: int) -> Response | tuple[str, int]:
    user = access.user(user_id, write=True)
    form = AliasForm()
    if form.validate_on_submit():
        try:
            address = parse(form.address.data or "", user.domain.name)
            run = recipients.add_alias(user.domain, current(user), access.me(), address)
        except (AddressError, RefusedError, StaleError) as error:
            form.address.errors = [error.sentence]
        else:
            say(f"{display(address)} is an address of this user now.", undo=run.id if run else None)
            return redirect(url_for("profile.show", user_id=user_id))
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
        domain=user.domain,
        held=user_facts.addresses(user),
        billing=user_facts.billing(user),
        entry=records.last_place(user.id, user.source_id) if user.source_id else "",
        history=records.history(user.id, place()),
        sighting=sightings.of_users([user.id]).get(user.id),
        group_names=records.group_names(user.domain_id),
        crumbs=user_crumbs(user.domain, user.group, user),
    )


def _act(user: User, act: Act, said: str, onward: str | None = None) -> Response:
    """Do something to a user, say so with an Undo, and go on, or else back to the profile."""
    profile = url_for("profile.show", user_id=user.id)
    try:
        run = act(current(user), access.me())
    except (RefusedError, StaleError) as error:
        say(error.sentence, "error")
        return redirect(profile)
    say(said if run else "Nothing was changed.", "success" if run else "info", undo=run.id if run else None)
    return redirect(onward or profile)
