"""Sign in and out."""

import datetime as dt
import re
import secrets
from collections.abc import Callable

from flask import (
    Blueprint,
    Request,
    after_this_request,
    current_app,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response

from console import passkeys
from console.core.errors import RefusedError
from console.models import Admin, AdminSession, DatabaseError, EventKind, NoticeKind, db
from console.settings import Settings
from console.store import admins, events, half_sign_ins, notices, sessions, two_steps
from console.store import passkeys as stored_passkeys
from console.store.events import Actor
from console.store.sessions import Limits, Visitor
from console.web import acting, tries
from console.web.forms.account import SignInForm

pages = Blueprint("login", __name__)
# Browsers read //host and /\\host as another host's address, whatever white space stands in between.
OWN_PATH = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")
REFUSED = "This e-mail address and password do not belong together. Check both and try again."
KEY = "key"
"""Where the cookie of a session has what the session's row is found by."""
HALF = "half"
"""The same for somebody who has the second step before them."""


def url(wanted: str = "") -> str:
    """The sign-in page that leads on to `wanted`."""
    return url_for("login.show", next=wanted or None)


@pages.get("/login")
def show() -> str | Response:
    if current_user.is_authenticated:
        return redirect(onward())
    return page(SignInForm())


@pages.post("/login")
def submit() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    form = SignInForm()
    if not form.validate_on_submit():
        return page(form), 422
    email = form.email.data or ""
    doors = tries.sign_in(email)
    if wait := tries.throttle().enter(*doors):
        acting.refused(EventKind.SIGN_IN_DELAYED, "Had to wait after too many tries to sign in", email=email)
        form.form_errors.append(tries.sentence(wait))
        return page(form), 429, {"Retry-After": str(wait)}
    admin = admins.check(email, form.password.data or "")
    if admin is None:
        acting.refused(EventKind.SIGN_IN_REFUSED, "Was not let in, with a wrong password", email=email)
        form.form_errors.append(REFUSED)
        return page(form), 422
    tries.throttle().passed(*doors)
    try:
        return let_in(admin, onward())
    except RefusedError as error:
        form.form_errors.append(error.sentence)
        return page(form), 422


@pages.post("/logout")
def sign_out() -> Response:
    here = this_session()
    if here is not None:
        events.note(EventKind.SIGNED_OUT, "Signed out")
        sessions.end(here.id)
    session.clear()
    return redirect(url_for("login.show"))


def let_in(admin: Admin, wanted: str, way: str = "with a password") -> Response:
    """Go on with somebody who has proved to be the account's owner by a password, a link or at Microsoft (`way`).

    Every way in comes through here, but for a passkey, which is two proofs in one: an account with two-step sign-in is
    asked for its second before the session begins, whatever the first was. Raises RefusedError where the account's
    password was changed meanwhile.
    """
    if not two_steps.is_on(admin.id):
        begin(admin, way=way)
        return redirect(wanted)
    token = half_sign_ins.begin(admin, wanted, way)
    session.clear()
    session[HALF] = token
    return redirect(url_for("second_step.show"))


def begin(admin: Admin, *, again: bool = False, way: str = "with a password") -> None:
    """A new session, and a notice to the account when the browser is one that it does not know.

    `again` is for who is signed in here already.
    """
    settings: Settings = current_app.extensions["settings"]
    who = tries.visitor()
    device = who.device or secrets.token_urlsafe(24)
    if not again and sessions.is_new(admin, who):
        notices.tell_person(NoticeKind.NEW_SIGN_IN, admin, f"{who.browser}, network address {who.address}")
    if not again:
        events.note(EventKind.SIGNED_IN, f"Signed in {way}, {who.browser}", by=Actor.of(admin, who.address))
    token = sessions.begin(admin, Visitor(who.address, who.browser, device))
    session.clear()
    session.permanent = True
    session[KEY] = token
    _remember(device, settings)


def this_session() -> AdminSession | None:
    """The session of this request, if it lasts; g remembers it."""
    if "session_row" not in g:
        token = session.get(KEY, "")
        # A page asks for its streams by itself, while nobody uses it.
        use = request.endpoint not in current_app.extensions["streams"]
        g.session_row = sessions.find(token, limits(), use=use) if token else None
    found: AdminSession | None = g.session_row
    return found


def account(_: Request) -> Admin | None:
    """The account of this request, for Flask-Login."""
    here = this_session()
    return here.admin if here is not None else None


def lasting() -> Callable[[], Admin | None]:
    """Who is signed in, for a stream to ask before each message: its session may end meanwhile."""
    token, within = session.get(KEY, ""), limits()

    def look() -> Admin | None:
        found = sessions.find(token, within, use=False)
        return found.admin if found is not None else None

    return look


def limits() -> Limits:
    settings: Settings = current_app.extensions["settings"]
    return Limits(dt.timedelta(hours=settings.session_hours), dt.timedelta(minutes=settings.session_idle_minutes))


def page(form: SignInForm) -> str:
    """The sign-in page; `form` may have errors to show."""
    settings: Settings = current_app.extensions["settings"]
    try:
        nobody, with_passkey = not admins.any_exist(), has_passkeys()
    except DatabaseError:
        # The page is there without the database; it is the sign-in that has to wait.
        db.session.rollback()
        nobody = with_passkey = False
    return render_template(
        "login.html",
        form=form,
        microsoft=settings.microsoft,
        wanted=request.args.get("next"),
        nobody=nobody,
        setup=bool(settings.setup_token),
        has_passkeys=with_passkey,
    )


def has_passkeys() -> bool:
    """Whether anybody can sign in with a passkey here."""
    settings: Settings = current_app.extensions["settings"]
    return passkeys.site(settings.base_url) is not None and stored_passkeys.any_exist()


def onward(wanted: str | None = None) -> str:
    """Where the person wanted to go, if that is a path of this console."""
    wanted = request.args.get("next", "") if wanted is None else wanted
    return wanted if OWN_PATH.fullmatch(wanted) else url_for("domains.index")


def _remember(device: str, settings: Settings) -> None:
    """Let the browser keep by what it is known again, after the session and after signing out too."""

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            tries.device_cookie(settings),
            device,
            max_age=sessions.KNOWN,
            secure=settings.secure,
            httponly=True,
            samesite="Lax",
        )
        return response
