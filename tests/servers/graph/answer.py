"""What goes over the wire: requests as they were understood, and answers in the forms of Graph and of the sign-in."""

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.graph.script import Refusal

GRAPH_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A request; `path` is without the query, `headers` have names in small letters."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    target: str

    @property
    def bearer(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = GRAPH_JSON
    headers: tuple[tuple[str, str], ...] = ()


def graph(content: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Answer:
    return Answer(status, json.dumps(content).encode(), headers=headers)


def graph_error(code: str, message: str) -> dict[str, Any]:
    at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S")
    inner = {"date": at, "request-id": str(uuid.uuid4()), "client-request-id": str(uuid.uuid4())}
    return {"error": {"code": code, "message": message, "innerError": inner}}


def refused(refusal: Refusal) -> Answer:
    headers = (("Retry-After", str(refusal.retry_after)),) if refusal.retry_after is not None else ()
    return graph(graph_error(refusal.code, refusal.message), refusal.status, headers)


def login(content: Any, status: int = 200) -> Answer:
    return Answer(
        status, json.dumps(content).encode(), "application/json; charset=utf-8", (("Cache-Control", "no-store"),)
    )


def login_error(status: int, error: str, code: str, message: str) -> Answer:
    """A refusal of the sign-in: its text carries numbers of the request, as Microsoft's does."""
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    at = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    described = f"AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"
    return login(
        {
            "error": error,
            "error_description": described,
            "error_codes": [int(code)],
            "timestamp": at,
            "trace_id": trace,
            "correlation_id": correlation,
        },
        status,
    )


def page(title: str, body: str, status: int = 200) -> Answer:
    html = f"<!doctype html><html lang='en'><title>{title}</title><main><h1>{title}</h1>{body}</main></html>"
    return Answer(status, html.encode(), "text/html; charset=utf-8")


def redirect(to: str) -> Answer:
    return Answer(302, b"", "text/html", (("Location", to),))
