"""Passkeys (WebAuthn): what a browser is asked for, and whether what it brings back is right.

An authenticator has to make sure of its owner, by a finger or a PIN, so that a passkey is two proofs in one. No
attestation is asked for: whose product an authenticator is does not matter here.
"""

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from console.core.errors import RefusedError

WRONG = "This passkey was not accepted. Try again, or use your password."
NOT_MADE = "The passkey was not made as it should be. Try again, or use another device."


@dataclass(frozen=True, slots=True)
class Site:
    """Whose passkeys they are, as browsers know it: a host, and the one origin from which it asks."""

    host: str
    origin: str


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey: its id and public key in base64url, and how often it was used, as it says."""

    credential_id: str
    public_key: str
    sign_count: int


@dataclass(frozen=True, slots=True)
class Brought:
    """What a browser brings, not yet proved: which passkey, and whose it says that it is (empty where it does not)."""

    credential_id: str
    handle: str


def site(base_url: str) -> Site | None:
    """The site of BASE_URL. Browsers make no passkeys for an address without a name, so there is none then."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        usual = {"http": 80, "https": 443}.get(parts.scheme)
        port = f":{parts.port}" if parts.port and parts.port != usual else ""
        return Site(host, f"{parts.scheme}://{host}{port}")
    return None


def options_to_make(here: Site, email: str, *, handle: str, known: Iterable[str], challenge: str) -> str:
    """What the browser needs to make one, as JSON; not on an authenticator that has one of the `known`."""
    import webauthn  # noqa: PLC0415 - it is large, and few requests need it.
    from webauthn.helpers import structs  # noqa: PLC0415

    made = webauthn.generate_registration_options(
        rp_id=here.host,
        rp_name="Rollcall",
        user_id=webauthn.base64url_to_bytes(handle),
        user_name=email,
        challenge=webauthn.base64url_to_bytes(challenge),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(item)) for item in known
        ],
    )
    return webauthn.options_to_json(made)


def options_to_prove(here: Site, *, allowed: Iterable[str], challenge: str) -> str:
    """What the browser needs to use one, as JSON; any of this site where none is named."""
    import webauthn  # noqa: PLC0415 - as above.
    from webauthn.helpers import structs  # noqa: PLC0415

    made = webauthn.generate_authentication_options(
        rp_id=here.host,
        challenge=webauthn.base64url_to_bytes(challenge),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
        allow_credentials=[
            structs.PublicKeyCredentialDescriptor(id=webauthn.base64url_to_bytes(item)) for item in allowed
        ],
    )
    return webauthn.options_to_json(made)


def made(here: Site, credential: str, challenge: str) -> Made:
    """The passkey that a browser has made. Raises RefusedError."""
    import webauthn  # noqa: PLC0415 - as above.
    from webauthn.helpers import bytes_to_base64url  # noqa: PLC0415
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        found = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=here.host,
            expected_origin=here.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise RefusedError(NOT_MADE) from None
    return Made(
        bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key), found.sign_count
    )


def brought(credential: str) -> Brought:
    """Which passkey a browser says that it brings. Raises RefusedError for what is none."""
    try:
        document = json.loads(credential)
        found, handle = document["id"], document["response"].get("userHandle") or ""
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise RefusedError(WRONG) from None
    if not isinstance(found, str) or not isinstance(handle, str) or "\x00" in found:
        raise RefusedError(WRONG)
    return Brought(found, handle.rstrip("="))


def proved(here: Site, credential: str, challenge: str, *, public_key: str, sign_count: int) -> int:
    """How often the passkey was used now, as it says; more than `sign_count` where it counts. Raises RefusedError."""
    import webauthn  # noqa: PLC0415 - as above.
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=webauthn.base64url_to_bytes(challenge),
            expected_rp_id=here.host,
            expected_origin=here.origin,
            credential_public_key=webauthn.base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError):
        raise RefusedError(WRONG) from None
    return found.new_sign_count
