"""Where a delivery server is: its name is looked up once, the addresses are checked, and one of them is used."""

import contextlib
import errno
import ipaddress
import socket

from jobs.smtp.server import CalloutError, Server, Step
from jobs.targets import refused

SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Target = tuple[socket.AddressFamily, SocketAddress]


def resolve(server: Server) -> tuple[Target, ...]:
    """The addresses of the server that are allowed, in the system's order of preference. Raises CalloutError."""
    try:
        found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CalloutError(
            Step.RESOLVE,
            f"No server named {server.host} was found: check the spelling, and that the name servers of the machine on "
            "which the console runs know it.",
            str(error),
        ) from None
    targets: tuple[Target, ...] = tuple((entry[0], entry[4]) for entry in found)
    if server.allow_local:
        return targets
    allowed = tuple(target for target in targets if not refused(ipaddress.ip_address(ip(target))))
    if not allowed:
        raise CalloutError(
            Step.RESOLVE,
            f"{server.host} is at {ip(targets[0])}, an address of the machine on which the console runs or of its own "
            "link. Mail servers may not be asked there, unless the operator of the console sets ALLOW_LOCAL_TARGETS.",
        )
    return allowed


def dial(server: Server, targets: tuple[Target, ...]) -> socket.socket:
    """A TCP connection to the first of the addresses that answers. Raises CalloutError."""
    failures: list[tuple[str, OSError]] = []
    for target in targets:
        family, address = target
        connection = socket.socket(family, socket.SOCK_STREAM)
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            connection.settimeout(server.connect_timeout)
            try:
                connection.connect(address)
            except OSError as error:
                failures.append((ip(target), error))
                continue
            undo.pop_all()
            return connection
    raise _unreachable(server, failures)


def ip(target: Target) -> str:
    """The address alone, without the zone of a link-local one."""
    return str(target[1][0]).partition("%")[0]


def _unreachable(server: Server, failures: list[tuple[str, OSError]]) -> CalloutError:
    last = failures[-1][1]
    if isinstance(last, TimeoutError):
        sentence = (
            f"{server.peer}, did not answer within {server.connect_timeout:g} seconds: check the name, the port, and "
            "whether a firewall stands in between. Many hosting providers block port 25 to the outside."
        )
    elif last.errno == errno.ECONNREFUSED:
        sentence = (
            f"{server.peer}, refused the connection: no mail server listens on that port. Check the port, which is "
            "nearly always 25, and whether the server is running."
        )
    else:
        sentence = (
            f"{server.peer}, cannot be reached from the machine on which the console runs: check the name and the "
            "network."
        )
    return CalloutError(Step.CONNECT, sentence, "; ".join(f"{address}: {error}" for address, error in failures))
