"""The pages: thin views, one module per noun."""

from flask import Flask, abort, redirect, request
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from console.throttle import Throttle
from console.web import (
    access,
    account,
    accounts,
    activity,
    add_user,
    conflicts,
    connect,
    discovery,
    domains,
    errors,
    exports,
    groups,
    health,
    imports,
    invitations,
    login,
    metrics,
    microsoft,
    overview,
    perimeter,
    profile,
    rejections,
    resets,
    room,
    runs,
    sessions,
    shell,
    sightings,
    smtp,
    source_forms,
    users,
    wire,
)
from console.web.check_limit import CheckLimit
from console.web.perimeter_inquiry import Inquiry
from console.web.perimeter_report import Report

ANYONE = frozenset(
    {
        "login.show",
        "login.submit",
        "microsoft.begin",
        "microsoft.back",
        "microsoft.wait",
        "resets.ask",
        "resets.submit",
        "resets.open_link",
        "resets.show",
        "resets.save",
        "invitations.open_link",
        "invitations.show",
        "invitations.accept",
        "health.live",
        "health.ready",
        "metrics.show",
        "perimeter.check",
        "static",
    }
)
STREAMS = frozenset({"runs.progress", "sources.listing", "discovery.listing"})


def register(app: Flask, version: str) -> None:
    """Put the pages, the sign-in, the headers and what templates need onto the application."""
    app.url_map.converters["id"] = access.RowId
    wire.register(app)
    metrics.register(app, version)
    # Signed in or not comes first: a form that a lost session sends has a wrong token too, and is no forgery.
    app.before_request(_readable)
    app.before_request(_signed_in)
    app.before_request(room.make)
    # A mail server that asks has no session, and shows its password with each question.
    CSRFProtect(app).exempt(perimeter.pages)
    app.extensions["report"] = Report(app)
    app.extensions["inquiry"] = Inquiry(app)
    app.extensions["check_limit"] = CheckLimit(app.extensions["soon"], app.extensions["settings"].checks_per_second)
    manager = LoginManager()
    # The templates have current_admin instead, which an error page can do without.
    manager.init_app(app, add_context_processor=False)
    manager.request_loader(login.account)
    app.extensions["streams"] = STREAMS
    app.extensions["throttle"] = Throttle(app.extensions["soon"], app.config["SECRET_KEY"])
    for module in (
        account,
        accounts,
        activity,
        add_user,
        conflicts,
        connect,
        discovery,
        domains,
        exports,
        groups,
        health,
        imports,
        invitations,
        login,
        metrics,
        microsoft,
        overview,
        perimeter,
        profile,
        rejections,
        resets,
        runs,
        sessions,
        sightings,
        smtp,
        source_forms,
        users,
    ):
        app.register_blueprint(module.pages)
    errors.register(app)
    shell.register(app, version)


def _readable() -> None:
    """PostgreSQL's text holds no NUL, so nothing can have such a name."""
    if "\x00" in request.path:
        abort(404)


def _signed_in() -> Response | None:
    """Every page but the few that say otherwise is for people who are signed in."""
    if request.endpoint in ANYONE or request.endpoint is None:
        return None
    return None if current_user.is_authenticated else _sign_in()


def _sign_in() -> Response:
    """To the sign-in page, and back to where one wanted to go. A request of HTMX is told to move the whole page.

    A stream that connects again hears 401: a success without a body would make it connect twice a second for ever.
    """
    wanted = request.full_path.rstrip("?") if request.method == "GET" and "HX-Request" not in request.headers else ""
    target = login.url(wanted)
    if "HX-Request" in request.headers:
        return Response(status=401 if request.endpoint in STREAMS else 204, headers={"HX-Redirect": target})
    return redirect(target)
