"""The pages: thin views, one module per noun."""

from flask import Flask, abort, redirect, request, url_for
from flask_login import LoginManager, current_user
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response

from console.throttle import Throttle
from console.web import (
    acceptance,
    access,
    account,
    accounts,
    acting,
    activity,
    add_several,
    add_user,
    billable,
    bulk,
    conflicts,
    connect,
    discovery,
    domains,
    errors,
    exports,
    groups,
    health,
    help,
    imports,
    invitations,
    login,
    metrics,
    microsoft,
    overview,
    passkeys,
    perimeter,
    profile,
    rejections,
    resets,
    room,
    runs,
    search,
    second_step,
    sessions,
    setup,
    shell,
    sightings,
    smtp,
    source_forms,
    strength,
    switch,
    two_steps,
    users,
    ways,
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
        "second_step.show",
        "second_step.submit",
        "second_step.recover",
        "passkeys.sign_in_challenge",
        "passkeys.sign_in",
        "invitations.open_link",
        "invitations.show",
        "invitations.accept",
        "setup.show",
        "setup.create",
        "strength.show",
        "health.live",
        "health.ready",
        "metrics.show",
        "perimeter.check",
        "static",
    }
)
# What somebody reaches of whom two-step sign-in is required, and who has none.
SETTING_UP = frozenset({"two_steps.show", "two_steps.turn_on", "login.sign_out"})
STREAMS = frozenset({"runs.progress", "sources.listing", "discovery.listing"})


def register(app: Flask, version: str) -> None:
    """Put the pages, the sign-in, the headers and what templates need onto the application."""
    app.url_map.converters["id"] = access.RowId
    wire.register(app)
    acting.register(app)
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
        acceptance,
        account,
        accounts,
        activity,
        add_several,
        add_user,
        billable,
        bulk,
        conflicts,
        connect,
        discovery,
        domains,
        exports,
        groups,
        health,
        help,
        imports,
        invitations,
        login,
        metrics,
        microsoft,
        overview,
        passkeys,
        perimeter,
        profile,
        rejections,
        resets,
        runs,
        search,
        second_step,
        sessions,
        setup,
        sightings,
        smtp,
        source_forms,
        strength,
        switch,
        two_steps,
        users,
        ways,
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
    if not current_user.is_authenticated:
        return _sign_in()
    acting.remember(access.me())
    here = login.this_session()
    if here is not None and here.must_set_up and request.endpoint not in SETTING_UP:
        return _lead_to(url_for("two_steps.show"))
    return None


def _sign_in() -> Response:
    """To the sign-in page, and back to where one wanted to go."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" and "HX-Request" not in request.headers else ""
    return _lead_to(login.url(wanted))


def _lead_to(target: str) -> Response:
    """To another page. A request of HTMX is told to move the whole page.

    A stream that connects again hears 401: a success without a body would make it connect twice a second for ever.
    """
    if "HX-Request" in request.headers:
        return Response(status=401 if request.endpoint in STREAMS else 204, headers={"HX-Redirect": target})
    return redirect(target)
