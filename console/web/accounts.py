"""Everybody's accounts, for owners: who there is, what each may do, and until when they are signed in."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError
from console.models import Admin, Role
from console.settings import Settings
from console.store import accounts, admins, domains, invitations, organisation, passkeys, sessions, two_steps
from console.web import access, login
from console.web.forms.access import AccessForm
from console.web.shell import say

pages = Blueprint("accounts", __name__)


@pages.get("/accounts")
def index() -> str:
    access.owner()
    return listed()


def listed(error: str = "") -> str:
    """The accounts; `error` says why two-step sign-in cannot be required of everybody."""
    settings: Settings = current_app.extensions["settings"]
    return render_template(
        "accounts/list.html",
        admins=admins.every(),
        two_steps=two_steps.of_admins(),
        required=organisation.two_steps_required(),
        error=error,
        invitations=invitations.every(),
        sends_mail=settings.sends_mail,
        crumbs=[{"label": "Accounts"}],
    )


@pages.get("/accounts/<id:admin_id>")
def show(admin_id: int) -> str:
    admin = access.account(admin_id)
    form = AccessForm(formdata=None)
    form.fill(admin)
    return _show(admin, form)


@pages.post("/accounts/<id:admin_id>")
def save(admin_id: int) -> Response | tuple[str, int]:
    admin = access.account(admin_id)
    form = AccessForm()
    form.offer(domains.every())
    if form.validate_on_submit():
        try:
            accounts.allow(admin, Role(form.role.data), form.only)
        except RefusedError as error:
            form.role.errors = [error.sentence]
        else:
            say(f"{admin.email} is {admin.role} now, and sees {_seen(admin)}.")
            # Who is no owner any more does not see the accounts.
            return redirect(url_for("accounts.index" if access.me().is_owner else "domains.index"))
    return _show(admin, form), 422


@pages.get("/accounts/<id:admin_id>/remove")
def ask_remove(admin_id: int) -> str:
    return _ask(access.account(admin_id))


@pages.post("/accounts/<id:admin_id>/remove")
def remove(admin_id: int) -> Response | tuple[str, int]:
    admin = access.account(admin_id)
    email, own = admin.email, admin.id == access.me().id
    try:
        accounts.remove(admin)
    except RefusedError as error:
        return _ask(admin, error.sentence), 422
    if own:
        return redirect(login.url())
    say(f"The account of {email} is removed. Its sessions are over.")
    return redirect(url_for("accounts.index"))


def _seen(admin: Admin) -> str:
    return f"{len(admin.domains):,} of the domains" if admin.limited else "every domain"


def _show(admin: Admin, form: AccessForm) -> str:
    form.offer(domains.every())
    return render_template(
        "accounts/show.html",
        admin=admin,
        form=form,
        two_steps=two_steps.is_on(admin.id),
        passkeys=len(passkeys.of_admin(admin.id)),
        sessions=sessions.of_admin(admin.id, login.limits()),
        here=login.this_session(),
        crumbs=[{"label": "Accounts", "href": url_for("accounts.index")}, {"label": admin.email}],
    )


def _ask(admin: Admin, error: str = "") -> str:
    crumbs = [
        {"label": "Accounts", "href": url_for("accounts.index")},
        {"label": admin.email, "href": url_for("accounts.show", admin_id=admin.id)},
        {"label": "Remove"},
    ]
    open_sessions = len(sessions.of_admin(admin.id, login.limits()))
    return render_template(
        "accounts/remove.html",
        admin=admin,
        sessions=open_sessions,
        error=error,
        own=admin == access.me(),
        crumbs=crumbs,
    )
