"""The certificates of an administrator's own authority: read from a file or a pasted text, kept as PEM."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from console.core.errors import RollcallError

LIMIT = 64 * 1024
"""Bytes. The chain of an authority has a few thousand; all public authorities together, some 200,000, are no answer."""

_BLOCK = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY_BLOCK = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY")
# PFX ::= SEQUENCE { version INTEGER (3), ... } (RFC 7292, section 4), the length in any of the forms of BER.
_KEY_STORE = re.compile(rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...)\x02\x01\x03", re.DOTALL)

TOO_LARGE = f"This is more than {LIMIT // 1024} KB: give the certificate of your own authority alone."
HOLDS_KEY = (
    "This holds a private key, which nobody but its server should have. It was not kept: give the certificate alone."
)
NO_CERTIFICATE = "This is not a certificate in PEM form, which begins with -----BEGIN CERTIFICATE-----, or in DER form."


class CertificateError(RollcallError):
    """What was given as certificates is none, or must not be kept. The sentence holds nothing of it."""


class PrivateKeyError(CertificateError):
    """A private key was in it, so it must not be shown again either."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """What people tell certificates apart by."""

    subject: str
    issuer: str
    valid_until: dt.datetime

    @property
    def expired(self) -> bool:
        return self.valid_until < dt.datetime.now(dt.UTC)


def read(content: bytes) -> str:
    """The certificates in a PEM text, or the one in DER form, as PEM and without anything that stands between them.

    Raises CertificateError with a sentence for the administrator.
    """
    if len(content) > LIMIT:
        raise CertificateError(TOO_LARGE)
    if _holds_key(content):
        raise PrivateKeyError(HOLDS_KEY)
    try:
        found = _parsed(content)
        for certificate in found:
            _told(certificate)
    except ValueError:
        raise CertificateError(NO_CERTIFICATE) from None
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in found).decode()


def told(pem: str) -> tuple[Certificate, ...]:
    """Those in a text that may be anything: none for what is no certificate."""
    try:
        return tuple(_told(certificate) for certificate in _parsed(pem.encode()))
    except ValueError:
        return ()


def expiry_warning(pem: str) -> str:
    """What is to be said of the certificates that have expired; empty when all are valid."""
    gone = [certificate for certificate in told(pem) if certificate.expired]
    if not gone:
        return ""
    names = ", ".join(f"{certificate.subject} (until {certificate.valid_until:%Y-%m-%d})" for certificate in gone)
    return f"Expired among the certificates of your authority: {names}. Servers that rely on it are not trusted."


def _parsed(content: bytes) -> Sequence[x509.Certificate]:
    blocks = _BLOCK.findall(content)
    if blocks:
        return [x509.load_pem_x509_certificate(block) for block in blocks]
    return [x509.load_der_x509_certificate(content)]


def _holds_key(content: bytes) -> bool:
    """Whether a private key is in it, in PEM or DER form, encrypted or not, or a key store (.pfx) that has one."""
    if _KEY_BLOCK.search(content) or _KEY_STORE.match(content):
        return True
    try:
        serialization.load_der_private_key(content, None)
    except (TypeError, UnsupportedAlgorithm):
        return True  # One that is encrypted, or of a kind that this library does not know.
    except ValueError:
        return False
    return True


def _told(certificate: x509.Certificate) -> Certificate:
    return Certificate(_name(certificate.subject), _name(certificate.issuer), certificate.not_valid_after_utc)


def _name(name: x509.Name) -> str:
    """The common name, or else all of it: some authorities have none."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string() or "nobody by name"
