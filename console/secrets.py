"""Seal secrets at rest with a key from the environment (Fernet: AES-128-CBC with HMAC-SHA-256)."""

import base64
import binascii

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from console.core.errors import RefusedError


def new_key() -> str:
    """A fresh key for SEALING_KEYS."""
    return Fernet.generate_key().decode()


def valid_key(text: str) -> bool:
    """Whether a text is a Fernet key: 32 bytes in URL-safe base64."""
    try:
        return len(base64.urlsafe_b64decode(text)) == 32
    except (binascii.Error, ValueError):
        return False


class Sealer:
    """Seals with the first key, opens with any."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._first = Fernet(keys[0])
        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode() if secret else ""

    def unseal(self, sealed: str) -> str:
        """The secret. Raises RefusedError when no key of SEALING_KEYS opens it."""
        if not sealed:
            return ""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise RefusedError(
                "The stored password or secret cannot be opened with the present SEALING_KEYS. Enter it again, "
                "or put the key back that sealed it."
            ) from None

    def is_current(self, sealed: str) -> bool:
        """Whether the first key sealed this."""
        return _opens(self._first, sealed)

    def opens(self, sealed: str) -> bool:
        """Whether any key does."""
        return _opens(self._fernet, sealed)

    def reseal(self, sealed: str) -> str:
        """The same secret, sealed with the first key. Raises RefusedError when no key opens it."""
        return self.seal(self.unseal(sealed))


def _opens(fernet: Fernet | MultiFernet, sealed: str) -> bool:
    try:
        fernet.decrypt(sealed.encode())
    except InvalidToken:
        return False
    return True
