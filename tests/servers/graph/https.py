"""HTTPS on a thread for each connection, which are kept open; and the ways in which an answer can go wrong."""

import contextlib
import gzip
import http.server
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.servers.graph.answer import Answer, Request
from tests.servers.graph.script import Misbehaviour
from tests.servers.ports import LOOPBACK

Respond = Callable[[Request], Answer | Misbehaviour]

_PROXY_PAGE = Answer(200, b"<html><title>Sign in to use the network</title></html>", "text/html; charset=utf-8")
_BROKEN = Answer(200, b'{"@odata.context": "https://graph/v1.0/$metadata#users", "value": [{"id": "1", "ma')
_LIST = Answer(200, b"[1, 2, 3]")
_CHUNK = b" " * 65536


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: "HttpsServer"

    def do_GET(self) -> None:  # The library's own name.
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        form = parse_qs(body.decode("utf-8", "replace")) if "form" in headers.get("content-type", "") else {}
        said = self.server.respond(
            Request(
                method=self.command,
                path=parts.path,
                query={name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()},
                headers=headers,
                form={name: values[0] for name, values in form.items()},
                body=body,
                target=self.path,
            )
        )
        if isinstance(said, Misbehaviour):
            self._misbehave(said)
        else:
            self._send(said)

    do_POST = do_GET

    def _send(self, said: Answer, cut: int | None = None) -> None:
        body, lines = said.body, list(said.headers)
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(body) > 1000:
            body = gzip.compress(body, 6)
            lines.append(("Content-Encoding", "gzip"))
        phrase = self.responses.get(said.status, ("",))[0]
        lines += [
            ("Content-Type", said.content_type),
            ("Content-Length", str(len(body))),
            ("Date", formatdate(usegmt=True)),
        ]
        head = (
            f"HTTP/1.1 {said.status} {phrase}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines) + "\r\n"
        )
        self.wfile.write(head.encode("latin-1") + body[:cut])

    def _misbehave(self, how: Misbehaviour) -> None:
        usual = {Misbehaviour.WEB_PAGE: _PROXY_PAGE, Misbehaviour.BROKEN_JSON: _BROKEN, Misbehaviour.LIST: _LIST}
        if how in usual:
            self._send(usual[how])
            return
        self.close_connection = True
        if how is Misbehaviour.HANG:
            self.server.stopped.wait()
        elif how is Misbehaviour.CLOSE:
            self._send(_BROKEN, cut=len(_BROKEN.body) // 2)
        else:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
            while not self.server.stopped.is_set():
                self.wfile.write(_CHUNK)

    def log_message(self, format: str, *args: Any) -> None:  # The library's own name.
        """Say nothing: the stand-in keeps its own record."""


class HttpsServer(http.server.ThreadingHTTPServer):
    """Serves `respond` on a loopback port."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, certificate: tuple[Path, Path], respond: Respond, port: int = 0) -> None:
        self.respond = respond
        self.stopped = threading.Event()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(*certificate)
        self._open: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), Handler)
        self.port: int = self.server_address[1]

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection: the handshake too is made in its own thread."""
        request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._tls.wrap_socket(request, server_side=True, suppress_ragged_eofs=True) as connection:
            self._open.add(connection)
            try:
                super().finish_request(connection, client_address)
            finally:
                self._open.discard(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left, or refused our certificate, is no error here; a fault of our own is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self) -> None:
        """Close the listener and every connection."""
        self.stopped.set()
        self.shutdown()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)  # not SSLSocket's own, which is not thread-safe
        self.server_close()
