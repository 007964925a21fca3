"""The file with an app's certificate and its private key."""

import datetime as dt
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from console import credentials
from console.certificates import CertificateError
from tests.servers.graph.certificate import app_certificate
from tests.servers.pki import Pki

PEM, CERTIFICATE = app_certificate()
KEY_END = "-----END PRIVATE KEY-----\n"
KEY = PEM[: PEM.index(KEY_END) + len(KEY_END)]
PUBLIC = CERTIFICATE.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize("text", [PEM, PUBLIC + KEY, f"Bag Attributes\r\n{PUBLIC}\r\nkey:\n{KEY}"])
def test_both_are_kept_in_whatever_order_they_come_and_nothing_else(text: str) -> None:
    read = credentials.read(text.encode())
    assert read.pem == KEY + PUBLIC
    assert read.expires_on == CERTIFICATE.not_valid_after_utc.date()
    assert "PRIVATE" not in repr(read)


def test_of_several_certificates_the_one_of_the_key_counts() -> None:
    _, other = app_certificate("other")
    chain = other.public_bytes(serialization.Encoding.PEM).decode() + PEM
    assert credentials.read(chain.encode()).pem == KEY + PUBLIC


def test_what_cannot_be_used_is_told_without_showing_it(tmp_path: Path) -> None:
    other, _ = app_certificate("other")
    pki = Pki(tmp_path)
    ec_certificate, ec_key = pki.issue("dc1")
    loaded = serialization.load_pem_private_key(KEY.encode(), None)
    locked = loaded.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"hush"),
    ).decode()
    wrong = {
        "": credentials.NO_KEY,
        PUBLIC: credentials.NO_KEY,
        KEY: credentials.NO_CERTIFICATE,
        other[: other.index(KEY_END) + len(KEY_END)] + PUBLIC: credentials.OTHER_KEY,
        locked.replace("ENCRYPTED ", "") + PUBLIC: credentials.UNREADABLE,
        locked + PUBLIC: credentials.LOCKED,
        KEY.replace("M", "!") + PUBLIC: credentials.UNREADABLE,
        ec_certificate.read_text() + ec_key.read_text(): credentials.NOT_RSA,
        PEM + "x" * 70_000: credentials.TOO_LARGE,
    }
    for text, said in wrong.items():
        with pytest.raises(CertificateError) as error:
            credentials.read(text.encode())
        assert error.value.sentence == said
        assert error.value.__cause__ is None


def test_one_that_has_expired_is_refused() -> None:
    key = serialization.load_pem_private_key(KEY.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    now = dt.datetime.now(dt.UTC)
    old = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=9))
        .not_valid_after(now - dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    with pytest.raises(CertificateError) as error:
        credentials.read(KEY.encode() + old.public_bytes(serialization.Encoding.PEM))
    assert error.value.sentence == credentials.EXPIRED
