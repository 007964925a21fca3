"""A test client that looks at every page it is shown: one h1, a title, ids once, a label for each field, no inline code."""

import re
from html.parser import HTMLParser
from typing import Any, Self

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from console.models import Admin

UNLABELLED = {"hidden", "submit", "button"}


class Browser(FlaskClient):
    """A client that keeps a session, sends the CSRF token of the last page, and checks what it gets.

    `checks` is off where the time of a page is measured.
    """

    checks = True

    @classmethod
    def of(cls, app: Flask) -> Self:
        return cls(app, app.response_class, use_cookies=True)

    def signed_in(self, admin: Admin) -> Self:
        with self.session_transaction() as session:
            session["_user_id"] = admin.get_id()
            session["_fresh"] = True
        return self

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if self.checks and response.mimetype == "text/html" and not response.is_streamed:
            check(response.text, whole="<html" in response.text)
        return response

    def submit(self, path: str, page: str | None = None, **data: Any) -> TestResponse:
        """Post a form with the token of its page (the path itself unless another is named)."""
        return self.post(path, data={"csrf_token": self.token(page or path), **data})

    def token(self, page: str = "/account") -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page, follow_redirects=True).text)
        assert found, f"{page} has no form"
        return found[1]


class Reader(HTMLParser):
    """Collects what `check` looks at."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.inside_label = 0
        self.wrapped: list[int] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside_label += tag == "label"
        if self.inside_label:
            self.wrapped.append(len(self.tags))
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.inside_label -= tag == "label"

    def handle_data(self, data: str) -> None:
        self.text += data


def check(html: str, *, whole: bool) -> None:
    """Raise AssertionError for a page, or a fragment, that breaks the rules of design section 5."""
    reader = Reader()
    reader.feed(html)
    ids = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), f"an id stands twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    labelled = {attrs["for"] for tag, attrs in reader.tags if tag == "label" and "for" in attrs}
    for index, (tag, attrs) in enumerate(reader.tags):
        assert "style" not in attrs, f"inline style on <{tag}>"
        assert not any(name.startswith("on") for name in attrs), f"inline handler on <{tag}>"
        if tag == "script":
            assert "src" in attrs, "inline script"
        if tag in ("input", "select", "textarea") and attrs.get("type") not in UNLABELLED:
            named = attrs.get("id") in labelled or "aria-label" in attrs or index in reader.wrapped
            assert named, f"a field without a label: {attrs}"
        if tag == "img":
            assert "alt" in attrs, "an image without words"
    if whole:
        assert sum(tag == "h1" for tag, _ in reader.tags) == 1, "a page has one h1"
        assert sum(tag == "title" for tag, _ in reader.tags) == 1, "a page has a title"
        assert any(tag == "html" and attrs.get("lang") for tag, attrs in reader.tags), "a page has a language"
