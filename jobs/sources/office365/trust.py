"""Which certificates are trusted, through which proxy a host is reached, and where a source may connect at all."""

import contextlib
import ipaddress
import re
import socket
import ssl
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies
from urllib3 import HTTPSConnectionPool
from urllib3.connection import HTTPSConnection

from console.core.clouds import CLOUDS
from console.core.errors import SourceError
from jobs.sources.office365.settings import Office365Settings
from jobs.targets import refused

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_MICROSOFT = frozenset(host for cloud in CLOUDS.values() for host in (cloud.login, cloud.graph))


def session(settings: Office365Settings) -> requests.Session:
    """A session that trusts what the settings say and nothing else.

    `trust_env` is off, since REQUESTS_CA_BUNDLE would replace our certificates and a .netrc our token; the environment
    is asked for a proxy for each URL instead (`proxies`). Raises SourceError where the CA certificate is none.
    """
    opened = requests.Session()
    opened.trust_env = False
    opened.mount("https://", _Adapter(_context(settings)))
    return opened


def sever(opened: requests.Session) -> None:
    """Close a session, and end the connection on which another thread still waits for an answer."""
    for adapter in opened.adapters.values():
        if isinstance(adapter, _Adapter):
            adapter.sockets.sever()
    opened.close()


def proxies(url: str) -> dict[str, str]:
    """What HTTPS_PROXY and NO_PROXY say of this URL."""
    return dict(get_environ_proxies(url, no_proxy=None))


def check_target(settings: Office365Settings, url: str) -> None:
    """Raise SourceError where a host that is not Microsoft's leads to the machine on which the console runs.

    What cannot be looked up is left to the connection, whose error says more; behind a proxy the proxy decides.
    """
    parts = urlsplit(url)
    if settings.allow_local or parts.hostname in _MICROSOFT or proxies(url):
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if any(refused(ipaddress.ip_address(address)) for address in addresses):
        raise SourceError(
            f"{parts.hostname} is at {addresses[0]}, an address of the machine on which the console runs or of its own "
            "link. Sources may not connect there, unless the operator of the console sets ALLOW_LOCAL_TARGETS.",
            permanent=True,
        )


def _context(settings: Office365Settings) -> ssl.SSLContext:
    if not settings.ca_pem:
        context = ssl.create_default_context()
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)  # For a machine without a store of its own.
        return context
    own = "\n".join(_PEM.findall(settings.ca_pem))
    try:
        if not own:
            raise ValueError("there is no BEGIN CERTIFICATE line in it")
        context = ssl.create_default_context(cadata=own)
    except (ssl.SSLError, ValueError) as error:
        raise SourceError(
            "The CA certificate of this source cannot be read: paste it as PEM text, from BEGIN CERTIFICATE to END "
            "CERTIFICATE.",
            permanent=True,
            detail=str(error),
        ) from None
    # For the same reasons as over LDAP: an authority known by one certificate, and older forms of certificates.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class _Sockets:
    """The sockets of a session. urllib3 itself does not know of those that are in use."""

    def __init__(self) -> None:
        self._opened: list[socket.socket] = []
        self._over = False

    def note(self, opened: object) -> None:
        if isinstance(opened, socket.socket):
            self._opened.append(opened)
        if self._over:
            self.sever()  # It was connecting meanwhile.

    def sever(self) -> None:
        """End them all, and whatever is opened from now on."""
        self._over = True
        for opened in list(self._opened):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(opened, socket.SHUT_RDWR)  # Not the one of TLS, which would disturb its reader.

    def pool(self) -> type[HTTPSConnectionPool]:
        """A pool whose connections are noted here."""
        sockets = self

        class Connection(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                sockets.note(self.sock)

        class Pool(HTTPSConnectionPool):
            ConnectionCls = Connection

        return Pool


class _Adapter(HTTPAdapter):
    """Connects with our TLS context: requests itself can only be given a file, beside the authorities it brings."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self.sockets = _Sockets()
        self._pools = {"https": self.sockets.pool()}
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._context, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **more)
        manager.pool_classes_by_scheme = {**manager.pool_classes_by_scheme, **self._pools}
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002  # As it is called.
        """Leave the context's authorities alone, to which requests would add its own."""
        conn.cert_reqs = "CERT_REQUIRED"
