"""The wire: the headers of every answer, the names of the console, cookies, and how much a request may bring."""

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from console import create_app
from console.settings import Settings
from console.web.wire import ALWAYS, BY_ANY_NAME
from tests import factories
from tests.databases import close
from tests.web.client import HTMX, Browser
from tests.web.test_routes import address, rows, rules  # noqa: F401 - a fixture


@pytest.fixture(scope="module")
def public(migrated: Flask, settings: Settings) -> Iterator[Flask]:
    """The console as people reach it over HTTPS, behind a proxy."""
    app = create_app(
        replace(settings, base_url="https://rollcall.example", allowed_hosts=("mail.internal",), trusted_proxies=1)
    )
    app.testing = True
    yield app
    with app.app_context():
        close(app)


def policy(response: TestResponse) -> dict[str, list[str]]:
    parts = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
    return {part[0]: part[1:] for part in parts}


@pytest.mark.usefixtures("rows")
def test_every_answer_has_the_headers_whoever_asks_and_however_it_ends(
    app: Flask, client: Browser, anonymous: Browser
) -> None:
    client.checks = anonymous.checks = False
    for name, _ in rules(app):
        path = address(app, name)
        if path.startswith("/static/"):
            continue
        for browser, headers in ((client, {}), (anonymous, HTMX)):
            response = browser.open(path, method=name.split()[0], headers=headers)
            wanted = {**ALWAYS, "Cache-Control": response.headers["Cache-Control"]}
            assert {header: response.headers[header] for header in wanted} == wanted, name
            assert "no-store" in response.headers["Cache-Control"], name
            assert "HX-Request" in response.headers["Vary"], name
            assert response.headers["X-Request-ID"], name
            assert response.mimetype == "application/json" or response.content_type.endswith("; charset=utf-8"), name
            assert "Server" not in response.headers, name


def test_pages_of_errors_have_the_headers_too(client: Browser) -> None:
    for path, status in (("/nowhere", 404), ("/logout", 405), ("/%00", 404)):
        response = client.get(path)
        assert response.status_code == status
        assert {name: response.headers[name] for name in ALWAYS} == ALWAYS


def test_nothing_inline_and_no_other_host_may_run(client: Browser) -> None:
    told = policy(client.get("/domains"))
    assert told["default-src"] == ["'none'"]
    assert told["script-src"] == told["style-src"] == told["connect-src"] == told["form-action"] == ["'self'"]
    assert told["frame-ancestors"] == told["base-uri"] == ["'none'"]
    assert "unsafe" not in str(told)


def test_static_files_may_be_kept_and_have_headers_of_their_own(public: Flask) -> None:
    response = public.test_client().get("/static/site.css", buffered=True)
    assert response.headers["Cache-Control"] == "max-age=31536000, public"
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Cross-Origin-Resource-Policy"):
        assert response.headers[name] == ALWAYS[name]
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("base_url", "seconds", "told"),
    [
        ("https://rollcall.example", 31_536_000, "max-age=31536000"),
        ("https://rollcall.example", 60, "max-age=60"),
        ("https://rollcall.example", 0, None),
        ("http://localhost:8000", 60, None),
    ],
)
def test_browsers_insist_on_https_for_as_long_as_is_set(
    app: Flask, monkeypatch: pytest.MonkeyPatch, base_url: str, seconds: int, told: str | None
) -> None:
    changed = factories.changed(app.extensions["settings"], base_url=base_url, hsts_seconds=seconds)
    monkeypatch.setitem(app.extensions, "settings", changed)
    response = app.test_client().get("/health")
    assert response.headers.get("Strict-Transport-Security") == told


def test_only_the_names_of_the_console_lead_to_its_pages(public: Flask) -> None:
    browser = public.test_client()
    for host in ("rollcall.example", "ROLLCALL.example:443", "mail.internal"):
        assert browser.get("/login", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "rollcall.example.evil.example", "localhost", "192.0.2.7", "x.rollcall.example"):
        response = browser.get("/login", headers={"Host": host})
        assert response.status_code == 421, host
        assert "under the address that BASE_URL names" in response.text
        assert {name: response.headers[name] for name in ALWAYS} == ALWAYS
    forwarded = {"Host": "rollcall.example", "X-Forwarded-Host": "evil.example"}
    assert browser.get("/login", headers=forwarded).status_code == 421
    assert browser.post("/login", headers={"Host": "evil.example"}).status_code == 421


