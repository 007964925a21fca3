"""Whatever stands in whichever field, query or body: an answer, and never a fault of our own.

The routes are those of the application and the fields those of its pages, so that a new form is tried by itself. What
is sent is drawn by a generator with a seed: a failure comes again.
"""

import io
import json
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from random import Random
from urllib.parse import quote_plus

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from console.models import Admin
from console.store import credentials
from tests.web.client import HTMX, Browser
from tests.web.markup import Page
from tests.web.test_routes import address, rows, rules  # noqa: F401 - a fixture

pytestmark = pytest.mark.usefixtures("rows")

CHECK = "/api/recipients/check"
TRIES = 3
# What ends a session or takes away what other routes are about comes last.
LAST = ("delete", "remove", "sign_out", "password", "end", "revoke", "reset")
TEXTS = (
    "",
    " ",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "line\r\nX-Injected: yes",
    "'; drop table users; --",
    "%s%d%n{0}{{7*7}}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "//evil.example/",
    "0",
    "-1",
    "1",
    "2",
    str(2**31),
    str(2**63),
    "9" * 400,
    "1e309",
    "NaN",
    "٣",
    "true",
    "null",
    "[]",
    "{}",
    "a" * 70_000,
    "☃" * 300,
    "\u202eelpmaxe.dliub\u2066",
    "e\u0301\u200b\ufeff",
    "@",
    "a@b",
    "ada@brightfield.example",
    f"{'l' * 65}@brightfield.example",
    f"a@{'d' * 64}.example",
    "a@xn--.example",
    "a@\u0661.example",
    '"a b"@brightfield.example',
    "2026-13-45",
    "9999-12-31T23:59:59Z",
    "::1",
    "[::1",
    "127.0.0.1:99999",
    "(cn=*)(|(x",
    "cn=reader\\",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
)
RAW = (b"\xff\xfe\xfd", b"\xed\xa0\x80", b"\xc0\x80", b"%", b"%zz", b"\x80" * 200)


statuses: Counter[int] = Counter()


def anything(random: Random) -> bytes:
    if random.random() < 0.15:
        return random.choice(RAW)
    text = random.choice(TEXTS)
    return text.encode() if random.random() < 0.8 else (text + random.choice(TEXTS)).encode()


def body(random: Random, fields: Mapping[str, str | None], token: str) -> bytes:
    """A form: some fields as they stood, some with anything, some twice, some not at all."""
    parts = [b"csrf_token=" + token.encode()]
    for name, value in fields.items():
        way = random.random()
        if name == "csrf_token" or way < 0.1:
            continue
        kept = way < 0.35 and value is not None
        values = [(value or "").encode()] if kept else [anything(random) for _ in range(2 if way > 0.95 else 1)]
        parts += [quote_plus(name).encode() + b"=" + quote_plus(item).encode() for item in values]
    return b"&".join(parts)


@pytest.fixture
def owner(app: Flask, alice: Admin) -> Browser:
    browser = Browser.of(app).signed_in(alice)
    browser.checks = False
    return browser


def names(app: Flask, method: str) -> list[str]:
    found = [name for name, _ in rules(app) if name.startswith(f"{method} ")]
    return sorted(found, key=lambda name: (any(word in name for word in LAST), name))


def forms(app: Flask, owner: Browser) -> dict[str, dict[str, str | None]]:
    """The fields of every form of the pages, by where it leads."""
    found: dict[str, dict[str, str | None]] = defaultdict(dict)
    for path, page in pages(app, owner):
        for action in set(page.actions()):
            found[action or path].update(page.form(action or None))
    return found


def pages(app: Flask, owner: Browser) -> Iterator[tuple[str, Page]]:
    for name in names(app, "GET"):
        path = address(app, name)
        response = owner.get(path)
        if response.status_code == 200 and response.mimetype == "text/html":
            yield path, Page(response.text)
        response.close()


def passed(response: TestResponse, what: str) -> None:
    response.close()
    assert response.status_code < 500, what
    statuses[response.status_code] += 1


