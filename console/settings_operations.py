"""The settings about running the console: who may reach it under which name, and who watches over it."""

import re
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
ANY_HOST = "*"
LEAST_DAYS, MOST_DAYS = 30, 36_500
# Letters, digits, dots and hyphens, or an IPv6 address in brackets; never a port.
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
_TOKEN = re.compile(r"[\x21-\x7e]{16,}")


def hosts(text: str) -> tuple[str, ...]:
    """Host names with commas between, without ports; * is any."""
    names = tuple(part.strip().lower() for part in text.split(",") if part.strip())
    if not all(name == ANY_HOST or _HOST.fullmatch(name) for name in names):
        raise ValueError("it must be names of hosts without ports, separated by commas, or *")
    return names


def known_hosts(base_url: str, allowed: tuple[str, ...]) -> frozenset[str]:
    """The names under which browsers reach the console; none where every name will do.

    A console on one's own machine has the names of that machine.
    """
    if ANY_HOST in allowed:
        return frozenset()
    own = (urlsplit(base_url).hostname or "").lower()
    own = f"[{own}]" if ":" in own else own
    return frozenset({own, *allowed, *(LOOPBACK if own in LOOPBACK else ())})


def days(text: str) -> int:
    """For how long something is kept on record: a month at least, else nobody could look into what has happened."""
    if not (text.isascii() and text.isdigit()) or not LEAST_DAYS <= int(text) <= MOST_DAYS:
        raise ValueError(f"it must be a number of days from {LEAST_DAYS} to {MOST_DAYS:,}")
    return int(text)


def token(text: str) -> str:
    if text and not _TOKEN.fullmatch(text):
        raise ValueError("it needs at least 16 letters, digits and signs, without spaces")
    return text


def dsn(text: str) -> str:
    """What Sentry calls a DSN. Its text is a secret, so no error shows it."""
    try:
        parts = urlsplit(text)
        right = parts.scheme in ("http", "https") and parts.username and parts.hostname and parts.path.strip("/")
        _ = parts.port
    except ValueError:
        right = False
    if text and not right:
        raise ValueError("it must be the DSN of a project in Sentry, as its settings show it")
    return text
