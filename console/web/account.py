"""One's own account."""

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError
from console.models import NoticeKind
from console.passkeys import site
from console.settings import Settings
from console.store import admins, passkeys, sessions, two_steps
from console.web import login, proof, tries
from console.web.access import me
from console.web.forms.account import PasswordForm
from console.web.forms.passkey import PasskeyForm
from console.web.shell import say

pages = Blueprint("account", __name__)
CRUMBS = [{"label": "Account"}]


@pages.get("/account")
def show() -> str:
    return page()


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
            one_time = admin.password_expires_at is not None
            try:
                admins.set_password(admin, form.new.data or "", NoticeKind.PASSWORD_CHANGED)
            except RefusedError as error:
                form.new.errors = [error.sentence]
            else:
                login.begin(admin, again=True)
                say("Your password is changed. Your other sessions were signed out.")
                # Whoever has just begun goes on; others stay on the page.
                return redirect(url_for("domains.index" if one_time else "account.show"))
    return page(form), 422


def passkey_form() -> PasskeyForm:
    """For a new passkey; who signed in just now is not asked for a proof again."""
    form = PasskeyForm(prefix="passkey-")
    if proof.recent():
        del form.proof
    return form


def page(form: PasswordForm | None = None, passkey: PasskeyForm | None = None) -> str:
    """The account's page; the forms may have errors to show."""
    settings: Settings = current_app.extensions["settings"]
    listed = sessions.of_admin(me().id, login.limits())
    return render_template(
        "account/show.html",
        form=form or PasswordForm(formdata=None),
        passkey_form=passkey or passkey_form(),
        passkeys=passkeys.of_admin(me().id),
        may_have_passkeys=site(settings.base_url) is not None,
        two_steps=two_steps.is_on(me().id),
        codes_left=two_steps.left(me().id),
        sessions=listed,
        here=login.this_session(),
        crumbs=CRUMBS,
    )
