"""One connection of a scripted LDAP server: what it was told to do, and doing it."""

import contextlib
import enum
import re
import secrets
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.servers import ber, ldap_wire
from tests.servers.ldap_wire import Answer, Bind, Request, Search
from tests.servers.people import SUFFIX

Attributes = Mapping[str, Sequence[bytes]]

SUCCESS = Answer(ldap_wire.SUCCESS)

GARBAGE_BYTES = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<p>This is not a directory." + b" " * 200
"""What a web server on the wrong port would say; longer than the length that its second byte announces."""


class Misbehaviour(enum.Enum):
    """What a server does that does not answer."""

    HANG = "sends nothing more and keeps the connection open"
    CLOSE = "closes the connection in the middle of a message"
    GARBAGE = "sends what is not LDAP"


Failure = Misbehaviour | Answer


@dataclass(frozen=True, kw_only=True)
class Script:
    """What a scripted server holds and where it fails; everything not mentioned goes well.

    `entries`: (DN, attributes) pairs; the root entry looks like Active Directory's unless `root_dse` is
    given.
    `on_accept`, `on_bind`, `on_starttls`: what happens there instead of success.
    `on_page`: what happens on page 1, 2, ... of a search (other than of a single entry). An Answer ends the
    search with its code after that page's entries, a referral (10) without any; a Misbehaviour comes after
    half of them.
    `references`: URLs sent with the last page as search result references.
    `max_page`: larger pages are cut to this, and what does not page gets that many and sizeLimitExceeded (4).
    `delay`: seconds before each answer. `ldaps`: TLS from the start; without it StartTLS is offered, where
    there is a certificate.
    """

    entries: Sequence[tuple[str, Attributes]] = ()
    suffix: str = SUFFIX
    root_dse: Attributes | None = None
    ldaps: bool = False
    on_accept: Misbehaviour | None = None
    on_bind: Failure | None = None
    on_starttls: Failure | None = None
    on_page: Mapping[int, Failure] = field(default_factory=dict)
    references: Sequence[str] = ()
    max_page: int = 1000
    delay: float = 0.0

    def found(self, search: Search) -> list[tuple[str, Attributes]] | None:
        """The entries within the base and scope of a search, or None when there is no such base."""
        base = _parts(search.base)
        placed = [(_parts(dn), (dn, attributes)) for dn, attributes in self.entries]
        below = [(len(parts) - len(base), entry) for parts, entry in placed if parts[-len(base) :] == base]
        if not below and base != _parts(self.suffix):
            return None
        lowest, highest = {0: (0, 0), 1: (1, 1)}.get(search.scope, (0, 1000))
        return [entry for depth, entry in below if lowest <= depth <= highest]

    def root(self) -> Attributes:
        if self.root_dse is not None:
            return self.root_dse
        suffix = self.suffix.encode()
        return {
            "defaultNamingContext": [suffix],
            "rootDomainNamingContext": [suffix],
            "namingContexts": [suffix, b"CN=Configuration," + suffix],
            "dnsHostName": [b"dc1.example.test"],
            "supportedLDAPVersion": [b"3", b"2"],
            "supportedControl": [ldap_wire.PAGED.encode(), b"1.2.840.113556.1.4.841"],
            "supportedExtension": [ldap_wire.START_TLS.encode()],
            "supportedCapabilities": [b"1.2.840.113556.1.4.800"],
        }


@dataclass
class Seen:
    """What has reached a scripted server so far, over all connections."""

    connections: int = 0
    binds: list[Bind] = field(default_factory=list)
    searches: list[Search] = field(default_factory=list)


class _GoneWrongError(Exception):
    """A misbehaviour was acted out: nothing else is to be said on this connection."""


