"""One connection to a directory: opened, encrypted, signed in, and searched page by page.

ldap3 builds the messages and reads the results. The socket is opened here, since ldap3 forgets why an opening failed
(it raises copies of the exceptions) and leaves the password in the frames of its exceptions. What leaves this module is
a SourceError that holds nothing of ldap3.
"""

import contextlib
import datetime as dt
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

import ldap3
from ldap3.core.exceptions import LDAPExceptionError

from console.core.errors import SourceError
from jobs.sources.ldap import failures, target, tls, wire
from jobs.sources.ldap.settings import LdapSettings, Tls
from jobs.sources.ldap.strategy import Attributes, RawStrategy

_START_TLS = "1.3.6.1.4.1.1466.20037"
_PAGING = "1.2.840.113556.1.4.319"  # RFC 2696

T = TypeVar("T")
Depth = Literal["BASE", "LEVEL", "SUBTREE"]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One answer to a search: what was made of its entries, and how many references to other servers stood there.

    `cookie` asks for the next page; it is empty on the last one, and None where the server does not page at all.
    """

    entries: list[T]
    references: int
    cookie: bytes | None


@dataclass(frozen=True, slots=True)
class Link:
    """What the connection turned out to be: the server's address, and the encryption in words, or nothing.

    `expires` is when the server's certificate ends, None where it was not verified.
    """

    address: str
    encryption: str = ""
    expires: dt.datetime | None = None


class _OtherName(Exception):
    """The server's certificate is genuine, but not for the host."""


@contextlib.contextmanager
def opened(settings: LdapSettings) -> Iterator["Session"]:
    """A connection that is encrypted as the settings say, and closed at the end. Nobody is signed in yet."""
    session = _checked(settings)
    try:
        yield session
    finally:
        session.close()


def _checked(settings: LdapSettings) -> "Session":
    with contextlib.suppress(_OtherName):
        return _connected(settings)
    # A handshake that failed shows no certificate. A second one, in which only the name is not checked and on which
    # nobody signs in, tells the administrator which names would do.
    carried = None
    with contextlib.suppress(SourceError):
        session = _connected(settings, check_name=False)
        carried = session.certificate_names()
        session.close()
    raise tls.other_name(settings, carried)


def _connected(settings: LdapSettings, *, check_name: bool = True) -> "Session":
    session = Session(settings, target.dial(settings))
    with contextlib.ExitStack() as undo:
        undo.callback(session.close)
        if settings.tls is not Tls.NONE:
            session.encrypt(check_name)
        undo.pop_all()
    return session


class Session:
    """A connection on which one question is asked at a time. Raises SourceError, and is of no use after one."""

    def __init__(self, settings: LdapSettings, plain: socket.socket) -> None:
        self._settings = settings
        self._address = str(plain.getpeername()[0])
        # ldap3's Server only carries the address: it opens nothing here, so it has no use for its own TLS.
        server = ldap3.Server(self._address.partition("%")[0], settings.port, get_info="NO_INFO")
        self._connection = ldap3.Connection(
            server,
            user=settings.user_dn or None,
            authentication="SIMPLE" if settings.user_dn else "ANONYMOUS",
            auto_referrals=False,
            auto_range=False,
            raise_exceptions=False,
            check_names=False,
            return_empty_attributes=False,
            read_only=True,
            receive_timeout=settings.receive_timeout,
        )
        self._strategy = RawStrategy(self._connection, plain, settings.receive_timeout)
        self._connection.strategy = self._strategy
        self._connection.send = self._strategy.send
        self._connection.get_response = self._strategy.get_response
        self._connection.post_send_single_response = self._strategy.post_send_single_response
        self._connection.post_send_search = self._strategy.post_send_search
        self._connection.closed, self._connection.listening = False, True

    def encrypt(self, check_name: bool) -> None:
        """Do the handshake, on the plain port after StartTLS.

        What was received in plain text after the answer is dropped with its stream: nobody on the way can put words
        into the encrypted part.
        """
        if self._settings.tls is Tls.STARTTLS:
            result = self._ask(
                "when encryption was to start", "extendedResp", lambda: self._connection.extended(_START_TLS)
            )
            if result["result"] != 0:
                raise failures.start_tls(self._settings, result)
        try:
            encrypted = tls.wrap(self._connection.socket, self._settings, check_name=check_name)
        except (OSError, ValueError) as error:
            failure: Exception = _OtherName() if tls.is_other_name(error) else tls.failure(self._settings, error)
        else:
            self._strategy.use(encrypted, self._settings.receive_timeout)
            return
        raise failure

    def sign_in(self) -> None:
        self._connection.password = self._settings.password.encode()  # As bytes: ldap3 would normalise the text.
        try:
            result = self._ask(
                "while signing in", "bindResponse", lambda: self._connection.bind(read_server_info=False)
            )
        finally:
            self._connection.password = self._connection.request = None
        if result["result"] != 0:
            raise failures.sign_in(self._settings, result)

    def search(
        self,
        base: str,
        search_filter: str,
        attributes: Sequence[str],
        convert: Callable[[bytes, Attributes], T],
        *,
        where: str = "",
        scope: Depth = "SUBTREE",
        cookie: bytes | None = None,
        control: str = "",
        optional: bool = False,
    ) -> Page[T]:
        """One page under `base`, its entries each given to `convert`.

        Every result but success raises, so that nothing is cut off unseen; unless it is `optional`, and then nothing
        was found. `where` tells the reader of an error how far the reading had come. `control` is the identifier of a
        critical control that has no value.
        """
        self._strategy.convert = convert
        result = self._ask(
            f"while reading {where}".rstrip(),
            "searchResDone",
            lambda: self._connection.search(
                base,
                search_filter,
                search_scope=scope,
                dereference_aliases="NEVER",
                attributes=list(attributes),
                paged_size=self._settings.page_size if scope != "BASE" else None,
                paged_criticality=False,
                paged_cookie=cookie,
                controls=[(control, True, None)] if control else None,
            ),
        )
        if result["result"] != 0 and optional:
            return Page([], 0, None)
        if result["result"] != 0:
            raise failures.search(self._settings, result, base, where)
        paging = (result.get("controls") or {}).get(_PAGING)
        entries, self._strategy.entries = self._strategy.entries, []
        return Page(entries, self._strategy.references, paging["value"]["cookie"] if paging else None)

    def _ask(self, doing: str, answer: str, question: Callable[[], object]) -> failures.Result:
        """Ask, and return the result. The error is raised outside of the frames that ldap3's hold the password in."""
        try:
            question()
            result = failures.discreet(self._settings, self._connection.result)
            if result["type"] != answer:
                raise wire.Garbled(f"{result['type']} where {answer} was due")
            return result
        except (LDAPExceptionError, OSError, wire.Garbled, wire.Closed) as error:
            failure = failures.broken(self._settings, error, doing, begun=self._strategy.stream.begun)
        raise failure

    def link(self) -> Link:
        used = self._connection.socket
        if not isinstance(used, ssl.SSLSocket):
            return Link(self._address)
        return Link(self._address, tls.description(used), tls.expiry(used))

    def certificate_names(self) -> list[str]:
        return tls.names(self._connection.socket)

    def close(self) -> None:
        """Say goodbye if the server still listens, and close the socket. Never raises."""
        with contextlib.suppress(LDAPExceptionError, OSError):
            self._connection.unbind()
        self._strategy.close()
