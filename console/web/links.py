"""Links that open something once: what stands in their address is kept for the page, and out of the address bar."""

from flask import Response, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.settings import Settings

# What a link has is 43 characters long; nothing longer needs a place in a cookie.
LONGEST = 100


def keep(what: str, token: str, page: str) -> AnyResponse:
    """Remember a link's text in the session, and go to its page: opening a link, as mail scanners do, uses nothing up.

    The web server logs a request when it has been answered, by what its environment says then.
    """
    session[what] = token[:LONGEST]
    target = url_for(page)
    request.environ.update(PATH_INFO=target, RAW_URI=target, REQUEST_URI=target)
    return redirect(target)


def kept(what: str) -> str:
    found: str = session.get(what, "")
    return found


def address(path: str) -> str:
    """The whole address of a path, to be sent or copied."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url + path


def gone(sentence: str) -> Response:
    """The page for a link that does not work."""
    back = {"label": "Sign in", "href": url_for("login.show")}
    page = render_template("error.html", code=410, heading="This link does not work", text=sentence, back=back)
    return Response(page, 410)
