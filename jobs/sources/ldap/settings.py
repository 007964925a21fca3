"""What an LDAP source needs to know."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as dataclass_fields
from enum import StrEnum
from typing import Any, Self

from console.core.errors import SourceError
from console.core.hosts import Server, servers
from jobs.sources.ldap.attributes import AD, AttributeMap, chosen
from jobs.sources.ldap.kinds import EVERYTHING_USUAL, Wanted


class Tls(StrEnum):
    """How the connection is encrypted: not at all, by StartTLS on the plain port, or from the first byte."""

    NONE = "none"
    STARTTLS = "starttls"
    LDAPS = "ldaps"


class Scope(StrEnum):
    """How deep below the search base is read: everything, or what stands directly there."""

    SUBTREE = "subtree"
    ONE_LEVEL = "onelevel"


PORTS = {Tls.NONE: 389, Tls.STARTTLS: 389, Tls.LDAPS: 636}


@dataclass(frozen=True, slots=True)
class LdapSettings:
    """One directory server, who signs in there, and what is read.

    `fallbacks` are further servers of the same directory, tried in this order where the one before cannot be used.
    `filter` narrows the search and may be empty; `wanted` leaves out some of what was found. `ca_pem` holds the
    certificates to trust instead of the system's. An empty `search_base` means the one that the server proposes.
    Timeouts are in seconds: to connect to one address, and to wait for each message of the server. `allow_local` lifts
    the rule of target.py.
    """

    host: str
    port: int
    tls: Tls = Tls.LDAPS
    user_dn: str = ""
    password: str = field(default="", repr=False)
    search_base: str = ""
    scope: Scope = Scope.SUBTREE
    filter: str = ""
    attributes: AttributeMap = AD
    wanted: Wanted = EVERYTHING_USUAL
    ca_pem: str = ""
    verify: bool = True
    connect_timeout: float = 10.0
    receive_timeout: float = 30.0
    page_size: int = 500
    allow_local: bool = False
    fallbacks: tuple[Server, ...] = ()

    @property
    def servers(self) -> Iterator[Self]:
        """These settings for each server alone, in the order in which they are tried."""
        for host, port in ((self.host, self.port), *self.fallbacks):
            yield replace(self, host=host, port=port, fallbacks=())

    @property
    def peer(self) -> str:
        """The server as the sentences name it."""
        return f"{self.host}, port {self.port}"

    @property
    def by_address(self) -> bool:
        """Whether Host is an IP address instead of a name."""
        try:
            ipaddress.ip_address(self.host)
        except ValueError:
            return False
        return True

    @classmethod
    def from_json(cls, data: Mapping[str, object], password: str, *, allow_local: bool) -> Self:
        """The settings as the console stores them; raises SourceError that names the field which is wrong."""
        draft = cls(host="", port=0, password=password, allow_local=allow_local)
        del password  # An error below keeps the locals of this frame in its traceback.
        return replace(draft, **_fields(data, draft))


def _fields(data: Mapping[str, object], default: LdapSettings) -> dict[str, Any]:
    try:
        tls = Tls(str(data.get("tls", default.tls)))
    except ValueError:
        raise SourceError("The encryption must be none, StartTLS or LDAPS.", permanent=True) from None
    try:
        scope = Scope(str(data.get("scope") or default.scope))
    except ValueError:
        raise SourceError("The search scope must be subtree or onelevel.", permanent=True) from None
    port = int(_number(data, "port", "Port", PORTS[tls], (1, 65535)))
    (host, port), *fallbacks = servers(_text(data, "host", "Host"), port)
    return {
        "host": host,
        "port": port,
        "fallbacks": tuple(fallbacks),
        "tls": tls,
        "user_dn": _text(data, "user_dn", "User DN"),
        "search_base": _text(data, "search_base", "Search base"),
        "scope": scope,
        "filter": _text(data, "filter", "Filter"),
        "attributes": chosen(data.get("preset"), data.get("map")),
        "wanted": _wanted(data),
        "ca_pem": _text(data, "ca_pem", "CA certificate"),
        "verify": data.get("verify", True) is not False,
        "connect_timeout": _number(data, "connect_timeout", "Connect timeout", default.connect_timeout, (0.1, 300)),
        "receive_timeout": _number(data, "receive_timeout", "Receive timeout", default.receive_timeout, (0.1, 600)),
        "page_size": int(_number(data, "page_size", "Page size", default.page_size, (1, 10000))),
    }


def _wanted(data: Mapping[str, object]) -> Wanted:
    """The switches `sync_people`, `sync_shared` and so on. One that is missing is as it was before there was it."""
    switches: dict[str, bool] = {}
    for switch in dataclass_fields(Wanted):
        value = data.get(f"sync_{switch.name}")
        if isinstance(value, bool):
            switches[switch.name] = value
        elif value is not None:
            raise SourceError(f"sync_{switch.name} must be true or false.", permanent=True)
    return Wanted(**switches)


def _text(data: Mapping[str, object], name: str, label: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise SourceError(f"{label} must be a text.", permanent=True)
    return value.strip()


def _number(data: Mapping[str, object], name: str, label: str, default: float, limits: tuple[float, float]) -> float:
    value = data.get(name)
    if value is None:
        return default
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SourceError(f"{label} must be a number from {low} to {high}.", permanent=True)
    return value
