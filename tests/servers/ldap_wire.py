"""LDAP messages (RFC 4511): the requests that a scripted server understands, and its answers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.servers import ber

SUCCESS, PROTOCOL_ERROR, SIZE_LIMIT, STRONGER_AUTH = 0, 2, 4, 8
REFERRAL, UNAVAILABLE_CRITICAL, NO_SUCH_OBJECT, INVALID_CREDENTIALS = 10, 12, 32, 49
BUSY, UNAVAILABLE, UNWILLING = 51, 52, 53

BIND, UNBIND, SEARCH, ABANDON, EXTENDED = 0x60, 0x42, 0x63, 0x50, 0x77
BIND_DONE, ENTRY, SEARCH_DONE, REFERENCE, EXTENDED_DONE = 0x61, 0x64, 0x65, 0x73, 0x78

PAGED = "1.2.840.113556.1.4.319"
START_TLS = "1.3.6.1.4.1.1466.20037"


@dataclass(frozen=True)
class Answer:
    """How an operation ends: result code, diagnostic message, URLs of a referral."""

    code: int
    message: str = ""
    referrals: Sequence[str] = ()
    matched_dn: str = ""


@dataclass(frozen=True)
class Request:
    """Any request: its number, its tag, its content, its controls (OID to criticality and value)."""

    id: int
    tag: int
    content: bytes
    controls: Mapping[str, tuple[bool, bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Bind:
    """A simple bind as the server saw it; of the password only whether one came."""

    dn: str
    with_password: bool
    over_tls: bool


@dataclass(frozen=True)
class Search:
    """A search as the server saw it. Without the paging control `page_size` is None and `cookie` empty."""

    base: str
    scope: int
    attributes: tuple[str, ...]
    page_size: int | None
    cookie: bytes
    paging_critical: bool
    controls: tuple[str, ...]

    @property
    def of_root_dse(self) -> bool:
        return self.base == "" and self.scope == 0

    def wants(self, attribute: str) -> bool:
        """Whether the client asked for this attribute; options (";range=0-1499") are not part of the name."""
        asked = {name.lower().partition(";")[0] for name in self.attributes}
        return not asked or "*" in asked or attribute.lower().partition(";")[0] in asked


def parse_request(message: bytes) -> Request:
    """The content of an LDAPMessage."""
    (_, number), (tag, content), *rest = ber.items(message)
    controls = {}
    for _, listed in rest[:1]:
        for _, control in ber.items(listed):
            (_, oid), *options = ber.items(control)
            values = dict(options)
            critical = values.get(ber.BOOLEAN, b"\0") != b"\0"
            controls[oid.decode()] = (critical, values.get(ber.OCTETS, b""))
    return Request(ber.number(number), tag, content, controls)


def parse_bind(request: Request, *, over_tls: bool) -> Bind:
    (_, _version), (_, name), (_, password) = ber.items(request.content)
    return Bind(name.decode(), bool(password), over_tls)


def parse_search(request: Request) -> Search:
    """A search; its filter is not looked at."""
    base, scope, _deref, _size, _time, _types, _filter, attributes = ber.items(request.content)
    critical, value = request.controls.get(PAGED, (False, b""))
    page_size, cookie = None, b""
    if value:
        [(_, paging)] = ber.items(value)
        (_, size), (_, cookie) = ber.items(paging)
        page_size = ber.number(size)
    return Search(
        base=base[1].decode(),
        scope=ber.number(scope[1]),
        attributes=tuple(name.decode() for _, name in ber.items(attributes[1])),
        page_size=page_size,
        cookie=cookie,
        paging_critical=critical,
        controls=tuple(request.controls),
    )


def parse_extended(request: Request) -> str:
    """The OID of an extended operation."""
    return dict(ber.items(request.content))[0x80].decode()


def message(number: int, operation: bytes, controls: bytes = b"") -> bytes:
    return ber.sequence(ber.integer(number), operation, ber.tlv(0xA0, controls) if controls else b"")


def done(number: int, tag: int, answer: Answer, controls: bytes = b"") -> bytes:
    """The end of an operation, an LDAPResult."""
    parts = [
        ber.integer(answer.code, ber.ENUMERATED),
        ber.octets(answer.matched_dn),
        ber.octets(answer.message),
    ]
    if answer.referrals:
        parts.append(ber.tlv(0xA3, *(ber.octets(url) for url in answer.referrals)))
    return message(number, ber.tlv(tag, *parts), controls)


def entry(number: int, dn: str, attributes: Mapping[str, Iterable[bytes]]) -> bytes:
    listed = [
        ber.sequence(ber.octets(name), ber.tlv(ber.SET, *map(ber.octets, values)))
        for name, values in attributes.items()
    ]
    return message(number, ber.tlv(ENTRY, ber.octets(dn), ber.sequence(*listed)))


def reference(number: int, url: str) -> bytes:
    return message(number, ber.tlv(REFERENCE, ber.octets(url)))


def paging_control(cookie: bytes) -> bytes:
    """The server's paging control (RFC 2696); an empty cookie says that this was the last page."""
    value = ber.sequence(ber.integer(0), ber.octets(cookie))
    return ber.sequence(ber.octets(PAGED), ber.octets(value))
