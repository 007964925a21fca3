"""The console's numbers for Prometheus, behind METRICS_TOKEN; without one there is no such page."""

import hmac
import time

from flask import Blueprint, Flask, Response, abort, current_app, g, request

from console.models import EventKind
from console.settings import Settings
from console.web import acting
from console.web.request_counts import RequestCounts

pages = Blueprint("metrics", __name__)


def register(app: Flask, version: str) -> None:
    """Count requests, if anybody may see how many there are."""
    app.extensions["version"] = version
    settings: Settings = app.extensions["settings"]
    app.extensions["request_counts"] = RequestCounts(app.extensions["soon"]) if settings.metrics_token else None
    if settings.metrics_token:
        app.before_request(_begin)
        app.after_request(_note)


def decided(verdict: str) -> None:
    """Count one answer of the HTTP door, if anybody may see how many there are."""
    if (counts := _counts()) is not None:
        counts.decided(verdict)


@pages.get("/metrics")
def show() -> Response:
    settings: Settings = current_app.extensions["settings"]
    counts = _counts()
    if not settings.metrics_token or counts is None:
        abort(404)
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {settings.metrics_token}".encode()):
        acting.refused(EventKind.METRICS_REFUSED, "Somebody asked for the console's numbers with a wrong token or none")
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    # Who is never asked for numbers need not load what writes them.
    from console.web import metrics_text  # noqa: PLC0415

    counts.flush()
    text = metrics_text.write(current_app.extensions["version"], counts, current_app.extensions["soon"])
    return Response(text, content_type=metrics_text.KIND)


def _begin() -> None:
    g.began = time.perf_counter()


def _note(response: Response) -> Response:
    """Of a stream, the time until it begins."""
    counts = _counts()
    if counts is not None and "began" in g:
        seconds = time.perf_counter() - g.began
        counts.note(request.endpoint or "none", request.method, response.status_code, seconds)
    return response


def _counts() -> RequestCounts | None:
    found: RequestCounts | None = current_app.extensions["request_counts"]
    return found
