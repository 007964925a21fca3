"""Sign in and out."""

import re
import time

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from console.models import Admin
from console.settings import Settings
from console.store import admins
from console.web.forms.account import SignInForm

pages = Blueprint("login", __name__)
# Browsers read //host and /\\host as another host's address, whatever white space stands in between.
OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def url(wanted: str = "") -> str:
    """The sign-in page that leads on to `wanted`."""
    return url_for("login.show", next=wanted or None)


@pages.get("/login")
def show() -> str | Response:
    if current_user.is_authenticated:
        return redirect(onward())
    return page(SignInForm())


@pages.post("/login")
def submit() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if form.validate_on_submit():
        admin = admins.check(form.email.data or "", form.password.data or "")
        if admin is not None:
            begin(admin)
            return redirect(onward())
        form.form_errors.append("This e-mail address and password do not belong together. Check both and try again.")
    return page(form), 422


@pages.post("/logout")
def sign_out() -> Response:
    logout_user()
    session.clear()
    return redirect(url_for("login.show"))


def begin(admin: Admin) -> None:
    """A new session, which ends when it ends: every message that waits for the next page renews its cookie."""
    session.clear()
    session.permanent = True
    session["until"] = time.time() + current_app.permanent_session_lifetime.total_seconds()
    login_user(admin)


def is_over() -> bool:
    """Whether the time of this session is up; it is gone then."""
    if time.time() < session.get("until", 0):
        return False
    session.clear()
    return True


def page(form: SignInForm) -> str:
    """The sign-in page; `form` may have errors to show."""
    settings: Settings = current_app.extensions["settings"]
    return render_template("login.html", form=form, microsoft=settings.microsoft, wanted=request.args.get("next"))


def onward(wanted: str | None = None) -> str:
    """Where the person wanted to go, if that is a path of this console."""
    wanted = request.args.get("next", "") if wanted is None else wanted
    return wanted if OWN_PATH.fullmatch(wanted) else url_for("domains.index")
