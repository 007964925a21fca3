"""Answers made smaller on their way to a browser that takes gzip: pages and static files, never a stream."""

import gzip
import io
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
TYPES = ("text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml")
# What is smaller fits into the packet of its headers.
SMALLEST = 500
LARGEST = 4 * 1024 * 1024
# Static files that are remembered as they were sent; there are some twenty.
REMEMBERED = 100
PADDING = 100


class Compression:
    """Around a WSGI application. An answer whose length is not known is one that is being made, and goes by untouched.

    A page holds a secret, the token of its forms, beside what its address says, so the length of a compressed page
    could betray the token to whoever makes a browser ask for it often enough (BREACH). Each answer has a header of
    random length therefore, and the token is signed anew for each second; nor are sessions sent along with what
    another site asks for.
    """

    def __init__(self, app: "WSGIApplication", static: str) -> None:
        self._app = app
        self._static = static
        self._sent: OrderedDict[str, bytes] = OrderedDict()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        told: list[tuple[str, Headers, tuple[Any, ...]]] = []

        def start(status: str, headers: Headers, *more: Any) -> Callable[[bytes], object]:
            told[:] = [(status, headers, more)]
            return _unused

        body = self._app(environ, start)
        status, headers, more = told[0]
        fields = {name.lower(): value for name, value in headers}
        if _may_shrink(fields):
            headers = [*headers, ("Vary", "Accept-Encoding")]
            if _is_taken(environ) and environ["REQUEST_METHOD"] != "HEAD":
                packed = self._shrunk(environ, fields, body)
                # What is to happen once an answer has gone out hangs on its end.
                body = ClosingIterator([packed], getattr(body, "close", None))
                # A tag says that bytes are the same, and now they are others; the time of the last change still holds.
                headers = [pair for pair in headers if pair[0].lower() not in ("content-length", "etag")]
                headers += [("Content-Encoding", "gzip"), ("Content-Length", str(len(packed)))]
        start_response(status, headers, *more)
        return body

    def _shrunk(self, environ: "WSGIEnvironment", fields: dict[str, str], body: Iterable[bytes]) -> bytes:
        path, tag = environ.get("PATH_INFO", ""), fields.get("etag")
        # The tag changes with the file; a page about a file that is not there has none.
        if tag is None or not path.startswith(self._static):
            return _gzip(b"".join(body), level=6, padding=secrets.randbelow(PADDING))
        key = f"{path} {tag}"
        found = self._sent.get(key)
        if found is None:
            found = self._sent[key] = _gzip(b"".join(body), level=9)
            while len(self._sent) > REMEMBERED:
                self._sent.popitem(last=False)
        return found


def _may_shrink(fields: dict[str, str]) -> bool:
    kind = fields.get("content-type", "").partition(";")[0].strip()
    length = fields.get("content-length", "")
    known = length.isdecimal() and SMALLEST <= int(length) <= LARGEST
    return kind in TYPES and known and not {"content-encoding", "content-range"} & fields.keys()


def _is_taken(environ: "WSGIEnvironment") -> bool:
    """Whether the browser takes gzip; `gzip;q=0` says that it does not."""
    for part in environ.get("HTTP_ACCEPT_ENCODING", "").split(","):
        name, _, quality = part.strip().lower().partition(";")
        if name.strip() == "gzip" and quality.replace(" ", "").rstrip(".0") != "q=":
            return True
    return False


def _gzip(content: bytes, *, level: int, padding: int = 0) -> bytes:
    """The same content gives the same bytes but for the padding, which stands where a file's name would."""
    out = io.BytesIO()
    with gzip.GzipFile("a" * padding, "wb", level, out, mtime=0) as packed:
        packed.write(content)
    return out.getvalue()


def _unused(_: bytes) -> None:
    raise AssertionError("Flask and WhiteNoise hand their answers over instead of writing them")
