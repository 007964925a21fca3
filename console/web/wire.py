"""What holds for every answer: the headers, and the names under which browsers reach the console."""

import re
import secrets

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import MisdirectedRequest
from werkzeug.sansio.utils import host_is_trusted

from console import logs
from console.settings import Settings

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
# What a page of the console never asks a browser for.
DENIED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "serial", "usb")
ALWAYS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in DENIED),
    "Cache-Control": "no-store, private",
}
# Machines ask for these, by an address or an inner name. They make no link, and what is secret there has a secret.
BY_ANY_NAME = frozenset({"health.live", "health.ready", "metrics.show", "perimeter.check"})
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


def register(app: Flask) -> None:
    """Name every request, let in the names of the console alone, and put the headers on every answer."""
    app.before_request(_name)
    app.before_request(_known_host)
    app.after_request(_headers)


def strict_transport(settings: Settings) -> str:
    """The header's value that makes browsers insist on HTTPS; nothing where the console has none, or is not to."""
    return f"max-age={settings.hsts_seconds}" if settings.secure and settings.hsts_seconds else ""


def _name() -> None:
    """The number by which log lines are found again: that of the router in front, if it is one."""
    given = request.headers.get("X-Request-ID", "")
    request.environ[logs.REQUEST_ID] = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)


def _known_host() -> None:
    """A page for another name would have links that lead there, and a site that points its name here would be ours."""
    settings: Settings = current_app.extensions["settings"]
    hosts = settings.hosts
    if hosts and request.endpoint not in BY_ANY_NAME and not host_is_trusted(request.host.lower(), hosts):
        raise MisdirectedRequest


def _headers(response: Response) -> Response:
    headers = response.headers
    for name, value in ALWAYS.items():
        headers.setdefault(name, value)
    headers.add("Vary", "HX-Request")
    if hsts := strict_transport(current_app.extensions["settings"]):
        headers.setdefault("Strict-Transport-Security", hsts)
    if number := request.environ.get(logs.REQUEST_ID):
        headers.setdefault("X-Request-ID", number)
    return response
