"""A directory that fails as it is told: what a real server cannot be made to do at will.

It speaks real LDAP on a socket, plain with StartTLS or LDAPS, pages honestly and takes any password. Filters
are not evaluated: every entry within the base and scope of a search matches.
"""

import contextlib
import socket
import ssl
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.ldap_session import Misbehaviour, Script, Seen, Session
from tests.servers.ldap_wire import Answer, Bind, Search
from tests.servers.ports import LOOPBACK

__all__ = ["Answer", "Misbehaviour", "Script", "ScriptedLdap"]


class ScriptedLdap:
    """A running scripted server. `script` may be exchanged at any time, from the next request on."""

    def __init__(self, script: Script, certificate: tuple[Path, Path] | None = None) -> None:
        self.script = script
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        elif script.ldaps:
            raise ValueError("LDAPS needs a certificate")
        self._seen = Seen()
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._sessions: list[tuple[Session, threading.Thread]] = []
        self._acceptor = threading.Thread(target=self._accept, name=f"scripted-ldap-{self.port}", daemon=True)

    @classmethod
    def start(cls, script: Script, certificate: tuple[Path, Path] | None = None) -> Self:
        """Serve `script` on a free port of 127.0.0.1; `certificate` (file, key file) makes TLS possible."""
        server = cls(script, certificate)
        server._acceptor.start()
        return server

    @property
    def url(self) -> str:
        return f"{'ldaps' if self.script.ldaps else 'ldap'}://{LOOPBACK}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections were accepted."""
        return self._seen.connections

    @property
    def binds(self) -> list[Bind]:
        """The binds that arrived, oldest first."""
        return list(self._seen.binds)

    @property
    def searches(self) -> list[Search]:
        """The searches that arrived, oldest first, those of the root entry among them."""
        return list(self._seen.searches)

    def stop(self) -> None:
        """Close every connection and the listener; clients that still wait get an end of file."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept()
        self._listener.close()
        self._acceptor.join(timeout=5)
        for session, thread in self._sessions:
            session.end()
            thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._seen.connections += 1
            session = Session(connection, lambda: self.script, self._seen, self._tls)
            thread = threading.Thread(target=session.serve, name=f"scripted-ldap-{self.port}", daemon=True)
            self._sessions.append((session, thread))
            thread.start()
