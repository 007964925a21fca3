"""One's own account."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError
from console.models import NoticeKind
from console.store import admins, sessions
from console.web import login, tries
from console.web.access import me
from console.web.forms.account import PasswordForm
from console.web.shell import say

pages = Blueprint("account", __name__)
CRUMBS = [{"label": "Account"}]


@pages.get("/account")
def show() -> str:
    return _page(PasswordForm())


@pages.post("/account/password")
def password() -> Response | tuple[str, int]:
    form = PasswordForm()
    admin = me()
    door = tries.password_of(admin.id)
    if form.validate_on_submit():
        if wait := tries.throttle().enter(door):
            form.current.errors = [tries.sentence(wait)]
        elif admins.check(admin.email, form.current.data or "") is None:
            form.current.errors = ["This is not your present password."]
        else:
            tries.throttle().passed(door)
            try:
                admins.set_password(admin, form.new.data or "", NoticeKind.PASSWORD_CHANGED)
            except RefusedError as error:
                form.new.errors = [error.sentence]
            else:
                login.begin(admin, again=True)
                say("Your password is changed. Your other sessions were signed out.")
                return redirect(url_for("account.show"))
    return _page(form), 422


def _page(form: PasswordForm) -> str:
    listed = sessions.of_admin(me().id, login.limits())
    return render_template("account/show.html", form=form, sessions=listed, here=login.this_session(), crumbs=CRUMBS)
