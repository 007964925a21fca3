"""The encrypted half of the connection: what is trusted, and what is said when it is not.

ldap3's own Tls trusts every certificate unless told otherwise, and its check of the name knows no IP addresses
(SAN iPAddress). The ssl module checks both in the handshake, so the sockets are wrapped here.
"""

import datetime as dt
import hashlib
import re
import socket
import ssl
from typing import Any

from console.core.errors import SourceError
from jobs.sources.ldap.failures import PeerError
from jobs.sources.ldap.settings import LdapSettings, Tls

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNTRUSTED = frozenset({2, 18, 19, 20, 21, 24, 27})
_OTHER_NAME = frozenset({62, 64})


def wrap(plain: socket.socket, settings: LdapSettings, *, check_name: bool = True) -> ssl.SSLSocket:
    """Do the handshake; raises what the ssl module raises, and has closed the socket then.

    `check_name` is false only to read the names of a certificate that is for another one.
    """
    context = _context(settings)
    if not check_name:
        context.check_hostname = False
    return context.wrap_socket(plain, server_hostname=settings.host)


def check_authority(settings: LdapSettings) -> None:
    """Raise SourceError if the source's own CA certificate is none, before any server is asked."""
    if settings.tls is not Tls.NONE:
        _context(settings)


def _context(settings: LdapSettings) -> ssl.SSLContext:
    own = "\n".join(_PEM.findall(settings.ca_pem))
    try:
        if settings.ca_pem and not own:
            raise ValueError("there is no BEGIN CERTIFICATE line in it")
        context = ssl.create_default_context(cadata=own or None)
    except (ssl.SSLError, ValueError) as error:
        raise SourceError(
            "The CA certificate of this source cannot be read: paste it as PEM text, from BEGIN CERTIFICATE to END "
            "CERTIFICATE.",
            permanent=True,
            detail=str(error),
        ) from None
    # An office's own authority may be known here only by the one certificate that issued the server's, and its
    # certificates often lack what Python 3.13 began to demand (an authority key identifier).
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def is_other_name(error: BaseException) -> bool:
    return isinstance(error, ssl.SSLCertVerificationError) and error.verify_code in _OTHER_NAME


def other_name(settings: LdapSettings, carried: list[str] | None) -> PeerError:
    """The certificate is genuine, but for another server. `carried` are its names, None where they are not known."""
    names = "" if carried is None else f" It carries {', '.join(carried) or 'no server name at all'}."
    if settings.by_address:
        sentence = (
            f"The certificate of {settings.peer}, is not issued for that IP address.{names} With TLS the certificate "
            "is checked against Host: enter the server's name there, as its certificate has it."
        )
    else:
        sentence = (
            f"The certificate of {settings.peer}, is for another server.{names} Enter the name that the certificate "
            "has as Host, or give the server a certificate for its name."
        )
    return PeerError(sentence, permanent=True)


def failure(settings: LdapSettings, error: Exception) -> PeerError:
    """The sentence for a handshake that did not come about, other than for the name."""
    peer, detail = settings.peer, f"{type(error).__name__}: {error}"
    if isinstance(error, ssl.SSLCertVerificationError):
        return PeerError(_not_accepted(peer, error), permanent=True, detail=detail)
    if isinstance(error, TimeoutError):
        return PeerError(
            f"{peer}, did not answer the start of encryption within {settings.receive_timeout:g} seconds: check "
            "whether that port speaks TLS, and whether the server is well.",
            detail=detail,
        )
    broken_off = isinstance(error, ssl.SSLEOFError | ConnectionError)
    if settings.tls is Tls.LDAPS and (broken_off or _answered_in_plain(error)):
        return PeerError(
            f"{peer}, does not speak TLS from the first byte: LDAPS is usually at port 636. For port 389 choose "
            "StartTLS.",
            permanent=not broken_off,
            detail=detail,
        )
    if broken_off:
        return PeerError(
            f"{peer}, broke off when encryption was to start: check that a certificate is installed on the server.",
            detail=detail,
        )
    return PeerError(
        f"{peer}, and this console could not agree on an encrypted connection: the server must offer TLS 1.2 or later.",
        permanent=True,
        detail=detail,
    )


def _answered_in_plain(error: Exception) -> bool:
    return isinstance(error, ssl.SSLError) and error.reason in {
        "WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"
    }  # fmt: skip


def _not_accepted(peer: str, error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return f"The certificate of {peer}, has expired: renew it on the server."
    if error.verify_code == _NOT_YET_VALID:
        return f"The certificate of {peer}, is not valid yet: check the clocks of the server and of this machine."
    if error.verify_code in _UNTRUSTED:
        return (
            f"The certificate of {peer}, is not issued by an authority that this console trusts: paste the certificate "
            "of the issuing authority (CA certificate) into this source."
        )
    return f"The certificate of {peer}, was not accepted: {error.verify_message}."


def names(connection: ssl.SSLSocket) -> list[str]:
    """The names and addresses that the server's certificate carries. Empty where it was not verified."""
    certificate: dict[str, Any] = connection.getpeercert() or {}
    return [value for kind, value in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]


def description(connection: ssl.SSLSocket) -> str:
    """The protocol and the certificate, for the administrator to compare."""
    protocol = (connection.version() or "TLS").replace("TLSv", "TLS ")
    certificate: dict[str, Any] = connection.getpeercert() or {}
    if not certificate:  # The ssl module parses only what it has verified.
        raw = connection.getpeercert(binary_form=True) or b""
        return f"encrypted with {protocol}, certificate not verified (SHA-256 {hashlib.sha256(raw).hexdigest()})"
    subject = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    issued_to = ", ".join(subject or names(connection)) or "nobody by name"
    return f"encrypted with {protocol}, certificate of {issued_to}, valid until {expiry(connection):%Y-%m-%d}"


def expiry(connection: ssl.SSLSocket) -> dt.datetime | None:
    """When the server's certificate ends, or None where it was not verified."""
    certificate: dict[str, Any] = connection.getpeercert() or {}
    ends = certificate.get("notAfter")
    return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), dt.UTC) if ends else None
