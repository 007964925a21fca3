"""Whether the web process is alive; for a platform's health check."""

from flask import Blueprint

pages = Blueprint("health", __name__)


@pages.get("/health")
def live() -> tuple[str, int, dict[str, str]]:
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}
