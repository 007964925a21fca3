"""A TCP proxy on loopback that slows, holds and cuts the connections of the server behind it."""

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self

from tests.servers.ports import LOOPBACK

CHUNK = 16 * 1024


class TcpProxy:
    """Passes what clients and a server say on to each other.

    `delay`: seconds before each chunk of the server's answers. `hold_after`: a connection is held, still open, once
    that many bytes of answers have passed on it, until `release` is called. `cut_in`: (5, 100) closes a connection
    after 100 bytes of the answer to the fifth question, of a client that asks one after the other. Each may be changed
    at any time.
    """

    def __init__(self, target: int, *, delay: float = 0.0, hold_after: int | None = None) -> None:
        self.delay = delay
        self.hold_after = hold_after
        self.cut_in: tuple[int, int] | None = None
        self.answers: list[int] = []
        """Bytes of the answers to each question on the newest connection."""
        self._target = target
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._open: set[socket.socket] = set()
        self._connections = 0
        self._listener = socket.create_server((LOOPBACK, 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, name=f"proxy-{self.port}", daemon=True)]

    @classmethod
    def start(cls, target: int, *, delay: float = 0.0, hold_after: int | None = None) -> Self:
        """Listen on a free port of 127.0.0.1 for the server at port `target` there."""
        proxy = cls(target, delay=delay, hold_after=hold_after)
        proxy._threads[0].start()
        return proxy

    @property
    def connections(self) -> int:
        """How many connections were accepted so far."""
        return self._connections

    def release(self) -> None:
        """Let what is held go on, and hold nothing any more."""
        self.hold_after = None
        self._released.set()

    def cut(self) -> int:
        """Close every connection that is open now; later ones are passed on. Returns how many that were."""
        with self._lock:
            cut, self._open = self._open, set()
        for side in cut:
            _close(side)
        return len(cut) // 2

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept()
        self._listener.close()
        self._released.set()
        self.cut()
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
                client, _ = self._listener.accept()
            except OSError:
                return
            self._connections += 1
            try:
                server = socket.create_connection((LOOPBACK, self._target), timeout=5)
            except OSError:
                client.close()  # as when nobody listens: the client sees the end at once
                continue
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            talk: list[int] = []
            self.answers = talk
            for source, sink in ((client, server), (server, client)):
                answers = source is server
                thread = threading.Thread(target=self._pass, args=(source, sink, answers, talk), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass(self, source: socket.socket, sink: socket.socket, answers: bool, talk: list[int]) -> None:
        passed = 0
        try:
            while data := source.recv(CHUNK):
                if answers:
                    if self.hold_after is not None and passed >= self.hold_after:
                        self._released.wait()
                    time.sleep(self.delay)
                    question, left = self.cut_in or (0, 0)
                    if len(talk) == question > 0 and talk[-1] + len(data) > left:
                        sink.sendall(data[: left - talk[-1]])
                        break
                    if talk:
                        talk[-1] += len(data)
                else:
                    talk.append(0)
                sink.sendall(data)
                passed += len(data)
        except OSError:
            pass  # one side is gone, or the connection was cut
        finally:
            with self._lock:
                self._open -= {source, sink}
            _close(source)
            _close(sink)


def _close(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)  # wakes the thread that reads from it
    side.close()
