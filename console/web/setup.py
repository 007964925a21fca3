"""The first account, made in the browser by whoever has the deployment's set-up token, while there is none."""

import hmac

from flask import Blueprint, abort, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError
from console.models import EventKind
from console.settings import Settings
from console.store import admins, first_run
from console.throttle import Door
from console.web import acting, login, tries
from console.web.forms.setup import SetUpForm
from console.web.shell import say

pages = Blueprint("setup", __name__)
WRONG = "This is not the set-up token. It is the value of SETUP_TOKEN in the console's settings."


@pages.get("/setup")
def show() -> str:
    _open()
    return _page(SetUpForm())


@pages.post("/setup")
def create() -> Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    token = _open()
    form = SetUpForm()
    if not form.validate_on_submit():
        return _page(form), 422
    # Nobody has a count of their own here; a token has too many characters for the tries that are left.
    doors = (Door("set-up", free=20, shared=True), tries.at_address("set-up"))
    if wait := tries.throttle().enter(*doors):
        form.form_errors.append(tries.sentence(wait))
        return _page(form), 429, {"Retry-After": str(wait)}
    if not hmac.compare_digest((form.token.data or "").strip().encode(), token.encode()):
        form.token.errors = [WRONG]
        acting.refused(EventKind.SIGN_IN_REFUSED, "Tried to set this console up with a wrong token")
        return _page(form), 422
    tries.throttle().passed(*doors)
    try:
        owner = first_run.make_owner(form.address, form.name.data or "", form.new.data or "")
    except RefusedError as error:
        if admins.any_exist():
            say(error.sentence, "error")
            return redirect(url_for("login.show"))
        form.new.errors = [error.sentence]
        return _page(form), 422
    response = login.let_in(owner, url_for("domains.index"), "with the set-up token")
    say(f"Welcome. You sign in as {owner.email} with the password that you have just chosen.")
    return response


def possible() -> bool:
    """Whether the first account can be made in the browser now."""
    return bool(_token()) and not admins.any_exist()


def _open() -> str:
    """The token; without one, or once there is an account, there is no such page."""
    if not possible():
        abort(404)
    return _token()


def _token() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.setup_token


def _page(form: SetUpForm) -> str:
    return render_template("setup/show.html", form=form)
