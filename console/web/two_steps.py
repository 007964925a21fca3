"""Two-step sign-in of one's own account: set up, with recovery codes, and turned off. Owners reset that of others, and
require it of everybody."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from console import codes
from console.core.errors import RefusedError
from console.store import organisation, two_steps
from console.web import access, accounts, proof
from console.web.access import me
from console.web.forms.two_steps import ProofForm, SetUpForm
from console.web.shell import Crumb, say

pages = Blueprint("two_steps", __name__)
APP = "app"
"""Where the session keeps, sealed, the secret of an app that is not proved yet: in this browser, and nowhere else."""
OWN = "Turn off your own two-step sign-in on the page of your account, where you prove that it is you."


@pages.get("/account/two-steps")
def show() -> str:
    return _manage() if two_steps.is_on(me().id) else _set_up(_empty())


@pages.post("/account/two-steps")
def turn_on() -> Response | str | tuple[str, int]:
    admin, form = me(), _empty()
    if form.validate_on_submit():
        try:
            lacking = "" if proof.recent() else _lacking(form.proof.data or "")
            if lacking:
                form.proof.errors = [lacking]
            else:
                shown = two_steps.turn_on(admin, _secret(), form.code.data or "", access.sealer())
                session.pop(APP, None)
                return _codes(shown, "Two-step sign-in is on", renewed=False)
        except RefusedError as error:
            form.code.errors = [error.sentence]
    return (_manage() if two_steps.is_on(admin.id) else _set_up(form)), 422


@pages.post("/account/two-steps/codes")
def renew() -> Response | str | tuple[str, int]:
    form = ProofForm(prefix="codes-")
    if not two_steps.is_on(me().id):
        return redirect(url_for("two_steps.show"))
    if _proved(form):
        return _codes(two_steps.renew_codes(me()), "Your new recovery codes", renewed=True)
    return _manage(codes_form=form), 422


@pages.post("/account/two-steps/off")
def turn_off() -> Response | tuple[str, int]:
    form = ProofForm(prefix="off-")
    if not two_steps.is_on(me().id):
        return redirect(url_for("two_steps.show"))
    if _proved(form):
        two_steps.turn_off(me())
        say("Two-step sign-in is off: from now on you sign in with your password alone.")
        return redirect(url_for("account.show"))
    return _manage(off_form=form), 422


@pages.get("/accounts/<id:admin_id>/two-steps")
def ask_reset(admin_id: int) -> str:
    admin = access.account(admin_id)
    crumbs = [
        {"label": "Accounts", "href": url_for("accounts.index")},
        {"label": admin.email, "href": url_for("accounts.show", admin_id=admin.id)},
        {"label": "Reset"},
    ]
    return render_template("two_steps/reset.html", admin=admin, crumbs=crumbs)


@pages.post("/accounts/<id:admin_id>/two-steps")
def reset(admin_id: int) -> Response:
    admin, owner = access.account(admin_id), me()
    if admin.id == owner.id:
        say(OWN, "error")
    elif two_steps.reset(admin, f"the owner {owner.email}"):
        say(f"The two-step sign-in of {admin.email} is reset: a password alone is enough until it is set up again.")
    else:
        say(f"{admin.email} signs in with a password alone: there was nothing to reset.")
    return redirect(url_for("accounts.show", admin_id=admin_id))


@pages.post("/accounts/two-steps")
def require() -> Response | tuple[str, int]:
    """Whether everybody has to."""
    owner, required = access.owner(), request.form.get("required") == "yes"
    try:
        organisation.require_two_steps(owner, required)
    except RefusedError as error:
        return accounts.listed(error.sentence), 422
    say("Two-step sign-in is required of everybody now." if required else "Everybody may sign in in one step now.")
    return redirect(url_for("accounts.index"))


def _lacking(typed: str) -> str:
    return proof.lacking(me(), typed) if typed else proof.ENTER


def _proved(form: ProofForm) -> bool:
    if not form.validate_on_submit():
        return False
    try:
        lacking = proof.lacking(me(), form.proof.data or "")
    except RefusedError as error:
        lacking = error.sentence
    if lacking:
        form.proof.errors = [lacking]
    return not lacking


def _secret() -> str:
    """The secret that this browser's page shows; a new one where none was shown."""
    try:
        found = access.sealer().unseal(session.get(APP, ""))
    except RefusedError:
        found = ""
    if not found:
        found = codes.new_secret()
        session[APP] = access.sealer().seal(found)
    return found


def _empty() -> SetUpForm:
    form = SetUpForm()
    if proof.recent():
        del form.proof
    return form


def _set_up(form: SetUpForm) -> str:
    secret = _secret()
    return render_template(
        "two_steps/set_up.html",
        form=form,
        picture=codes.picture(secret, me().email),
        secret=codes.grouped(secret),
        address=codes.address(secret, me().email),
        required=organisation.two_steps_required(),
        crumbs=_crumbs(),
    )


def _codes(shown: list[str], title: str, *, renewed: bool) -> str:
    """The answer to this form alone has them: what is stored are their hashes."""
    crumbs = _crumbs("Recovery codes")
    return render_template("two_steps/codes.html", codes=shown, title=title, renewed=renewed, crumbs=crumbs)


def _manage(codes_form: ProofForm | None = None, off_form: ProofForm | None = None) -> str:
    return render_template(
        "two_steps/manage.html",
        codes_form=codes_form or ProofForm(formdata=None, prefix="codes-"),
        off_form=off_form or ProofForm(formdata=None, prefix="off-"),
        left=two_steps.left(me().id),
        few=two_steps.FEW,
        required=organisation.two_steps_required(),
        crumbs=_crumbs(),
    )


def _crumbs(here: str = "") -> list[Crumb]:
    own = {"label": "Account", "href": url_for("account.show")}
    if not here:
        return [own, {"label": "Two-step sign-in"}]
    return [own, {"label": "Two-step sign-in", "href": url_for("two_steps.show")}, {"label": here}]
