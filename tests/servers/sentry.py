"""What takes reports of faults, as Sentry does: each envelope that comes, unpacked."""

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from tests.servers.ports import LOOPBACK


class Sentry:
    """`events` are those of all envelopes, `raw` their text; `dsn` leads here."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.raw = ""
        taken = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                taken.take(body.decode())
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def dsn(self) -> str:
        return f"http://public-key@{LOOPBACK}:{self._server.server_address[1]}/7"

    def take(self, envelope: str) -> None:
        self.raw += envelope
        _, *parts = envelope.strip().split("\n")
        for head, item in zip(parts[::2], parts[1::2], strict=False):
            if json.loads(head).get("type") == "event":
                self.events.append(json.loads(item))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
