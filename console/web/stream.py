"""Live fragments over server-sent events: the same fragment that the page includes, sent again whenever it changes.

The row in the database is the truth, read anew for every message; a tick through Redis only says that it is worth a
look. A stream sends something every STREAM_HEARTBEAT seconds and ends by itself after STREAM_LIFE, before a router's
limit (Heroku closes a silent one after 55 s); the browser then connects again and is shown the present state first.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Response, current_app, request, stream_with_context

from console import live
from console.models import db
from console.web import access

KIND = "text/event-stream"


@dataclass(frozen=True)
class Frame:
    """One state of a fragment; `last` when nothing will change it any more."""

    html: str
    last: bool = False


def wanted() -> bool:
    """Whether the request asks for a stream rather than for the fragment as it is now."""
    return KIND in request.headers.get("Accept", "")


def respond(channel: str, frame: Callable[[], Frame | None]) -> Response:
    """Stream `frame()` now and after every tick of the channel, when it differs from what was sent last.

    None ends the stream: there is nothing to see any more, or not for this person.
    """
    body = stream_with_context(_messages(channel, frame))
    headers = {"Cache-Control": "no-store, private", "X-Accel-Buffering": "no"}
    return Response(body, mimetype=KIND, headers=headers)


def _messages(channel: str, frame: Callable[[], Frame | None]) -> Iterator[str]:
    heartbeat: float = current_app.config["STREAM_HEARTBEAT"]
    ends = time.monotonic() + current_app.config["STREAM_LIFE"]
    sent = None
    for _ in live.listen(access.redis(), channel, heartbeat):
        shown = frame()
        db.session.remove()
        if shown is not None and shown.html != sent:
            sent = shown.html
            yield message(shown.html)
        elif shown is not None:
            yield ": alive\n\n"
        if shown is None or shown.last:
            yield "event: end\ndata: end\n\n"
            return
        if time.monotonic() > ends:
            return


def message(html: str) -> str:
    """One unnamed event: each line of the data has its own field (HTML standard, section 9.2)."""
    return "".join(f"data: {line}\n" for line in html.splitlines() if line.strip()) + "\n"
