"""Inbound SMTP: where a domain's mail goes on to, and what a check of such a server finds."""

import ipaddress
import re
from collections.abc import Iterable
from enum import StrEnum

from console.core.address import parse_domain
from console.core.errors import AddressError, RefusedError

PORT = 25
PRIORITY = 10

_LABEL = re.compile(r"(?![-])[a-z0-9_-]{1,63}(?<![-])")
_LIMIT = 253
_EXAMPLE = "such as mail.example.com or 10.0.0.25"


class Encryption(StrEnum):
    """When a connection to a delivery server is encrypted (STARTTLS, RFC 3207).

    Opportunistic takes what is offered and insists on nothing, as mail servers do among each other; required insists
    on a certificate for the server's name as well.
    """

    NONE = "none"
    OPPORTUNISTIC = "opportunistic"
    REQUIRED = "required"

    @property
    def label(self) -> str:
        return {
            "none": "Never",
            "opportunistic": "When the server offers it",
            "required": "Always, with a valid certificate",
        }[self.value]


class Finding(StrEnum):
    """What a check says about a server: whether it tells the addresses that exist from those that do not."""

    KNOWN_ONLY = "known_only"
    UNKNOWN_REFUSED = "unknown_refused"
    EVERY_ADDRESS = "every_address"
    NOBODY = "nobody"
    UNCLEAR = "unclear"
    UNREACHABLE = "unreachable"

    @property
    def words(self) -> str:
        """Follows "it" or the server's name in a sentence."""
        return {
            "known_only": "accepts only known recipients",
            "unknown_refused": "refuses unknown recipients",
            "every_address": "accepts every address",
            "nobody": "refuses known recipients too",
            "unclear": "gave no clear answer",
            "unreachable": "cannot be reached",
        }[self.value]

    @property
    def is_good(self) -> bool:
        """Whether the server's answers say who exists."""
        return self in (Finding.KNOWN_ONLY, Finding.UNKNOWN_REFUSED)


def overall(findings: Iterable[Finding]) -> Finding:
    """What a domain's servers together are worth, given in the order in which they are asked.

    One that accepts every address spoils the others: whenever it is asked, everybody exists. Else it is the first that
    can be reached which answers.
    """
    found = list(findings)
    if Finding.EVERY_ADDRESS in found:
        return Finding.EVERY_ADDRESS
    return next((finding for finding in found if finding is not Finding.UNREACHABLE), Finding.UNREACHABLE)


def mail_host(text: str) -> str:
    """The name or IP address of a mail server, as it is kept: lower case, international names as A-labels.

    Unlike a mail domain it may be a name without a dot, as an office's own name servers know it. Raises RefusedError.
    """
    bare = text.strip().rstrip(".")
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    if not bare:
        raise RefusedError(f"Enter the name or the IP address of the mail server, {_EXAMPLE}.")
    address = _ip(bare)
    if address is not None:
        return str(address)
    if "://" in bare or "/" in bare or "@" in bare:
        raise RefusedError(f"Enter the server's name alone, {_EXAMPLE}.")
    if ":" in bare:
        raise RefusedError("Enter the server's name alone: its port has a field of its own.")
    return _name(bare)


def _name(bare: str) -> str:
    try:
        name = bare.lower() if bare.isascii() else parse_domain(bare)
    except AddressError as error:
        raise RefusedError(error.sentence) from None
    labels = name.split(".")
    if len(name) > _LIMIT or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in bare[:100])
        raise RefusedError(f"“{shown}” is not the name of a server, {_EXAMPLE}.")
    return name


def _ip(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
