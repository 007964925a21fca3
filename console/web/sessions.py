"""Sessions of accounts: their owner ends them, and an owner of the console those of others."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from console.models import EventKind
from console.store import events, sessions
from console.web import access, login
from console.web.shell import say

pages = Blueprint("sessions", __name__)


@pages.post("/sessions/<id:session_id>/end")
def end(session_id: int) -> Response:
    found = access.session(session_id)
    owner_id, browser = found.admin_id, found.browser
    events.note(EventKind.SESSIONS_ENDED, f"Ended a session of {found.admin.email}, {browser}")
    sessions.end(found.id)
    say(f"The session of {browser} is over.")
    if owner_id == access.me().id:
        return redirect(url_for("account.show"))
    return redirect(url_for("accounts.show", admin_id=owner_id))


@pages.post("/sessions/end-others")
def end_others() -> Response:
    here = login.this_session()
    if here is not None:
        events.note(EventKind.SESSIONS_ENDED, "Ended all other sessions of their own")
        sessions.end_others(access.me().id, here.id)
    say("Your other sessions are over.")
    return redirect(url_for("account.show"))
