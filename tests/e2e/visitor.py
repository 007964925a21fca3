"""A browser without a screen, for a web process on a port: keeps a session and sends the forms of the pages."""

import http.client
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from urllib.parse import urlencode

from flask import Flask

from console.models import Admin
from tests.servers.ports import LOOPBACK
from tests.web.client import Browser
from tests.web.markup import Page


class Visitor:
    """Somebody who is signed in."""

    def __init__(self, app: Flask, admin: Admin, port: int) -> None:
        self.port = port
        cookie = Browser.of(app).signed_in(admin).get_cookie("session")
        assert cookie is not None
        self._headers = {"Cookie": f"session={cookie.value}"}

    def get(self, path: str, status: int = 200) -> str:
        """The page at a path; AssertionError for another status."""
        with self._asked("GET", path) as answer:
            assert answer.status == status, f"{path}: {answer.status}"
            return answer.read().decode()

    def press(self, page: str, action: str, **typed: str) -> str:
        """Send the form of a page that leads to `action`, as it stands but for what is typed; where it leads on to."""
        shown = Page(self.get(page))
        held = shown.form(action if action in shown.actions() else None)
        fields = {name: value for name, value in held.items() if value is not None}
        with self._asked("POST", action, {**fields, **typed}) as answer:
            assert answer.status == 302, f"{action}: {answer.status} {answer.read().decode()}"
            return answer.headers["Location"]

    @contextmanager
    def stream(self, path: str) -> Iterator[Iterator[str]]:
        """The lines of a stream of server-sent events."""
        with self._asked("GET", path, accept="text/event-stream", timeout=15) as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            yield (line.decode().rstrip("\n") for line in answer)

    @contextmanager
    def _asked(
        self,
        method: str,
        path: str,
        fields: Mapping[str, str] | None = None,
        *,
        accept: str = "text/html",
        timeout: float = 10,
    ) -> Iterator[http.client.HTTPResponse]:
        body = urlencode(fields) if fields is not None else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if fields is not None else {}
        with closing(http.client.HTTPConnection(LOOPBACK, self.port, timeout=timeout)) as connection:
            connection.request(method, path, body, {**self._headers, **kind, "Accept": accept})
            answer = connection.getresponse()
            if cookie := answer.headers["Set-Cookie"]:  # the secret behind the tokens of forms is in there
                self._headers["Cookie"] = cookie.partition(";")[0]
            yield answer
