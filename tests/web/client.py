"""A test client that is a browser of its own, and looks at every page it is shown (tests.web.markup)."""

import contextvars
import re
from collections.abc import Mapping
from typing import Any, Self

from flask import Flask, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.models import Admin, db
from console.store import sessions
from tests import watch
from tests.web.markup import Page, check

HTMX = {"HX-Request": "true"}
ELSEWHERE = sessions.Visitor("192.0.2.1", "Firefox on Linux", "the browser of a test")


class Browser(FlaskClient):
    """A client that keeps a session, sends the CSRF token of its pages, and checks what it gets.

    Each request has an application context of its own, as under a real server: else it would share the test's, and
    with it the database session and the account that an earlier request loaded. Afterwards the test's session looks
    at the database anew. `checks` is off where the time of a page is measured.
    """

    checks = True
    _token = ""
    _shown: Page

    @classmethod
    def of(cls, app: Flask) -> Self:
        return cls(app, app.response_class, use_cookies=True)

    def signed_in(self, admin: Admin) -> Self:
        """Sign in without the page: what that costs is a password's hash."""
        token = sessions.begin(admin, ELSEWHERE)
        with self.session_transaction() as session:
            session["key"] = token
        return self

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        # Read to its end in there: what streams its content goes on in the context in which it began.
        response = contextvars.Context().run(super().open, *args, **{"buffered": True, **kwargs})
        if has_app_context():
            db.session.rollback()
        watch.check(response.text, f"the answer of {response.request.path}")
        redirected = 300 <= response.status_code < 400
        if self.checks and response.mimetype == "text/html" and not redirected:
            self._shown = check(response.text, whole="<html" in response.text)
        return response

    def page(self, path: str, status: int = 200, **kwargs: Any) -> Page:
        """The page at a path, which answers with this status."""
        return self._page(self.get(path, **kwargs), status)

    def submit(self, path: str, **typed: Any) -> TestResponse:
        """Post a form, with the token that the pages of this session carry. A file is a stream and a name."""
        response = self.post(path, data=self._with_token(typed))
        if path.startswith(("/login", "/logout", "/reset/")):
            self._token = ""  # Who signs in or out has a new session.
        return response

    def submit_htmx(self, path: str, **typed: Any) -> TestResponse:
        """The same as HTMX does it."""
        return self.post(path, data=self._with_token(typed), headers=HTMX)

    def act(self, path: str, **typed: str) -> Page:
        """Post a form and see the page that it leads to."""
        return self._page(self.post(path, data=self._with_token(typed), follow_redirects=True))

    def _page(self, response: TestResponse, status: int = 200) -> Page:
        """The page that was just checked."""
        assert (response.status_code, response.mimetype) == (status, "text/html"), response.text[:300]
        return self._shown

    def _with_token(self, typed: Mapping[str, Any]) -> dict[str, Any]:
        self._token = self._token or self.token()
        return {"csrf_token": self._token, **typed}

    def token(self, path: str = "/account") -> str:
        """The token of a page's form; without a session one is led to that of the sign-in page."""
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(path, follow_redirects=True).text)
        assert found, f"{path} has no form"
        return found[1]


def page(response: TestResponse, status: int = 200) -> Page:
    """The page of a response with this status."""
    assert response.status_code == status, f"{response.status}: {response.text[:300]}"
    return Page(response.text)


def same(html: str) -> str:
    """HTML without what differs from one showing to the next: tokens, times gone by, and white space."""
    html = re.sub(r'(name="csrf_token" value=)"[^"]*"', r'\1""', html)
    return re.sub(r"\s+", " ", html).replace("> <", "><").strip()
