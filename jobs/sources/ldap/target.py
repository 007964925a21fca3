"""Where a source may connect to: the host is looked up once, checked, and the checked address is the one used.

Which addresses are allowed, and why, is in jobs.targets.
"""

import contextlib
import errno
import ipaddress
import socket

from jobs.sources.ldap.failures import PeerError
from jobs.sources.ldap.settings import LdapSettings
from jobs.targets import IpAddress, refused

SocketAddress = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


def dial(settings: LdapSettings) -> socket.socket:
    """A TCP connection to the first address of the host that answers, with the receive timeout set on it.

    A domain's name often stands for all of its controllers, so an address that is down is not the end.
    """
    failures: list[tuple[str, OSError]] = []
    for family, address in _lookup(settings):
        connection = socket.socket(family, socket.SOCK_STREAM)
        with contextlib.ExitStack() as undo:
            undo.callback(connection.close)
            connection.settimeout(settings.connect_timeout)
            try:
                connection.connect(address)
            except OSError as error:
                failures.append((str(address[0]), error))
                continue
            connection.settimeout(settings.receive_timeout)
            undo.pop_all()
            return connection
    raise _unreachable(settings, failures)


def _lookup(settings: LdapSettings) -> list[tuple[socket.AddressFamily, SocketAddress]]:
    """The addresses of the host that the rule allows, in the system's order of preference."""
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        # A label of more than 63 characters is refused before any name server is asked, as a UnicodeError.
        unknown = isinstance(error, UnicodeError) or error.errno in (socket.EAI_NONAME, socket.EAI_NODATA)
        raise PeerError(
            f"No server named {settings.host} was found: check the spelling of Host, and that the name servers of the "
            "machine on which the console runs know it.",
            permanent=unknown,
            detail=str(error),
        ) from None
    targets: list[tuple[socket.AddressFamily, SocketAddress]] = [(entry[0], entry[4]) for entry in found]
    if settings.allow_local:
        return targets
    allowed = [(family, address) for family, address in targets if not refused(_ip(address))]
    if not allowed:
        raise PeerError(
            f"{settings.host} is at {targets[0][1][0]}, an address of the machine on which the console runs or of its "
            "own link. Sources may not connect there, unless the operator of the console sets ALLOW_LOCAL_TARGETS.",
            permanent=True,
        )
    return allowed


def _ip(address: SocketAddress) -> IpAddress:
    return ipaddress.ip_address(str(address[0]).partition("%")[0])


def _unreachable(settings: LdapSettings, failures: list[tuple[str, OSError]]) -> PeerError:
    detail = "; ".join(f"{address}: {error}" for address, error in failures)
    last = failures[-1][1]
    if isinstance(last, TimeoutError):
        sentence = (
            f"{settings.peer}, did not answer within {settings.connect_timeout:g} seconds: check Host and Port, and "
            "whether a firewall stands in between."
        )
    elif last.errno == errno.ECONNREFUSED:
        sentence = (
            f"{settings.peer}, refused the connection: no directory server listens on that port. Check Port (389 or "
            "636) and whether the server is running."
        )
    else:
        where = "from the machine on which the console runs"
        sentence = f"{settings.peer}, cannot be reached {where}: check Host and the network."
    return PeerError(sentence, detail=detail)
