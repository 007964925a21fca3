"""One's own account."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError
from console.store import admins
from console.web import login
from console.web.access import me
from console.web.forms.account import PasswordForm
from console.web.shell import say

pages = Blueprint("account", __name__)
CRUMBS = [{"label": "Account"}]


@pages.get("/account")
def show() -> str:
    return render_template("account/show.html", form=PasswordForm(), crumbs=CRUMBS)


@pages.post("/account/password")
def password() -> Response | tuple[str, int]:
    form = PasswordForm()
    admin = me()
    if form.validate_on_submit():
        if admins.check(admin.email, form.current.data or "") is None:
            form.current.errors = ["This is not your present password."]
        else:
            try:
                admins.set_password(admin, form.new.data or "")
            except RefusedError as error:
                form.new.errors = [error.sentence]
            else:
                login.begin(admin)
                say("Your password is changed. Your other sessions were signed out.")
                return redirect(url_for("account.show"))
    return render_template("account/show.html", form=form, crumbs=CRUMBS), 422
