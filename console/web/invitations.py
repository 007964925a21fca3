"""Invitations: owners make them, and whoever has the link makes an account of it."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console import queue
from console.core.errors import RefusedError
from console.models import Invitation, Role
from console.settings import Settings
from console.store import domains, invitations
from console.web import access, links, login
from console.web.forms.access import InvitationForm
from console.web.forms.account import AcceptForm
from console.web.shell import Crumb, say

pages = Blueprint("invitations", __name__)
LINK = "invitation"
BY_MAIL = "mail"


@pages.get("/invitations/new")
def new() -> str:
    access.owner()
    return _form(_empty())


@pages.post("/invitations/new")
def create() -> Response | str | tuple[str, int]:
    owner = access.owner()
    form = _empty()
    if form.validate_on_submit():
        try:
            made = invitations.make(form.address, Role(form.role.data), form.only, owner)
        except RefusedError as error:
            form.form_errors.append(error.sentence)
        else:
            return _sent(made) if request.form.get("way") == BY_MAIL and _sends_mail() else _link(made)
    return _form(form), 422


@pages.post("/invitations/<id:invitation_id>/send")
def send(invitation_id: int) -> Response:
    invitation = access.invitation(invitation_id)
    if not _sends_mail():
        say("This console has no mail relay: make a link instead, and hand it on.", "error")
        return redirect(url_for("accounts.index"))
    return _sent(invitation)


@pages.post("/invitations/<id:invitation_id>/link")
def link(invitation_id: int) -> str:
    return _link(access.invitation(invitation_id))


@pages.post("/invitations/<id:invitation_id>/revoke")
def revoke(invitation_id: int) -> Response:
    invitation = access.invitation(invitation_id)
    email = invitation.email
    invitations.revoke(invitation)
    say(f"The invitation of {email} is taken back: its link works no more.")
    return redirect(url_for("accounts.index"))


@pages.get("/invitation/<token>")
def open_link(token: str) -> Response:
    return links.keep(LINK, token, "invitations.show")


@pages.get("/invitation")
def show() -> str | Response:
    return _accept(AcceptForm())


@pages.post("/invitation")
def accept() -> Response | tuple[str, int]:
    form = AcceptForm()
    if form.validate_on_submit():
        try:
            admin = invitations.accept(links.kept(LINK), form.name.data or "", form.new.data or "")
        except RefusedError as error:
            form.new.errors = [error.sentence]
        else:
            response = login.let_in(admin, url_for("domains.index"), "by an invitation")
            say(f"Welcome. You sign in as {admin.email} with the password that you have just chosen.")
            return response
    page = _accept(form)
    return page if isinstance(page, Response) else (page, 422)


def _sent(invitation: Invitation) -> Response:
    queue.send_notice(access.redis(), invitations.send(invitation))
    say(f"An invitation is on its way to {invitation.email}. Its link works for seven days.")
    return redirect(url_for("accounts.index"))


def _link(invitation: Invitation) -> str:
    """The answer to this form alone has the link: what is stored is its hash."""
    made = links.address(url_for("invitations.open_link", token=invitations.renew(invitation)))
    return render_template("accounts/invitation_link.html", invitation=invitation, link=made, crumbs=_crumbs("Link"))


def _empty() -> InvitationForm:
    form = InvitationForm()
    form.offer(domains.every())
    return form


def _form(form: InvitationForm) -> str:
    return render_template("accounts/invite.html", form=form, sends_mail=_sends_mail(), crumbs=_crumbs("Invite"))


def _accept(form: AcceptForm) -> str | Response:
    found = invitations.find(links.kept(LINK))
    if found is None:
        return links.gone(invitations.GONE)
    return render_template("accounts/accept.html", form=form, invitation=found)


def _crumbs(here: str) -> list[Crumb]:
    return [{"label": "Accounts", "href": url_for("accounts.index")}, {"label": here}]


def _sends_mail() -> bool:
    settings: Settings = current_app.extensions["settings"]
    return settings.sends_mail
