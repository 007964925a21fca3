"""The encrypted half of a connection: taking it up, and telling the certificate.

Mail servers encrypt among each other without looking at certificates, and most servers inside an office have one that
nobody outside knows. So a certificate is verified only where that was asked for, and told in any case.
"""

import datetime as dt
import socket
import ssl
from dataclasses import dataclass

from cryptography import x509

from jobs.smtp.server import CertificateError, EncryptionError, Server

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_NOT_YET_VALID, _EXPIRED = 9, 10
_UNTRUSTED = frozenset({2, 18, 19, 20, 21, 24, 27})
_OTHER_NAME = frozenset({62, 64})
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whom a server says that it is: the names, at most a few of them, and until when."""

    names: tuple[str, ...]
    expires: dt.datetime | None


def wrap(plain: socket.socket, server: Server, *, verify: bool) -> ssl.SSLSocket:
    """Do the handshake. Raises CertificateError, EncryptionError; the socket is closed then."""
    context = ssl.create_default_context()
    # Servers in offices have certificates from authorities that lack what Python 3.13 began to demand.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    plain.settimeout(server.receive_timeout)
    try:
        return context.wrap_socket(plain, server_hostname=server.host)
    except ssl.SSLCertVerificationError as error:
        raise _not_accepted(server, error) from None
    except (OSError, ValueError) as error:
        raise EncryptionError(
            f"{server.peer}, offers encryption (STARTTLS), but it does not come about: check the certificate that is "
            "installed on the server, and that it speaks TLS 1.2 or later.",
            f"{type(error).__name__}: {error}",
        ) from None


def _not_accepted(server: Server, error: ssl.SSLCertVerificationError) -> CertificateError:
    fault, remedy = f"is not accepted ({error.verify_message})", "Give the server another one"
    if error.verify_code == _EXPIRED:
        fault, remedy = "has expired", "Renew it on the server"
    elif error.verify_code == _NOT_YET_VALID:
        fault, remedy = "is not valid yet", "Check the clocks of the server and of this machine"
    elif error.verify_code in _UNTRUSTED:
        fault = "is not issued by an authority that this console knows"
        remedy = "Give the server a certificate of a public authority"
    elif error.verify_code in _OTHER_NAME:
        fault = f"is not for {server.host}"
        remedy = "Enter the name that the certificate has, or give the server one for this name"
    return CertificateError(
        f"The certificate of {server.peer}, {fault}. {remedy}, or choose encryption “When the server offers it”.",
        fault,
        f"{type(error).__name__}: {error.verify_message}",
    )


def certificate(connection: ssl.SSLSocket) -> Certificate:
    """The server's certificate, verified or not."""
    raw = connection.getpeercert(binary_form=True)
    try:
        return _read(x509.load_der_x509_certificate(raw or b""))
    except (ValueError, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return Certificate((), None)


def _read(found: x509.Certificate) -> Certificate:
    try:
        listed = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [*listed.get_values_for_type(x509.DNSName), *map(str, listed.get_values_for_type(x509.IPAddress))]
    except x509.ExtensionNotFound:
        names = []
    if not names:
        names = [str(part.value) for part in found.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)]
    return Certificate(tuple(map(_printable, names[:_SHOWN])), found.not_valid_after_utc)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:253])


def description(connection: ssl.SSLSocket) -> str:
    """The protocol and the certificate in words."""
    protocol = (connection.version() or "TLS").replace("TLSv", "TLS ")
    found = certificate(connection)
    until = f", valid until {found.expires:%Y-%m-%d}" if found.expires else ""
    return f"Encrypted with {protocol}. The certificate is for {', '.join(found.names) or 'nobody by name'}{until}"
