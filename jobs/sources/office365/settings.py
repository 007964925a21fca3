"""What an Office 365 source needs to know."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self
from urllib.parse import urlsplit

from console.core.clouds import CLOUDS, WORLDWIDE
from console.core.errors import SourceError
from jobs.sources.office365.wanted import EVERYTHING_USUAL, GROUP_PROPERTIES, USER_PROPERTIES, Wanted, fingerprint

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_NAME = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}")
_PEM = "-----BEGIN "


@dataclass(frozen=True, slots=True)
class Office365Settings:
    """One tenant, the app that reads it, and what is read.

    `credential` is the app's client secret, or its certificate and private key as one PEM text. `authority` is where
    apps sign in, without the tenant; `graph` where the directory is read. `ca_pem` holds the certificates to trust
    instead of the public authorities. `domains` are the names of the mail domain: an address in a tenant's own
    onmicrosoft.com domain is of use only if it is one of them.
    Timeouts are in seconds: to connect, and for a whole answer. `patience` is how long a run may wait in all when
    Microsoft asks it to. `allow_local` lifts the rule of trust.py.
    """

    tenant: str
    client_id: str
    credential: str = field(default="", repr=False)
    authority: str = CLOUDS[WORLDWIDE].authority
    graph: str = CLOUDS[WORLDWIDE].graph_url
    ca_pem: str = ""
    domains: frozenset[str] = frozenset()
    wanted: Wanted = EVERYTHING_USUAL
    connect_timeout: float = 10.0
    answer_timeout: float = 60.0
    patience: float = 300.0
    page_size: int = 999
    allow_local: bool = False

    @property
    def by_certificate(self) -> bool:
        return self.credential.startswith(_PEM)

    @property
    def login_url(self) -> str:
        return f"{self.authority}/{self.tenant}"

    @property
    def scope(self) -> str:
        """All that the tenant has granted the app (Microsoft's name for that)."""
        return f"{self.graph}/.default"

    @property
    def selected(self) -> str:
        """A fingerprint of what is read: changes since a read with another one would not do."""
        asked = (self.tenant.lower(), self.graph, USER_PROPERTIES, GROUP_PROPERTIES)
        return fingerprint(*asked, repr(self.wanted), sorted(self.domains))

    @classmethod
    def from_json(
        cls, data: Mapping[str, object], credential: str, *, domains: Iterable[str] = (), allow_local: bool = False
    ) -> Self:
        """The settings as the console stores them; raises SourceError that names the field which is wrong."""
        draft = cls("", "", credential.strip(), domains=frozenset(domains), allow_local=allow_local)
        del credential  # An error below keeps the locals of this frame in its traceback.
        return replace(draft, **_fields(data, draft))


def _fields(data: Mapping[str, object], default: Office365Settings) -> dict[str, Any]:
    tenant, client_id = _text(data, "tenant", "Tenant"), _text(data, "client_id", "Client ID")
    if not _GUID.fullmatch(tenant) and not _NAME.fullmatch(tenant):
        raise SourceError(
            "Tenant must be the tenant's ID, as the Overview page of Microsoft Entra shows it, or one of its domains.",
            permanent=True,
        )
    if not _GUID.fullmatch(client_id):
        raise SourceError(
            "Client ID must be the Application (client) ID of the app registration, such as "
            "00001111-aaaa-2222-bbbb-3333cccc4444.",
            permanent=True,
        )
    if not default.credential:
        raise SourceError("The client secret or the certificate of the app is missing.", permanent=True)
    cloud = CLOUDS.get(_text(data, "cloud", "Cloud") or WORLDWIDE)
    if cloud is None:
        raise SourceError(f"The cloud must be one of {', '.join(CLOUDS)}.", permanent=True)
    return {
        "tenant": tenant,
        "client_id": client_id,
        "authority": _url(data, "authority", "Sign-in URL", cloud.authority, f"/{tenant}"),
        "graph": _url(data, "graph", "Graph URL", cloud.graph_url, "/v1.0"),
        "ca_pem": _text(data, "ca_pem", "CA certificate"),
        "wanted": Wanted.from_json(data),
        "connect_timeout": _number(data, "connect_timeout", "Connect timeout", default.connect_timeout, (0.1, 300)),
        "answer_timeout": _number(data, "answer_timeout", "Answer timeout", default.answer_timeout, (0.1, 600)),
        "patience": _number(data, "patience", "Patience", default.patience, (0, 3600)),
        "page_size": int(_number(data, "page_size", "Page size", default.page_size, (1, 999))),
    }


def _text(data: Mapping[str, object], name: str, label: str) -> str:
    value = data.get(name) or ""
    if not isinstance(value, str):
        raise SourceError(f"{label} must be a text.", permanent=True)
    return value.strip()


def _url(data: Mapping[str, object], name: str, label: str, default: str, end: str) -> str:
    """An address without its path: `end` is the one that people copy with it."""
    text = _text(data, name, label).rstrip("/") or default
    try:
        parts = urlsplit(text)
        right = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 443) > 0
    except ValueError:
        right = False
    if not right or parts.query or parts.fragment or "@" in parts.netloc or parts.path.lower() not in ("", end.lower()):
        raise SourceError(
            f"{label} must begin with https and name a host, without anything after it: {text[:200]}", permanent=True
        )
    return f"https://{parts.netloc}"


def _number(data: Mapping[str, object], name: str, label: str, default: float, limits: tuple[float, float]) -> float:
    value = data.get(name)
    if value is None:
        return default
    low, high = limits
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise SourceError(f"{label} must be a number from {low} to {high}.", permanent=True)
    return value
