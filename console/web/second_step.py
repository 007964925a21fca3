"""The second step of signing in: a code of the account's app, or a recovery code."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from console.core.errors import RefusedError
from console.models import Admin, EventKind, HalfSignIn
from console.store import half_sign_ins, passkeys, two_steps
from console.web import access, acting, login, tries
from console.web.forms.two_steps import CodeForm, RecoveryForm
from console.web.shell import say

pages = Blueprint("second_step", __name__)
OVER = "You have ten minutes for the second step, and they are over. Sign in again."
WRONG = "This code is wrong, or was used already. Wait for the next one, and check the time of your phone."
WRONG_RECOVERY = "This is none of your recovery codes, or it was used already."

Answer = Response | str | tuple[str, int] | tuple[str, int, dict[str, str]]


def half() -> HalfSignIn | None:
    """Who has taken the first step in this browser."""
    return half_sign_ins.find(session.get(login.HALF, ""))


@pages.get("/login/second-step")
def show() -> Answer:
    found = half()
    return _over() if found is None else _page(found.admin, CodeForm(), RecoveryForm())


@pages.post("/login/second-step")
def submit() -> Answer:
    found = half()
    if found is None:
        return _over()
    form = CodeForm()
    if form.validate_on_submit():
        try:
            wait = tries.throttle().enter(door := tries.second_step(found.admin_id, found.admin.email))
            if wait:
                form.code.errors = [_delayed(found.admin, wait)]
                return _page(found.admin, form, RecoveryForm(formdata=None)), 429, {"Retry-After": str(wait)}
            if two_steps.take(found.admin_id, form.code.data or "", access.sealer()):
                tries.throttle().passed(door)
                return _through(found, "a code of an app")
            if two_steps.is_used(found.admin_id, form.code.data or "", access.sealer()):
                two_steps.tell_refused(found.admin, "a code that was used already")
            form.code.errors = [_refused(found.admin, WRONG)]
        except RefusedError as error:
            form.code.errors = [error.sentence]
    return _page(found.admin, form, RecoveryForm(formdata=None)), 422


@pages.post("/login/second-step/recovery")
def recover() -> Answer:
    found = half()
    if found is None:
        return _over()
    form = RecoveryForm()
    if form.validate_on_submit():
        door = tries.second_step(found.admin_id, found.admin.email)
        if wait := tries.throttle().enter(door):
            form.recovery.errors = [_delayed(found.admin, wait)]
            return _page(found.admin, CodeForm(formdata=None), form), 429, {"Retry-After": str(wait)}
        admin_id = found.admin_id
        acting.remember(found.admin)
        if two_steps.take_recovery_code(found.admin, form.recovery.data or ""):
            tries.throttle().passed(door)
            try:
                response = _through(found, "a recovery code")
            except RefusedError as error:
                form.recovery.errors = [error.sentence]
                return _page(found.admin, CodeForm(formdata=None), form), 422
            _tell_left(admin_id)
            return response
        form.recovery.errors = [_refused(found.admin, WRONG_RECOVERY)]
    return _page(found.admin, CodeForm(formdata=None), form), 422


def _through(found: HalfSignIn, second: str) -> Response:
    """Both steps are taken. Raises RefusedError where the account's password was changed meanwhile."""
    half_id, admin, wanted, way = found.id, found.admin, found.wanted, f"{found.way} and {second}"
    login.begin(admin, way=way)
    half_sign_ins.end(half_id)
    return redirect(login.onward(wanted))


def _tell_left(admin_id: int) -> None:
    left = two_steps.left(admin_id)
    told = f"You used a recovery code, and {left} of them {'is' if left == 1 else 'are'} left."
    if left <= two_steps.FEW:
        told += " Make new ones on the page of your account, under two-step sign-in."
    say(told, "warning" if left <= two_steps.FEW else "success")


def _delayed(admin: Admin, wait: int) -> str:
    told = "Had to wait after too many tries at the second step of signing in"
    acting.refused(EventKind.SIGN_IN_DELAYED, told, email=admin.email)
    two_steps.tell_refused(admin, "too many wrong codes")
    return tries.sentence(wait)


def _refused(admin: Admin, sentence: str) -> str:
    acting.refused(EventKind.SIGN_IN_REFUSED, "Was not let in, with a wrong second step", email=admin.email)
    return sentence


def _over() -> Response:
    """To where it begins; whoever comes here by themselves was never told of ten minutes."""
    if request.method == "POST" or login.HALF in session:
        session.pop(login.HALF, None)
        say(OVER, "error")
    return redirect(url_for("login.show"))


def _page(admin: Admin, code: CodeForm, recovery: RecoveryForm) -> str:
    own = login.has_passkeys() and bool(passkeys.of_admin(admin.id))
    return render_template("second_step.html", admin=admin, form=code, recovery=recovery, has_passkeys=own, wanted=None)
