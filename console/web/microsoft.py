"""Sign in with Microsoft, for accounts that this console has. The web process asks Microsoft nothing: a worker checks
what the person brings back, and the page waits for it."""

import base64
import hashlib
import logging
import secrets
import time

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask_login import current_user
from redis import RedisError
from werkzeug.wrappers import Response

from console import queue, tokens
from console.models import EventKind
from console.store import admins
from console.web import access, acting, login, tries
from console.web.shell import say

log = logging.getLogger(__name__)

pages = Blueprint("microsoft", __name__)

BEGUN, CODE, OUTCOME = "sign-in", "sign-in-code", "sign-in-outcome"
STATE_SECONDS = 600
CODE_SECONDS = 120
PATIENCE_SECONDS = 40
# A worker that is free is done by then.
USUAL_SECONDS = 8

NOT_BEGUN = "This sign-in was not begun here, or too long ago. Try again."
NO_REDIS = "Signing in with Microsoft is not possible at the moment. Use your password, or try again in a minute."
NO_WORKER = (
    "Your sign-in at Microsoft was not checked in time, since what checks it is busy with other work or does not run. "
    "Try again in a minute, or use your password."
)
CANCELLED = "You were not signed in at Microsoft. Try again, or use your password."


@pages.get("/login/microsoft")
def begin() -> Response:
    microsoft = access.microsoft()
    if not microsoft.signs_in:
        abort(404)
    if current_user.is_authenticated:
        return redirect(login.onward())
    if wait := tries.throttle().enter(tries.at_address("Microsoft")):
        return _refused(tries.sentence(wait))
    verifier, nonce, bound = (secrets.token_urlsafe(48) for _ in range(3))
    session["signing_in"] = bound
    about = {
        "bound": bound,
        "next": login.onward(),
        "verifier": verifier,
        "nonce": nonce,
        "back": current_app.extensions["settings"].base_url + url_for("microsoft.back"),
    }
    try:
        state = tokens.leave(access.redis(), access.sealer(), BEGUN, about, seconds=STATE_SECONDS)
    except RedisError:
        return _refused(NO_REDIS)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    # msal, with which the worker goes on, compares the hash of a nonce.
    hashed = hashlib.sha256(nonce.encode()).hexdigest()
    return redirect(microsoft.sign_in_url(state=state, nonce=hashed, challenge=challenge, back=about["back"]))


@pages.get("/login/microsoft/back")
def back() -> Response:
    """Where Microsoft sends the person afterwards, with a code that a worker turns into who they are."""
    if not access.microsoft().signs_in:
        abort(404)
    state, bound = request.args.get("state", ""), session.pop("signing_in", "")
    try:
        begun = tokens.take(access.redis(), access.sealer(), BEGUN, state)
        if begun is None or not bound or begun["bound"] != bound:
            return _refused(NOT_BEGUN)
        code = request.args.get("code", "")
        if not code:
            return _refused(CANCELLED, begun["next"])
        brought = {**begun, "state": state, "code": code}
        ticket = tokens.leave(access.redis(), access.sealer(), CODE, brought, seconds=CODE_SECONDS)
        queue.sign_in(access.redis(), ticket)
    except RedisError:
        return _refused(NO_REDIS)
    session["ticket"] = {"name": ticket, "next": begun["next"], "until": time.time() + PATIENCE_SECONDS}
    return redirect(url_for("microsoft.wait"))


@pages.get("/login/microsoft/wait")
def wait() -> Response:
    """Comes again every second, by the browser itself, until a worker has written what it found out, or it is too late.

    A sign-in is what a worker does next; but there may be only one, and a sync that has begun is not put off.
    """
    ticket = session.get("ticket")
    if ticket is None:
        return redirect(url_for("login.show"))
    try:
        outcome = tokens.take(access.redis(), access.sealer(), OUTCOME, ticket["name"])
    except RedisError:
        outcome = None
    left = ticket["until"] - time.time()
    if outcome is None and left > 0:
        html = render_template("signing_in.html", slow=left < PATIENCE_SECONDS - USUAL_SECONDS)
        return Response(html, mimetype="text/html", headers={"Refresh": "1"})
    del session["ticket"]
    if outcome is None:
        log.warning("a sign-in at Microsoft was not checked within %s seconds", PATIENCE_SECONDS)
        return _refused(NO_WORKER, ticket["next"])
    admin = admins.get(outcome.get("admin", 0))
    if admin is None:
        acting.refused(EventKind.SIGN_IN_REFUSED, "Was not let in after signing in at Microsoft", email="")
        return _refused(outcome.get("error") or NOT_BEGUN)
    tries.throttle().passed(tries.at_address("Microsoft"))
    return login.let_in(admin, login.onward(ticket["next"]), "at Microsoft")


def _refused(sentence: str, wanted: str = "") -> Response:
    """Back to where one can try again, and then get to what was wanted."""
    say(sentence, "error")
    return redirect(login.url(wanted))
