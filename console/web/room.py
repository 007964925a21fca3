"""Room for uploads: a request may have a megabyte, but where a file is sent."""

from flask import current_app, request

from console.web import access

MEGABYTE = 1024 * 1024
# The other fields of the form, and what stands between the parts of such a request.
BESIDES = 64 * 1024
# A browser reads no answer before it has sent all, so more than the limit is read, and thrown away, up to this.
PATIENCE = 8
TAKE_FILES = frozenset({"imports.create", "discovery.probe"})


def make() -> None:
    """Let who may change a domain send a file where one is taken.

    It comes before the check of the form's token, which reads the request.
    """
    if request.endpoint in TAKE_FILES and request.view_args is not None:
        access.domain(request.view_args["name"], write=True)
        request.max_content_length = limit() + BESIDES


def limit() -> int:
    """The most bytes that a file may have."""
    return int(current_app.extensions["settings"].upload_limit)


def throw_away() -> None:
    """Read what the browser still sends, within reason: it shows no answer before it has sent all of it."""
    source, left = request.environ["wsgi.input"], min(request.content_length or 0, PATIENCE * limit())
    while left > 0 and (read := len(source.read(min(left, MEGABYTE)))):
        left -= read
