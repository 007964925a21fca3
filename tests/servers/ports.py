"""Loopback ports: a free one, one that answers, and one where nothing ever answers."""

import contextlib
import socket
import time
from collections.abc import Iterator

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nobody listens on now.

    Another process may take it before it is used; servers that choose their own port try again
    (process.PortTakenError).
    """
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def answers(port: int, timeout: float = 1.0) -> bool:
    """Whether something accepts TCP connections on 127.0.0.1:port; `timeout` in seconds."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout):
            return True
    except OSError:
        return False


def wait_for_port(port: int, timeout: float = 10.0) -> None:
    """Return when 127.0.0.1:port accepts connections, or raise TimeoutError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not answers(port):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens on {LOOPBACK}:{port} after {timeout:g} seconds")
        time.sleep(0.01)


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port where a connection is neither accepted nor refused, as behind a firewall that drops packets.

    It is a listener that never accepts, with its queue filled: Linux then drops further SYN packets.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((LOOPBACK, 0))
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(16):
            filler = stack.enter_context(socket.socket())
            filler.settimeout(0.05)
            try:
                filler.connect(address)
            except TimeoutError:
                break
        else:
            raise RuntimeError("the queue of the listener does not fill up on this system")
        yield address[1]
