"""What an app shows to Microsoft instead of a client secret: a certificate with its private key, from one PEM file."""

import datetime as dt
import re
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from console.certificates import LIMIT, CertificateError

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)

TOO_LARGE = f"This is more than {LIMIT // 1024} KB, and no certificate with its key: choose another file."
NO_KEY = (
    "There is no private key in this: give both in one PEM file, the part that begins with BEGIN PRIVATE KEY and the "
    "one that begins with BEGIN CERTIFICATE."
)
LOCKED = "The private key is locked with a password: give it without one."
UNREADABLE = "This cannot be read: give a PEM file with the private key and the certificate."
NOT_RSA = "The key is of a kind that Microsoft does not accept: make one with an RSA key."
NO_CERTIFICATE = "There is no certificate with the private key: give both in one PEM file."
OTHER_KEY = "The certificate does not belong to the private key beside it."
EXPIRED = "This certificate has expired: make a new one, and upload its public part at Microsoft too."


@dataclass(frozen=True, slots=True)
class AppCertificate:
    """A certificate and its key as one PEM text, and the last day on which it is good."""

    pem: str = field(repr=False)
    expires_on: dt.date


def read(content: bytes, *, ended: bool = False) -> AppCertificate:
    """What the file holds, without anything that stands between or beside it; with `ended` also one that has expired.

    Raises CertificateError with a sentence for the administrator, which holds nothing of the content.
    """
    if len(content) > LIMIT:
        raise CertificateError(TOO_LARGE)
    found = _KEY.search(content)
    if found is None:
        raise CertificateError(NO_KEY)
    try:
        key = serialization.load_pem_private_key(found[0], None)
        certificates = [x509.load_pem_x509_certificate(block) for block in _CERTIFICATE.findall(content)]
    except TypeError:
        raise CertificateError(LOCKED) from None
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError(UNREADABLE) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CertificateError(NOT_RSA)
    fitting = next((item for item in certificates if item.public_key() == key.public_key()), None)
    if fitting is None:
        raise CertificateError(OTHER_KEY if certificates else NO_CERTIFICATE)
    if not ended and fitting.not_valid_after_utc < dt.datetime.now(dt.UTC):
        raise CertificateError(EXPIRED)
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = plain + fitting.public_bytes(serialization.Encoding.PEM)
    return AppCertificate(pem.decode(), fitting.not_valid_after_utc.date())