class Session:
    """One client; `serve` returns when the client, the script or the server's end has ended it."""

    def __init__(
        self, connection: socket.socket, script: Callable[[], Script], seen: Seen, tls: ssl.SSLContext | None
    ) -> None:
        self._socket = connection
        self._script = script
        self._seen = seen
        self._tls = tls
        self._cookies: dict[bytes, tuple[int, int]] = {}
        """Cookie to the number of entries sent so far and the number of the page that comes next."""

    def serve(self) -> None:
        script = self._script()
        try:
            if script.on_accept is not None:
                self._misbehave(script.on_accept, b"")
            if script.ldaps:
                self._start_tls()
            for request in self._requests():
                self._answer(request)
        except (_GoneWrongError, OSError, ValueError):
            pass  # the client left, refused our certificate or sent nonsense: others are served all the same
        finally:
            self._socket.close()

    def end(self) -> None:
        """Wake `serve` from whatever it waits for; called from another thread."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)  # not SSLSocket's own, which is not thread-safe

    def _requests(self) -> Iterator[Request]:
        while True:
            try:
                _, message = ber.read(self._take)
            except EOFError:
                return
            request = ldap_wire.parse_request(message)
            if request.tag == ldap_wire.UNBIND:
                return
            if request.tag != ldap_wire.ABANDON:
                yield request

    def _take(self, count: int) -> bytes:
        data = b""
        while len(data) < count and (part := self._socket.recv(count - len(data))):
            data += part
        return data

    def _answer(self, request: Request) -> None:
        time.sleep(self._script().delay)
        if request.tag == ldap_wire.BIND:
            bind = ldap_wire.parse_bind(request, over_tls=isinstance(self._socket, ssl.SSLSocket))
            self._seen.binds.append(bind)
            self._end(request, ldap_wire.BIND_DONE, self._script().on_bind or SUCCESS)
        elif request.tag == ldap_wire.SEARCH:
            self._search(request)
        elif request.tag == ldap_wire.EXTENDED:
            self._extended(request)
        else:
            raise ValueError(f"unexpected request {request.tag:#x}")

    def _extended(self, request: Request) -> None:
        wanted = ldap_wire.parse_extended(request) == ldap_wire.START_TLS and self._tls is not None
        outcome = (self._script().on_starttls or SUCCESS) if wanted else Answer(ldap_wire.PROTOCOL_ERROR)
        self._end(request, ldap_wire.EXTENDED_DONE, outcome)
        if outcome == SUCCESS:
            self._start_tls()

    def _search(self, request: Request) -> None:
        search = ldap_wire.parse_search(request)
        self._seen.searches.append(search)
        script = self._script()
        found = [("", script.root())] if search.of_root_dse else script.found(search)
        if found is None:
            missing = Answer(ldap_wire.NO_SUCH_OBJECT, matched_dn=script.suffix)
            self._end(request, ldap_wire.SEARCH_DONE, missing)
            return
        sent, page = self._cookies.pop(search.cookie, (0, 1))
        size = min(search.page_size or script.max_page, script.max_page)
        last = sent + size >= len(found)
        failure = script.on_page.get(page) if search.scope != 0 else None
        if search.page_size is None and not last and failure is None:
            failure = Answer(ldap_wire.SIZE_LIMIT)
        cookie = b"" if last or isinstance(failure, Answer) else self._cookie(sent + size, page + 1)
        self._send_page(request, search, found[sent : sent + size], cookie, failure)

    def _send_page(
        self,
        request: Request,
        search: Search,
        entries: Sequence[tuple[str, Attributes]],
        cookie: bytes,
        failure: Failure | None,
    ) -> None:
        if isinstance(failure, Answer) and failure.code == ldap_wire.REFERRAL:
            entries = []
        messages = [
            ldap_wire.entry(request.id, dn, {name: held[name] for name in held if search.wants(name)})
            for dn, held in entries
        ]
        if not cookie and not search.of_root_dse:
            messages += [ldap_wire.reference(request.id, url) for url in self._script().references]
        outcome = failure if isinstance(failure, Answer) else SUCCESS
        control = b"" if search.page_size is None else ldap_wire.paging_control(cookie)
        messages.append(ldap_wire.done(request.id, ldap_wire.SEARCH_DONE, outcome, control))
        if isinstance(failure, Misbehaviour):
            half = len(messages) // 2
            self._socket.sendall(b"".join(messages[:half]))
            self._misbehave(failure, messages[half])
        self._socket.sendall(b"".join(messages))

    def _cookie(self, sent: int, page: int) -> bytes:
        cookie = secrets.token_bytes(8)
        self._cookies[cookie] = (sent, page)
        return cookie

    def _end(self, request: Request, tag: int, outcome: Failure) -> None:
        if isinstance(outcome, Misbehaviour):
            self._misbehave(outcome, ldap_wire.done(request.id, tag, SUCCESS))
        else:
            self._socket.sendall(ldap_wire.done(request.id, tag, outcome))

    def _misbehave(self, how: Misbehaviour, message: bytes) -> None:
        """Act it out where `message` was due, and stay silent until the client or the server's end closes."""
        if how is Misbehaviour.CLOSE:
            self._socket.sendall(message[: len(message) // 2])
        else:
            if how is Misbehaviour.GARBAGE:
                self._socket.sendall(GARBAGE_BYTES)
            while self._socket.recv(4096):
                pass
        raise _GoneWrongError

    def _start_tls(self) -> None:
        if self._tls is None:
            raise ValueError("TLS without a certificate")
        wrapped = self._tls.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
        self._socket = wrapped  # before the handshake, so that `end` reaches it
        wrapped.do_handshake()


def _parts(dn: str) -> tuple[str, ...]:
    """A DN cut at its commas, in small letters, so that two spellings of one DN are equal."""
    return tuple(part.strip() for part in re.split(r"(?<!\\),", dn.lower()))