@pytest.mark.parametrize("host", ["", "a b", "evil.example/", "a@b", "rollcall.example:99999"])
def test_what_is_no_name_of_a_host_is_no_fault(public: Flask, host: str) -> None:
    assert public.test_client().get("/login", headers={"Host": host}).status_code in {400, 421}


def test_machines_may_ask_by_an_address_or_an_inner_name(public: Flask) -> None:
    browser = public.test_client()
    assert browser.get("/health", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert browser.post("/api/recipients/check", headers={"Host": "rollcall"}).status_code == 401
    assert browser.get("/static/site.css", headers={"Host": "10.0.0.7"}, buffered=True).status_code == 200


@pytest.mark.parametrize(
    ("base_url", "allowed", "hosts"),
    [
        ("http://localhost:8000", (), {"localhost", "127.0.0.1", "[::1]"}),
        ("http://127.0.0.1:8000", (), {"localhost", "127.0.0.1", "[::1]"}),
        ("https://Rollcall.example:8443", ("b.example",), {"rollcall.example", "b.example"}),
        ("http://[2001:db8::1]", (), {"[2001:db8::1]"}),
        ("https://rollcall.example", ("*",), set()),
    ],
)
def test_which_names_are_the_console_s(
    settings: Settings, base_url: str, allowed: tuple[str, ...], hosts: set[str]
) -> None:
    assert replace(settings, base_url=base_url, allowed_hosts=allowed).hosts == hosts


def test_the_session_s_cookie_is_for_this_host_over_https_and_for_no_script(public: Flask, app: Flask) -> None:
    browser = public.test_client()
    secure = browser.get("/login", base_url="https://rollcall.example").headers["Set-Cookie"]
    name, _, rest = secure.partition("=")
    assert name == "__Host-session"
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(rest.split("; "))
    assert "Domain" not in rest
    plain = app.test_client().get("/login").headers["Set-Cookie"]
    assert plain.startswith("session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(plain.split("; "))


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_no_form_takes_more_than_a_megabyte_but_those_for_files(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Nor does it read more than that where the request does not say how much it brings."""
    client.checks = False
    changed = factories.changed(app.extensions["settings"], upload_limit_mb=1)
    monkeypatch.setitem(app.extensions, "settings", changed)
    posts = [name for name, _ in rules(app) if name.startswith("POST")]
    assert len(posts) > 30
    for name in posts:
        body = Endless(2 * 1024 * 1024)
        environ = {"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_TYPE": kind}
        response = client.post(address(app, name), environ_overrides=environ)
        if name == "POST perimeter.check":
            assert (response.status_code, body.read_so_far) == (401, 0)
            continue
        # Of a form in one piece the rest is left unread, and its token is not in what was read.
        assert response.status_code in ({413} if "multipart" in kind else {400, 413}), name
        assert body.read_so_far <= 1024 * 1024 + 256 * 1024, name


class Endless(io.RawIOBase):
    """So many bytes of a form that is no form."""

    def __init__(self, size: int) -> None:
        self._left = size
        self.read_so_far = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # the type of the standard library is wider
        size = min(len(buffer), self._left)
        buffer[:size] = b"x" * size
        self._left -= size
        self.read_so_far += size
        return size


@pytest.mark.parametrize("given", ["0d3b8f0e-7c55-4c3a-9a7e-2f1f5f0c9b11", "router.7-abc_DEF"])
def test_a_request_keeps_the_number_that_the_router_gave_it(app: Flask, given: str) -> None:
    assert app.test_client().get("/health", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "a" * 65, "line;break", 'quote"quote', "ünïcödé-id", "a b c d e f"])
def test_what_is_no_number_is_not_taken_for_one(app: Flask, given: str) -> None:
    told = app.test_client().get("/health", headers={"X-Request-ID": given.encode().decode("latin-1")})
    assert told.headers["X-Request-ID"] != given
    assert len(told.headers["X-Request-ID"]) == 16


def test_two_requests_have_two_numbers(app: Flask) -> None:
    browser = app.test_client()
    assert browser.get("/health").headers["X-Request-ID"] != browser.get("/health").headers["X-Request-ID"]


def test_what_machines_may_ask_by_any_name_are_routes(app: Flask) -> None:
    assert set(app.view_functions) >= BY_ANY_NAME
