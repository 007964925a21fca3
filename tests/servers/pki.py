"""A certificate authority of our own, and server certificates from it, made without the openssl program."""

import datetime as dt
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.servers.passwords import write_private

CA_DAYS = 3650
SERVER_DAYS = 365
"""Days; Apple's and the browsers' limit for a server certificate is 398."""


class Pki:
    """An authority in a folder; it is made on the first use of the folder and used again on later ones.

    Certificates carry what RFC 5280 asks for and strict checks insist on (VERIFY_X509_STRICT, the default of
    Python 3.13): critical basicConstraints and keyUsage, and the key identifiers of both sides.
    """

    def __init__(self, folder: Path, name: str = "Rollcall test CA") -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = self.folder / "ca.pem"
        key_file = self.folder / "ca.key"
        if not self.ca_file.exists():
            _make_authority(name, self.ca_file, key_file)
        key = serialization.load_pem_private_key(key_file.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())

    def issue(
        self,
        name: str,
        dns: Sequence[str] = (),
        ips: Sequence[str] = (),
        *,
        expired: bool = False,
        folder: Path | None = None,
    ) -> tuple[Path, Path]:
        """Make a server certificate for DNS names and IP addresses; `name` also names the two files.

        Returns the certificate's file and the key's, both PEM, in `folder` or else beside the authority's.
        With `expired` it ran out yesterday.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        start = now - dt.timedelta(days=30 if expired else 1)
        end = now + dt.timedelta(days=-1 if expired else SERVER_DAYS)
        names: list[x509.GeneralName] = [x509.DNSName(text) for text in dns]
        names += [x509.IPAddress(ipaddress.ip_address(text)) for text in ips]
        authority = self._certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            _builder(_name(name), self._certificate.subject, key.public_key(), start, end)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(digital_signature=True), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(authority), critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate_file = (folder or self.folder) / f"{name}.pem"
        key_file = (folder or self.folder) / f"{name}.key"
        write_private(key_file, _pem(key))
        certificate = builder.sign(self._key, hashes.SHA256())
        certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return certificate_file, key_file


def _make_authority(name: str, ca_file: Path, key_file: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=60)  # before the start of an expired certificate
    certificate = (
        _builder(_name(name), _name(name), key.public_key(), start, start + dt.timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(key_file, _pem(key))
    ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    start: dt.datetime,
    end: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, digital_signature: bool = False, signs_certificates: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
