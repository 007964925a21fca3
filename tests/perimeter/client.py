"""A mail server's side of the two doors."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.servers.ports import LOOPBACK

SECONDS = 10.0
ACTIONS = {b"action=DUNNO": "accept", b"action=550 5.1.1 Invalid recipient": "reject"}


def request(recipient: str, sender: str = "somebody@x.example") -> bytes:
    lines = ["request=smtpd_access_policy", f"sender={sender}", f"recipient={recipient}", "client_address=192.0.2.7"]
    return "\n".join([*lines, "", ""]).encode()


@contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection((LOOPBACK, port), timeout=SECONDS) as connection:
        yield connection


def until_closed(connection: socket.socket) -> bytes:
    """All that comes until the server ends the connection."""
    said = b""
    try:
        while data := connection.recv(65536):
            said += data
    except ConnectionResetError:
        pass
    return said


@dataclass(frozen=True)
class Client:
    """Asks one thing at a time, on a connection of its own."""

    policy_port: int
    socketmap_port: int

    def policy(self, recipient: str, sender: str = "somebody@x.example") -> str:
        """accept, reject, another action, or empty where there is no answer."""
        said = self.raw(self.policy_port, request(recipient, sender)).removesuffix(b"\n\n")
        return ACTIONS.get(said, said.decode())

    def socketmap(self, recipient: str) -> str:
        """The answer within its netstring."""
        data = f"recipients {recipient}".encode()
        said = self.raw(self.socketmap_port, b"%d:%b," % (len(data), data))
        return said.partition(b":")[2].removesuffix(b",").decode()

    def raw(self, port: int, sent: bytes) -> bytes:
        """All that is answered to some bytes, after which nothing more is asked."""
        with connected(port) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            return until_closed(connection)

    def becomes(self, recipient: str, answer: str, seconds: float = 10.0) -> float:
        """Seconds until the policy door answers so; AssertionError when it does not in time."""
        began = time.monotonic()
        while self.policy(recipient) != answer:
            assert time.monotonic() - began < seconds, f"{recipient} is not {answer} after {seconds} seconds"
            time.sleep(0.05)
        return time.monotonic() - began
