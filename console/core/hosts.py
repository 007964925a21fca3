"""The Host field: the servers of one directory, in the order in which they are tried."""

import ipaddress
import re

from console.core.errors import SourceError

Server = tuple[str, int]

_MANY = 20
_EXAMPLE = "such as dc1.example.com or dc1.example.com:3269"


def servers(text: str, port: int) -> tuple[Server, ...]:
    """The names or addresses in a text, separated by commas, blanks or line breaks, each with its port.

    A port of its own stands after a colon, with an IPv6 address in brackets: [2001:db8::1]:636. The dot that ends a
    full name is taken off, and a server that is named twice is tried once.
    """
    found = tuple(dict.fromkeys(_server(word, port) for word in re.split(r"[\s,;]+", text) if word))
    if not found:
        raise SourceError("Host is missing: enter the name of the directory server.", permanent=True)
    if len(found) > _MANY:
        raise SourceError(f"Host names {len(found)} servers: {_MANY} are enough.", permanent=True)
    return found


def _server(word: str, port: int) -> Server:
    if _is_address(word):
        return word, port
    bracketed = re.fullmatch(r"\[(?P<host>[^\]]*)\](:(?P<port>\d+))?", word)
    named = re.fullmatch(r"(?P<host>[^:/@\[\]]+)(:(?P<port>\d+))?", word)
    match = bracketed or named
    host = match["host"].rstrip(".") if match else ""
    if match is None or not host or (bracketed and not _is_address(host)):
        raise SourceError(
            f"Host must be the server's name alone, {_EXAMPLE}, without ldap:// before it: {word[:200]}", permanent=True
        )
    own = int(match["port"] or port) if len(match["port"] or "") <= 5 else 0
    if not 1 <= own <= 65535:
        raise SourceError(f"The port of {host[:200]} must be a number from 1 to 65535.", permanent=True)
    return host, own


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
