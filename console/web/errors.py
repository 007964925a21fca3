"""Pages for what went wrong: what it means and what to do, never a traceback."""

import logging

from flask import Flask, Response, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from console.models import DatabaseDown, EventKind, db
from console.web import acting

log = logging.getLogger(__name__)

PAGES = {
    400: ("This request could not be read", "Go back, reload the page and try again."),
    403: ("You may look at this, but not change it", "Ask an owner of this console for a role that may."),
    404: ("There is no such page", "It may have been deleted, or it belongs to a domain that you do not manage."),
    405: ("This page cannot be opened this way", "Go back and use the page's own buttons."),
    421: (
        "This address is not the console's",
        "Open it under the address that BASE_URL names. Further names of it go into ALLOWED_HOSTS.",
    ),
    413: ("That is too large", "Send less at once."),
    500: ("Something went wrong in Rollcall", "Nothing was changed. Try again; if it comes again, look into the log."),
    503: ("The database does not answer", "Nothing was changed. Try again in a moment."),
}


def register(app: Flask) -> None:
    """Show every error as a page of the console."""
    app.register_error_handler(HTTPException, answer)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(DatabaseDown, _database)
    app.register_error_handler(500, _broken)


def answer(error: HTTPException) -> Response:
    """The error's own answer, with its headers (Allow, say), and a page of the console as its content."""
    code = error.code or 500
    title, text = PAGES.get(code, (error.name, error.description or ""))
    response = Response(_page(code, title, text)[0], code)
    for name, value in error.get_headers(request.environ):
        response.headers.setdefault(name, value)
    return response


def _forged(_: CSRFError) -> tuple[str, int]:
    acting.refused(EventKind.FORGED, acting.asked("Sent a form without its token, or with a former one"))
    return _page(400, "This page was open for too long", "Reload it and send the form again: nothing was changed.")


def _database(error: DatabaseDown) -> tuple[str, int]:
    db.session.rollback()
    g.accounts_away = True
    log.error("the database does not answer at %s: %s", request.path, type(error.orig).__name__)
    return _page(503, *PAGES[503])


def _broken(_: Exception) -> tuple[str, int]:
    db.session.rollback()
    return _page(500, *PAGES[500])


def _page(code: int, title: str, text: str) -> tuple[str, int]:
    return render_template("error.html", code=code, heading=title, text=text), code
