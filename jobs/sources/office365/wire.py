"""One question to Microsoft and its answer, within bounds of time and size.

What fails is returned, not raised, from the frames that hold a secret: tools that read a traceback show the variables
of each of its frames.
"""

import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions
from requests import exceptions

from jobs.sources.office365 import trust
from jobs.sources.office365.settings import Office365Settings

# A page of 999 users with all their addresses is about a megabyte.
_LIMIT = 64 * 1024 * 1024
_CHUNK = 256 * 1024
# Seconds in which a thread notices that its connection was ended.
_LET_GO = 1.0


class Fault(Enum):
    """What kept an answer from coming, or made it useless; true where another try may go well."""

    UNKNOWN_HOST = ("unknown host", True)
    REFUSED = ("connection refused", True)
    NO_CONNECTION = ("no connection", True)
    SLOW = ("too slow", True)
    BROKEN_OFF = ("broken off", True)
    CERTIFICATE = ("certificate not accepted", False)
    PROXY = ("trouble with the proxy", True)
    TOO_LARGE = ("too large", False)
    NOT_JSON = ("not what was asked for", True)

    @property
    def passing(self) -> bool:
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Question:
    """A request; what may hold a secret is not shown."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. `content` is its JSON object, empty where a refusal has none."""

    status: int
    headers: Mapping[str, str]
    content: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Broken:
    """Why there is no answer; `detail` is for the administrator's expert."""

    fault: Fault
    host: str
    detail: str = ""


class Wire:
    """The connections of one run, kept open from question to question."""

    def __init__(self, settings: Office365Settings) -> None:
        self._timeouts = (settings.connect_timeout, settings.answer_timeout)
        self._session = trust.session(settings)
        self._asking = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """End every connection; a question that another thread still asks comes to nothing.

        It notices at once, unless a host does not let it connect: then it is left to its time-out.
        """
        self._closed = True
        trust.sever(self._session)
        if self._asking.acquire(timeout=_LET_GO):
            self._asking.release()

    def ask(self, question: Question) -> Reply | Broken:
        """Ask once; from one thread at a time."""
        with self._asking:
            try:
                if self._closed:
                    return Broken(Fault.BROKEN_OFF, urlsplit(question.url).netloc, "the run is over")
                return self._asked(question)
            finally:
                if self._closed:
                    self._session.close()

    def _asked(self, question: Question) -> Reply | Broken:
        host = urlsplit(question.url).netloc
        try:
            with self._session.request(
                question.method,
                question.url,
                headers=dict(question.headers),
                data=question.body,
                timeout=self._timeouts,
                allow_redirects=False,
                proxies=trust.proxies(question.url),
                stream=True,
            ) as response:
                body = self._read(response)
                return body if isinstance(body, Broken) else _reply(response, body, host)
        except (exceptions.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            return Broken(_fault(error), host, _words(error))

    def _read(self, response: requests.Response) -> bytes | Broken:
        """The body, unpacked. requests' own timeout begins anew with each byte that trickles in."""
        ends = time.monotonic() + self._timeouts[1]
        parts: list[bytes] = []
        size = 0
        for part in response.raw.stream(_CHUNK, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > _LIMIT:
                return Broken(Fault.TOO_LARGE, urlsplit(response.url).netloc, f"more than {_LIMIT} bytes")
            if time.monotonic() > ends:
                return Broken(Fault.SLOW, urlsplit(response.url).netloc, f"{size} bytes came in time")
        return b"".join(parts)


def _reply(response: requests.Response, body: bytes, host: str) -> Reply | Broken:
    """The answer with its JSON object, which whoever is asked successfully must have sent."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        content, why = None, str(error)
    else:
        why = f"a JSON {type(content).__name__}"
    if isinstance(content, dict):
        return Reply(response.status_code, response.headers, content)
    if response.status_code < 300:
        kind = response.headers.get("Content-Type", "no content type")
        return Broken(Fault.NOT_JSON, host, f"{kind}, {len(body)} bytes: {why}")
    return Reply(response.status_code, response.headers, {})


def _fault(error: BaseException) -> Fault:
    """Which of the faults an exception is; the reason lies below those of requests and urllib3."""
    causes = list(_causes(error))
    if any(isinstance(cause, exceptions.ProxyError | urllib3.exceptions.ProxyError) for cause in causes):
        return Fault.PROXY
    if any(isinstance(cause, exceptions.SSLError | urllib3.exceptions.SSLError) for cause in causes):
        return Fault.CERTIFICATE if "CERTIFICATE_VERIFY_FAILED" in str(error) else Fault.BROKEN_OFF
    if any(isinstance(cause, socket.gaierror | urllib3.exceptions.NameResolutionError) for cause in causes):
        return Fault.UNKNOWN_HOST
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return Fault.REFUSED
    if any(isinstance(cause, exceptions.ConnectTimeout | urllib3.exceptions.ConnectTimeoutError) for cause in causes):
        return Fault.NO_CONNECTION
    if any(isinstance(cause, exceptions.Timeout | urllib3.exceptions.TimeoutError | TimeoutError) for cause in causes):
        return Fault.SLOW
    if any(isinstance(cause, exceptions.ContentDecodingError | urllib3.exceptions.DecodeError) for cause in causes):
        return Fault.NOT_JSON
    if any(isinstance(cause, urllib3.exceptions.NewConnectionError) for cause in causes):
        return Fault.NO_CONNECTION
    return Fault.BROKEN_OFF


def _causes(error: BaseException) -> list[BaseException]:
    """An exception and what it was made of, in its chain and in its arguments."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        cause = waiting.pop()
        if isinstance(cause, BaseException) and not any(cause is known for known in found):
            found.append(cause)
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
    return found


def _words(error: BaseException) -> str:
    """The innermost reason in the library's words, without the objects that they mention."""
    last = _causes(error)[-1]
    return f"{type(last).__name__}: {last}"[:300]