def test_no_field_of_any_form_breaks_anything(app: Flask, owner: Browser, alice: Admin) -> None:
    random = Random(8)
    statuses.clear()
    fields = forms(app, owner)
    all_names = {name: None for held in fields.values() for name in held}
    assert len(all_names) > 40, "the pages have fields"
    for name in names(app, "POST"):
        path = address(app, name)
        if path == CHECK:
            continue
        browser = owner.signed_in(alice)
        token = browser.token("/login" if "login" in path else "/account")
        held = {**dict.fromkeys(random.sample(sorted(all_names), 3)), **fields.get(path, dict(all_names))}
        for number in range(TRIES):
            sent = body(random, held, token)
            headers = HTMX if number == 1 else {}
            kind = "application/x-www-form-urlencoded"
            passed(browser.post(path, data=sent, content_type=kind, headers=headers), f"{name} {sent[:2000]!r}")
    assert statuses[404] < sum(statuses.values()) / 3, "most forms are there to be tried"
    assert statuses[422] > 50, "and most of what is sent is refused for what it is"


def test_no_file_breaks_anything(app: Flask, owner: Browser) -> None:
    random = Random(8)
    fields = forms(app, owner)
    token = owner.token()
    takers = [path for path, held in fields.items() if {"file", "ca_file", "certificate"} & set(held)]
    assert takers
    files = (b"", b"PK\x03\x04 no book", random.randbytes(3000), b"\xff\xfea\x00", b"address\r\n" + b'"' * 50)
    for path in takers:
        for content in files:
            sent = {name: anything(random).decode("utf-8", "replace") for name in fields[path]}
            file = (io.BytesIO(content), anything(random).decode("utf-8", "replace")[:200] or "x")
            data = {**sent, "csrf_token": token, "file": file}
            passed(owner.post(path, data=data), f"{path} {content[:40]!r}")


def test_no_query_breaks_anything(app: Flask, owner: Browser, alice: Admin) -> None:
    random = Random(8)
    asked = {"q", "after", "before", "page", "next", "sort", "code", "state", "error", "reason", *_in_links(app, owner)}
    for name in names(app, "GET"):
        path = address(app, name)
        if path.startswith("/static/") or path == "/ready":
            continue  # The first is not ours, and the second says that there is no worker here.
        browser = owner.signed_in(alice)
        for _ in range(TRIES):
            chosen = random.sample(sorted(asked), 5)
            query = "&".join(f"{quote_plus(key)}={quote_plus(anything(random)[:2000])}" for key in chosen)
            passed(browser.get(f"{path}?{query}"), f"{name} {query[:2000]}")


def _in_links(app: Flask, owner: Browser) -> Iterator[str]:
    for _, page in pages(app, owner):
        for link in page.links():
            yield from (part.partition("=")[0] for part in link.partition("?")[2].split("&") if part)


@pytest.mark.parametrize("signed", [True, False])
def test_no_question_of_a_mail_server_breaks_anything(app: Flask, signed: bool) -> None:
    random = Random(8)
    password = credentials.create("mx1")
    browser = app.test_client()
    for _ in range(120):
        values: list[object] = [anything(random).decode("utf-8", "replace"), None, 7, [], {}, -1e300, True]
        email = random.choice(values[:1] * 4 + values)
        document = json.dumps({"email": email, "ip": random.choice(values)}).encode()
        sent = random.choice([document, document, document[: random.randrange(40)], anything(random), b"[" * 5000])
        secret = f"mx1:{password}".encode() if signed else anything(random)
        headers = {"Authorization": f"Basic {b64encode(secret).decode()}"}
        response = browser.post(CHECK, data=sent, headers=headers, content_type=random.choice(["application/json", ""]))
        assert response.status_code in ({200, 400, 413} if signed else {401}), sent[:500]
        assert response.status_code == 413 or response.json is not None
    app.extensions["report"].stop()


def test_no_header_breaks_anything(app: Flask, owner: Browser) -> None:
    random = Random(8)
    known = ("Accept", "Cookie", "HX-Request", "HX-Target", "If-None-Match", "Last-Event-ID", "Range", "Forwarded")
    for _ in range(60):
        value = anything(random)[:2000].decode("latin-1").translate({10: " ", 13: " ", 0: " "})
        passed(owner.get("/domains", headers={random.choice(known): value}), value[:500])
