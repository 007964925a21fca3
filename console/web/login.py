"""Sign in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from console.store import admins
from console.web.forms.account import SignInForm

pages = Blueprint("login", __name__)


def url(wanted: str = "") -> str:
    """The sign-in page that leads on to `wanted`."""
    return url_for("login.show", next=wanted or None)


@pages.get("/login")
def show() -> str | Response:
    if current_user.is_authenticated:
        return redirect(_onward())
    return render_template("login.html", form=SignInForm())


@pages.post("/login")
def submit() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if form.validate_on_submit():
        admin = admins.check(form.email.data or "", form.password.data or "")
        if admin is not None:
            session.clear()
            session.permanent = True
            login_user(admin)
            return redirect(_onward())
        form.form_errors.append("This e-mail address and password do not belong together. Check both and try again.")
    return render_template("login.html", form=form), 422


@pages.post("/logout")
def sign_out() -> Response:
    logout_user()
    session.clear()
    return redirect(url_for("login.show"))


def _onward() -> str:
    """Where the person wanted to go, if that is a path of this console."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted.replace("\\", "/"))
    own = wanted.startswith("/") and not parts.scheme and not parts.netloc
    return wanted if own else url_for("domains.index")
