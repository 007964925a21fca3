"""The app's credential as msal wants it: a secret, or the two halves of a PEM text with a certificate and its key."""

import datetime as dt
import re
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from console.core.errors import SourceError
from jobs.sources.office365.settings import Office365Settings

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.+?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)


def credential(settings: Office365Settings) -> str | dict[str, Any]:
    """Raises SourceError where the certificate is none, has no key, or has another one."""
    if not settings.by_certificate:
        return settings.credential
    certificate = _right_one(settings.credential)
    if isinstance(certificate, str):
        raise SourceError(f"The certificate of the app {certificate}.", permanent=True)
    found = _KEY.search(settings.credential)
    return {
        "private_key": found[0] if found else "",
        "public_certificate": certificate.public_bytes(serialization.Encoding.PEM).decode(),
    }


def expiry(settings: Office365Settings) -> dt.datetime | None:
    """When the app's certificate ends, or None where it has a secret or the certificate cannot be read."""
    certificate = _right_one(settings.credential) if settings.by_certificate else ""
    return None if isinstance(certificate, str) else certificate.not_valid_after_utc


def _right_one(pem: str) -> x509.Certificate | str:
    """The certificate that belongs to the key; or what is wrong with the text, in words that hold nothing of it."""
    found = _KEY.search(pem)
    if found is None:
        return "has no private key with it: give both in one PEM file, the key and the certificate"
    try:
        key = serialization.load_pem_private_key(found[0].encode(), None)
        certificates = [x509.load_pem_x509_certificate(text.encode()) for text in _CERTIFICATE.findall(pem)]
    except TypeError:
        return "has a private key that is locked with a password: give it without one"
    except (ValueError, UnsupportedAlgorithm):
        return "cannot be read: give a PEM file with the private key and the certificate"
    if not isinstance(key, rsa.RSAPrivateKey):
        return "has a key of a kind that Microsoft does not accept: make one with an RSA key"
    for certificate in certificates:
        if certificate.public_key() == key.public_key():
            return certificate
    return "does not belong to the key beside it" if certificates else "is missing: only its private key is there"
