"""Signed tokens: those of the stand-in, and the assertions by which an app proves that it has its certificate's key."""

import base64
import functools
import time
import uuid
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.servers.graph.tenant import App


class BadTokenError(Exception):
    """A token that is not to be trusted; its text says why."""


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_id() -> str:
    return base64.urlsafe_b64encode(str(_key().public_key().public_numbers().n).encode()[:20]).decode()


def public_keys() -> dict[str, Any]:
    """The document at the discovery's jwks_uri."""
    jwk = jwt.algorithms.RSAAlgorithm.to_jwk(_key().public_key(), as_dict=True)
    return {"keys": [{**jwk, "use": "sig", "kid": key_id()}]}


def signed(claims: Mapping[str, Any], lifetime: float) -> str:
    """A token that is good for `lifetime` seconds from now."""
    now = int(time.time())
    times = {"iat": now, "nbf": now - 300, "exp": now + int(lifetime), "uti": uuid.uuid4().hex}
    return jwt.encode({**times, **claims}, _key(), algorithm="RS256", headers={"kid": key_id()})


def checked(token: str, audience: str) -> dict[str, Any]:
    """The claims of one of our own tokens for `audience`. Raises BadTokenError."""
    try:
        claims: dict[str, Any] = jwt.decode(token, _key().public_key(), algorithms=["RS256"], audience=audience)
    except jwt.ExpiredSignatureError:
        raise BadTokenError("Lifetime validation failed, the token is expired.") from None
    except jwt.InvalidTokenError as error:
        raise BadTokenError(f"Access token validation failure. {error}") from None
    return claims


def check_assertion(assertion: str, app: App, token_endpoint: str) -> None:
    """Check the proof of RFC 7523 as Microsoft does: signed with the key of one of the app's certificates, named by its
    fingerprint, meant for this endpoint, from the app itself and still good. Raises BadTokenError with an AADSTS code.
    """
    try:
        header = jwt.get_unverified_header(assertion)
        certificate = next((found for found in app.certificates if _named(header, found)), None)
        if certificate is None:
            raise BadTokenError(
                "700027: The certificate with identifier used to sign the client assertion is not registered."
            )
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        claims = jwt.decode(
            assertion, key, algorithms=["PS256", "RS256"], audience=token_endpoint, issuer=app.client_id,
            options={"require": ["exp", "iss", "sub", "aud", "jti"]},
        )  # fmt: skip
    except jwt.ExpiredSignatureError:
        raise BadTokenError("700024: Client assertion is not within its valid time range.") from None
    except jwt.InvalidAudienceError:
        raise BadTokenError("700023: Client assertion audience claim does not match the token endpoint.") from None
    except jwt.InvalidTokenError as error:
        raise BadTokenError(f"700027: Client assertion failed signature validation. {error}") from None
    if claims["sub"] != app.client_id:
        raise BadTokenError("700021: Client assertion subject is not the app.")


def _named(header: Mapping[str, Any], certificate: x509.Certificate) -> bool:
    sha256, sha1 = (
        base64.urlsafe_b64encode(certificate.fingerprint(kind)).decode().rstrip("=")
        for kind in (hashes.SHA256(), hashes.SHA1())  # Microsoft's x5t is SHA-1, and is no signature.
    )
    return bool(sha256 == header.get("x5t#S256", "").rstrip("=") or sha1 == header.get("x5t", "").rstrip("="))
