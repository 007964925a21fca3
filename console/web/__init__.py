"""The pages: thin views, one module per noun."""

from flask import Flask, abort, redirect, request
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from console.store import admins
from console.web import (
    access,
    account,
    conflicts,
    connect,
    domains,
    errors,
    exports,
    groups,
    health,
    imports,
    login,
    microsoft,
    perimeter,
    rejections,
    runs,
    shell,
    smtp,
    source_forms,
    users,
)
from console.web.perimeter_report import Report

ANYONE = frozenset(
    {
        "login.show",
        "login.submit",
        "microsoft.begin",
        "microsoft.back",
        "microsoft.wait",
        "health.live",
        "perimeter.check",
        "static",
    }
)
STREAMS = frozenset({"runs.progress", "sources.listing"})
CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


def register(app: Flask, version: str) -> None:
    """Put the pages, the sign-in, the headers and what templates need onto the application."""
    app.url_map.converters["id"] = access.RowId
    # Signed in or not comes first: a form that a lost session sends has a wrong token too, and is no forgery.
    app.before_request(_readable)
    app.before_request(_signed_in)
    app.before_request(imports.make_room)
    # A mail server that asks has no session, and shows its password with each question.
    CSRFProtect(app).exempt(perimeter.pages)
    app.extensions["report"] = Report(app)
    manager = LoginManager()
    # The templates have current_admin instead, which an error page can do without.
    manager.init_app(app, add_context_processor=False)
    manager.user_loader(admins.by_session)
    for module in (
        account,
        conflicts,
        connect,
        domains,
        exports,
        groups,
        health,
        imports,
        login,
        microsoft,
        perimeter,
        rejections,
        runs,
        smtp,
        source_forms,
        users,
    ):
        app.register_blueprint(module.pages)
    errors.register(app)
    shell.register(app, version)
    app.after_request(_headers)


def _readable() -> None:
    """PostgreSQL's text holds no NUL, so nothing can have such a name."""
    if "\x00" in request.path:
        abort(404)


def _signed_in() -> Response | None:
    """Every page but the few that say otherwise is for people who are signed in."""
    if request.endpoint in ANYONE or request.endpoint is None:
        return None
    return None if current_user.is_authenticated and not login.is_over() else _sign_in()


def _sign_in() -> Response:
    """To the sign-in page, and back to where one wanted to go. A request of HTMX is told to move the whole page.

    A stream that connects again hears 401: a success without a body would make it connect twice a second for ever.
    """
    wanted = request.full_path.rstrip("?") if request.method == "GET" and "HX-Request" not in request.headers else ""
    target = login.url(wanted)
    if "HX-Request" in request.headers:
        return Response(status=401 if request.endpoint in STREAMS else 204, headers={"HX-Redirect": target})
    return redirect(target)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cache-Control", "no-store, private")
    headers.add("Vary", "HX-Request")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
