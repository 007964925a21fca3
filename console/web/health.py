"""Whether the web process is alive, and whether all of Rollcall is ready to work; for a platform's health checks."""

import logging

from flask import Blueprint, Response, current_app, jsonify
from redis import Redis, RedisError

from console import pulse, queue
from console.models import DatabaseDown, DatabaseError, db
from console.store import schema

log = logging.getLogger(__name__)
pages = Blueprint("health", __name__)


@pages.get("/health")
def live() -> tuple[str, int, dict[str, str]]:
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8"}


@pages.get("/ready")
def ready() -> tuple[Response, int]:
    """Each part by its name and nothing more: anybody may ask."""
    parts = {**_stored(), **_queued(current_app.extensions["soon"])}
    whole = all(parts.values())
    if not whole:
        log.warning("not ready: %s", ", ".join(name for name, works in parts.items() if not works))
    return jsonify(ready=whole, parts=parts), 200 if whole else 503


def _stored() -> dict[str, bool]:
    try:
        return {"database": True, "migrations": schema.at_head()}
    except DatabaseError as error:
        db.session.rollback()
        return {"database": not isinstance(error, DatabaseDown), "migrations": False}


def _queued(redis: Redis) -> dict[str, bool]:
    try:
        return {"redis": True, "worker": queue.workers(redis) > 0, "clock": pulse.seconds_since(redis) is not None}
    except RedisError:
        return {"redis": False, "worker": False, "clock": False}
