"""One-time codes: those of an authenticator app (TOTP, RFC 6238), and recovery codes for when the app is lost."""

import hashlib
import hmac
import secrets
import time
from typing import Any

ISSUER = "Rollcall"
# A clock may be wrong by half a minute, and a person takes a while to type.
WINDOW = 1
SECRET_BYTES = 20
# What people type around a code, or an app shows between its digits.
BETWEEN = str.maketrans("", "", " \t\u00a0\u2009\u202f-")
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
RECOVERY_LENGTH = 16
RECOVERY_CODES = 10


def clock() -> float:
    """The time by which codes are good, in seconds."""
    return time.time()


def new_secret() -> str:
    """160 random bits in base32, as apps take them; RFC 4226 asks for no more."""
    return "".join(secrets.choice(_LETTERS) for _ in range(SECRET_BYTES * 8 // 5)).upper()


def address(secret: str, email: str) -> str:
    """What the picture for an app says: an otpauth: address."""
    return str(_totp(secret).provisioning_uri(name=email, issuer_name=ISSUER))


def picture(secret: str, email: str) -> str:
    """That address as a QR code: an SVG element to stand in a page, which asks for nothing and needs no style.

    Black on white in light and dark alike, since many cameras read no other.
    """
    import segno  # noqa: PLC0415 - few processes ever draw one.

    drawn = segno.make_qr(address(secret, email), error="m")
    return drawn.svg_inline(border=4, scale=4, dark="#000", light="#fff", svgclass=None, lineclass=None)


def grouped(secret: str) -> str:
    """A secret as one types it, four letters at a time."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def matching_step(secret: str, code: str) -> int | None:
    """The time step, of half a minute, of which this is the code; None when it is none of those that are good now."""
    from pyotp.exceptions import OTPVerificationError  # noqa: PLC0415 - as in _totp.

    code = code.translate(BETWEEN)
    if not (code.isascii() and code.isdigit()):
        return None
    try:
        return int(_totp(secret).verify_and_get_timecode(code, for_time=clock(), valid_window=WINDOW))
    except OTPVerificationError:
        return None


def new_recovery_code() -> str:
    """80 random bits, in four groups."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(RECOVERY_LENGTH))
    return "-".join(code[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4))


def recovery_digest(salt: str, code: str) -> str:
    """What is stored of a recovery code, however it was typed; it cannot be guessed, so no slow hash (ASVS 2.6.2)."""
    return hashlib.sha256(f"{salt}:{code.translate(BETWEEN).lower()}".encode()).hexdigest()


def is_recovery_code(code: str, salt: str, digest: str) -> bool:
    return hmac.compare_digest(recovery_digest(salt, code), digest)


def _totp(secret: str) -> Any:
    import pyotp  # noqa: PLC0415 - most processes never ask for a code.

    return pyotp.TOTP(secret)
