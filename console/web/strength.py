"""How strong a new password is, while it is typed. Nothing of it is stored, logged or sent back."""

from flask import Blueprint, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from console import passwords
from console.store import invitations, resets
from console.throttle import Door
from console.web import access, links, setup, tries
from console.web.invitations import LINK as INVITATION
from console.web.resets import LINK as RESET

pages = Blueprint("strength", __name__)
# An estimate costs up to a quarter of a second, and who types asks a few times for each password.
OFTEN = 100


@pages.post("/password/strength")
def show() -> str | Response:
    """What stands beside the field, for whoever has a page with such a field before them.

    Others are told nothing, and that it is no error: the first account may be made just before the last key is heard.
    """
    email = _whose()
    if email is None:
        return Response(status=204)
    password = request.form.get("new", "")
    if not password:
        return render_template("account/_strength.html", strength=None, wait="")
    # Said in place of the former answer, which would be about another password.
    if wait := tries.throttle().enter(_door()):
        return render_template("account/_strength.html", strength=None, wait=tries.sentence(wait))
    found = passwords.strength(password, email)
    return render_template("account/_strength.html", strength=found, highest=passwords.HIGHEST, wait="")


def _whose() -> str | None:
    """The e-mail address of the account that the password would be for, if there is one."""
    if current_user.is_authenticated:
        return access.me().email
    if invitation := invitations.find(links.kept(INVITATION)):
        return invitation.email
    if admin := resets.find(links.kept(RESET)):
        return admin.email
    return request.form.get("email", "")[:1000] if setup.possible() else None


def _door() -> Door:
    if current_user.is_authenticated:
        return Door(f"strength for {access.me().id}", free=OFTEN)
    return Door(f"strength from {tries.network(request.remote_addr or '')}", free=OFTEN, shared=True)
