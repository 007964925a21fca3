"""Pages and static files go out compressed to who takes it, and nothing else does."""

import gzip
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.test import Client, EnvironBuilder, TestResponse
from werkzeug.wsgi import ClosingIterator

from console.compression import Compression
from console.models import Admin, Domain
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

GZIP = {"Accept-Encoding": "br;q=1.0, gzip, deflate"}
STATIC = "/static/site.css"


class Reader(Client):
    """A client that takes answers as they are, in which Alice is signed in."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=True, **kwargs)


@pytest.fixture
def packed(app: Flask, alice: Admin) -> Reader:
    cookie = Browser.of(app).signed_in(alice).get_cookie("session")
    assert cookie is not None
    reader = Reader(app)
    reader.set_cookie("session", cookie.value)
    return reader


def fetch(app: Flask, path: str = STATIC, **headers: str) -> TestResponse:
    return Reader(app).get(path, headers={"Accept-Encoding": "gzip", **headers})


def unpacked(response: TestResponse) -> bytes:
    assert response.headers["Content-Encoding"] == "gzip"
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert "Accept-Encoding" in response.headers.getlist("Vary")
    return gzip.decompress(response.data)


def test_a_page_is_the_same_page(packed: Reader, domain: Domain) -> None:
    factories.users(domain, *(manual_user(f"user{n}") for n in range(50)))
    path = f"/domains/{domain.name}/users"
    plain = packed.get(path)
    small = packed.get(path, headers=GZIP)
    assert "Content-Encoding" not in plain.headers
    assert _tokenless(unpacked(small)) == _tokenless(plain.data)
    assert len(small.data) < len(plain.data) / 4


def _tokenless(page: bytes) -> bytes:
    return re.sub(rb'(csrf_token" value=|X-CSRFToken": )"[^"]*"', b"", page)


def test_the_length_of_a_page_tells_nothing_of_its_token(packed: Reader) -> None:
    lengths = {len(packed.get("/domains", headers=GZIP).data) for _ in range(12)}
    assert len(lengths) > 3


def test_a_refused_form_is_compressed_too(packed: Reader) -> None:
    [token] = set(re.findall(r'csrf_token" value="([^"]+)"', packed.get("/domains/new").text))
    refused = packed.post("/domains/new", data={"csrf_token": token, "name": ""}, headers=GZIP)
    assert refused.status_code == 422
    assert b"Enter the part after the @" in unpacked(refused)


def test_a_static_file_is_compressed_and_stays_what_it_is(app: Flask) -> None:
    plain = Reader(app).get(STATIC)
    small, again = fetch(app), fetch(app)
    assert unpacked(small) == plain.data
    assert small.data == again.data
    assert small.headers["Cache-Control"] == plain.headers["Cache-Control"]
    # Its tag is that of the plain bytes.
    assert "ETag" not in small.headers


def test_a_page_about_a_file_that_is_not_there_is_no_file(app: Flask) -> None:
    missing = [fetch(app, "/static/nothing.css") for _ in range(12)]
    assert {response.status_code for response in missing} == {404}
    assert b"There is no such page" in unpacked(missing[0])
    assert len({len(response.data) for response in missing}) > 3, "it is remembered"


def test_a_browser_that_has_a_file_is_told_so(app: Flask) -> None:
    since = fetch(app).headers["Last-Modified"]
    assert fetch(app, **{"If-Modified-Since": since}).status_code == 304


@pytest.mark.parametrize("taken", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0"])
def test_who_does_not_take_it_gets_the_plain_file(app: Flask, taken: str) -> None:
    response = fetch(app, **{"Accept-Encoding": taken})
    assert "Content-Encoding" not in response.headers
    assert b":root" in response.data


def test_a_part_of_a_file_is_sent_as_it_is(app: Flask) -> None:
    response = fetch(app, Range="bytes=0-999")
    assert (response.status_code, len(response.data)) == (206, 1000)
    assert "Content-Encoding" not in response.headers


def test_what_is_only_asked_about_has_no_content(app: Flask) -> None:
    response = Reader(app).head(STATIC, headers=GZIP)
    assert response.data == b""
    assert "Content-Encoding" not in response.headers


def test_a_list_that_is_made_while_it_is_sent_goes_by_untouched(packed: Reader, domain: Domain) -> None:
    factories.users(domain, *(manual_user(f"user{n}") for n in range(50)))
    exported = packed.get(f"/domains/{domain.name}/users.csv", headers=GZIP)
    assert "Content-Encoding" not in exported.headers
    assert b"user49@" in exported.data


def test_what_is_to_happen_once_an_answer_has_gone_out_waits_for_that() -> None:
    steps: list[str] = []

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", "3000")])
        return ClosingIterator([b"abc" * 1000], lambda: steps.append("closed"))

    made = Compression(answer, "/static/")
    environ = EnvironBuilder(headers=list(GZIP.items())).get_environ()
    body = made(environ, lambda *_: lambda _: steps.append("written"))
    steps.append(gzip.decompress(b"".join(body)).decode()[:3])
    body.close()  # type: ignore[attr-defined]  # As a server does it.
    assert steps == ["abc", "closed"]


def test_what_is_small_anyway_is_sent_as_it_is(app: Flask) -> None:
    assert "Content-Encoding" not in fetch(app, "/health").headers
