"""The certificates of an own authority: what is taken, what is refused, and what is told of them."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12

from console import certificates
from console.certificates import CertificateError
from tests.servers.pki import Pki


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), "Brightfield Root")


def der(file: Path) -> bytes:
    return x509.load_pem_x509_certificate(file.read_bytes()).public_bytes(serialization.Encoding.DER)


def test_pem_is_kept_without_what_stands_around_it(pki: Pki) -> None:
    pem = pki.ca_file.read_text()
    server, _ = pki.issue("dc1", ["dc1.brightfield.example"])
    windows = pem.replace("\n", "\r\n")
    chain = f"\ufeff# Our root\nBag Attributes: x\n{windows}\n\n  {server.read_text()}trailing"
    assert certificates.read(pem.encode()) == pem
    assert certificates.read(chain.encode()) == pem + server.read_text()


def test_der_becomes_pem(pki: Pki) -> None:
    assert certificates.read(der(pki.ca_file)) == pki.ca_file.read_text()


def keys() -> list[bytes]:
    """A private key in every form in which it may come along with a certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem, binary = serialization.Encoding.PEM, serialization.Encoding.DER
    pkcs8, old = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
    plain, sealed = serialization.NoEncryption(), serialization.BestAvailableEncryption(b"hush")
    forms = [
        (pem, pkcs8, plain),
        (pem, pkcs8, sealed),
        (pem, old, plain),
        (pem, old, sealed),
        (binary, pkcs8, plain),
        (binary, pkcs8, sealed),
        (binary, old, plain),
    ]
    store = pkcs12.serialize_key_and_certificates(b"dc1", key, None, None, sealed)
    return [key.private_bytes(*form) for form in forms] + [store]


def test_a_private_key_is_refused_in_every_form(pki: Pki) -> None:
    for key in keys():
        with pytest.raises(CertificateError, match="private key"):
            certificates.read(key)
    with pytest.raises(CertificateError, match="private key"):
        certificates.read(pki.ca_file.read_bytes() + keys()[0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no certificate",
        b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\n",
        b"\xff\xfe-\x00",
        b"\x30\x82\x01",
    ],
)
def test_what_is_no_certificate_is_refused(content: bytes) -> None:
    with pytest.raises(CertificateError, match="not a certificate"):
        certificates.read(content)
    assert certificates.told(content.decode("latin-1")) == ()


def test_one_that_cannot_be_read_spoils_the_others(pki: Pki) -> None:
    with pytest.raises(CertificateError, match="not a certificate"):
        certificates.read(pki.ca_file.read_bytes() + b"-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n")


def test_a_long_file_is_refused_unread() -> None:
    with pytest.raises(CertificateError, match="more than 64 KB"):
        certificates.read(b"x" * (certificates.LIMIT + 1))


def test_people_are_told_whose_it_is_and_how_long_it_is_valid(pki: Pki) -> None:
    expired, _ = pki.issue("old", ["dc1.brightfield.example"], expired=True)
    kept = certificates.read(pki.ca_file.read_bytes() + expired.read_bytes())
    root, old = certificates.told(kept)
    assert (root.subject, root.issuer, root.expired) == ("Brightfield Root", "Brightfield Root", False)
    assert (old.subject, old.issuer, old.expired) == ("old", "Brightfield Root", True)
    assert f"old (until {old.valid_until:%Y-%m-%d})" in certificates.expiry_warning(kept)
    assert "Root" not in certificates.expiry_warning(kept)
    assert certificates.expiry_warning(pki.ca_file.read_text()) == ""
