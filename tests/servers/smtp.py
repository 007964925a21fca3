"""A mail server that answers as it is told: what a real one cannot be made to do at will."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.ports import LOOPBACK

UNKNOWN = "550 5.1.1 <{address}>: Recipient address rejected: User unknown"
ENDLESS_SECONDS = 20


@dataclass(frozen=True)
class Script:
    """What a server knows and does.

    `known` are the addresses it accepts, None for every one; another one gets `refusal`. `replies` are raw bytes in
    place of the usual reply to a verb, BANNER among them. At the verb `hangs` it says nothing more, at `endless` it
    never comes to an end, at `closes` it ends the connection. After `recipients` of them a connection is closed with
    421, after `per_mail` a transaction takes no more. `meanwhile` is done while a client waits for what is said of a
    recipient.
    """

    known: frozenset[str] | None = frozenset()
    refusal: str = UNKNOWN
    extensions: tuple[str, ...] = ("PIPELINING", "SIZE 10240000", "ENHANCEDSTATUSCODES", "SMTPUTF8")
    encrypts: bool = False
    must_encrypt: bool = False
    replies: Mapping[str, bytes] = field(default_factory=dict)
    hangs: str = ""
    endless: str = ""
    closes: str = ""
    closes_after_recipient: bool = False
    recipients: int = 0
    per_mail: int = 0
    meanwhile: Callable[[], object] = lambda: None


def knows(*addresses: str, **more: object) -> Script:
    """A server that knows these addresses and refuses others."""
    return Script(frozenset(addresses), **more)  # type: ignore[arg-type]  # the fields of Script


class ScriptedSmtp:
    """A running scripted server; `commands` are those that it heard, oldest first, `covered` those under encryption.

    `script` may be exchanged.
    """

    def __init__(self, script: Script, certificate: tuple[Path, Path] | None = None) -> None:
        self.script = script
        self.commands: list[str] = []
        self.covered: list[str] = []
        self.connections = 0
        self._tls = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self._acceptor = threading.Thread(target=self._accept, name=f"scripted-smtp-{self.port}", daemon=True)

    @classmethod
    def start(cls, script: Script, certificate: tuple[Path, Path] | None = None) -> Self:
        """Serve `script` on a free port of 127.0.0.1; `certificate` (file, key file) makes STARTTLS possible."""
        server = cls(script, certificate)
        server._acceptor.start()
        return server

    @property
    def asked(self) -> list[str]:
        """The addresses that were asked for."""
        return [command[9:-1] for command in self.commands if command.startswith("RCPT TO:<")]

    def stop(self) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept()
        self._listener.close()
        self._acceptor.join(timeout=5)
        for thread in self._threads:
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
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        conversation = _Conversation(self, connection)
        with contextlib.suppress(OSError):
            conversation.hold()
        with contextlib.suppress(OSError):
            conversation.connection.close()

    def wait(self, connection: socket.socket) -> None:
        """Say nothing until the client goes away or the server is stopped."""
        connection.settimeout(0.05)
        while not self._ended.is_set():
            try:
                if not connection.recv(1024):
                    return
            except TimeoutError:
                continue

    def babble(self, connection: socket.socket) -> None:
        """A line that has no end."""
        until = time.monotonic() + ENDLESS_SECONDS
        while not self._ended.is_set() and time.monotonic() < until:
            connection.sendall(b"250-" + b"x" * 1000)

    def wrap(self, connection: socket.socket) -> ssl.SSLSocket:
        if self._tls is None:
            raise OSError("there is no certificate")
        return self._tls.wrap_socket(connection, server_side=True)


class _Conversation:
    """One connection of the server."""

    def __init__(self, server: ScriptedSmtp, connection: socket.socket) -> None:
        self.server = server
        self.connection = connection
        self.encrypted = False
        self.recipients = 0
        self.of_mail = 0

    def hold(self) -> None:
        """Greet, then answer command after command."""
        if not self._answer("BANNER", "220 mail.test ESMTP ready"):
            return
        self.connection.settimeout(30)
        data = b""
        while True:
            chunk = self.connection.recv(4096)
            if not chunk:
                return
            data += chunk
            while b"\r\n" in data:
                line, _, data = data.partition(b"\r\n")
                if not self._command(line.decode()):
                    return

    def _command(self, line: str) -> bool:
        """Answer a command; whether the connection goes on."""
        self.server.commands.append(line)
        if self.encrypted:
            self.server.covered.append(line)
        verb = line.split(maxsplit=1)[0].partition(":")[0].upper()
        reply = self._usual(verb, line)
        if not self._answer(verb, reply) or verb == "QUIT" or reply.startswith("421"):
            return False
        if verb == "STARTTLS" and verb not in self.server.script.replies:
            self.connection = self.server.wrap(self.connection)
            self.encrypted = True
        return not (verb == "RCPT" and self.server.script.closes_after_recipient)

    def _usual(self, verb: str, line: str) -> str:
        script = self.server.script
        if verb == "EHLO":
            offers = (*script.extensions, *(["STARTTLS"] if script.encrypts and not self.encrypted else []))
            lines = ["mail.test", *offers]
            return "\r\n".join([*(f"250-{text}" for text in lines[:-1]), f"250 {lines[-1]}"])
        if verb == "MAIL":
            self.of_mail = 0
            wants = script.must_encrypt and not self.encrypted
            return "530 5.7.0 Must issue a STARTTLS command first" if wants else "250 2.1.0 Ok"
        if verb == "RCPT":
            return self._recipient(line[9:].partition(">")[0])
        return {"STARTTLS": "220 2.0.0 Ready", "QUIT": "221 2.0.0 Bye"}.get(verb, "250 2.0.0 Ok")

    def _recipient(self, address: str) -> str:
        script = self.server.script
        script.meanwhile()
        self.recipients += 1
        self.of_mail += 1
        if script.recipients and self.recipients > script.recipients:
            return "421 4.7.0 Too many errors on this connection, closing transmission channel"
        if script.per_mail and self.of_mail > script.per_mail:
            return "452 4.5.3 Too many recipients"
        known = script.known is None or address in script.known
        return "250 2.1.5 Ok" if known else script.refusal.format(address=address)

    def _answer(self, verb: str, reply: str) -> bool:
        script = self.server.script
        if script.hangs == verb:
            self.server.wait(self.connection)
            return False
        if script.endless == verb:
            self.server.babble(self.connection)
            return False
        if script.closes == verb:
            return False
        self.connection.sendall(script.replies.get(verb, f"{reply}\r\n".encode()))
        return True
