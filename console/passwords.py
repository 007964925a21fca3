"""Which passwords are good enough, by NIST SP 800-63B: long, and none of those that are tried first.

No rules about kinds of characters: they make passwords hard to remember and easy to guess.
"""

import re
import unicodedata

from console.core.errors import RefusedError

MINIMUM_LENGTH = 12
# Argon2 takes any length; this only bounds what a request can cost.
LONGEST = 1024
PRODUCT = "rollcall"

TOO_SHORT = f"A password needs at least {MINIMUM_LENGTH} characters; a sentence of four words is good."
TOO_LONG = f"A password has at most {LONGEST:,} characters."
COMMON = (
    "This password is among those that others try first, or nearly so. A sentence of four words that nobody connects "
    "with you is good."
)
OWN = "This is little more than your e-mail address or the name Rollcall, which others try first. Add words to it."

# A guesser with a list of leaked passwords and words needs fewer tries than this for a password that is refused.
_FEWEST_GUESSES = 10**8
# What the estimate costs grows fast with the length, and nothing this long is common because of its end.
_LOOKED_AT = 24
# What is left of a password when the words around it are taken away needs as much to stand on its own.
_LEFT = 8


def spelled(password: str) -> str:
    """One spelling for what keyboards and systems write in several ways (NFKC), so that a password works on each."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, email: str) -> None:
    """Raises RefusedError with what is wrong with a password for the account of this e-mail address."""
    password = spelled(password)
    if len(password) < MINIMUM_LENGTH:
        raise RefusedError(TOO_SHORT)
    if len(password) > LONGEST:
        raise RefusedError(TOO_LONG)
    words = _words_around(email)
    if _is_around(password, words):
        raise RefusedError(OWN)
    if _guesses(password, words) < _FEWEST_GUESSES:
        raise RefusedError(COMMON)


def _words_around(email: str) -> list[str]:
    """The words that anybody knows who knows the account, the longest first."""
    email = email.lower()
    local, _, host = email.partition("@")
    parts = re.split(r"[^\w]+", local) + host.split(".")
    return sorted({word for word in (PRODUCT, email, local, host, *parts) if len(word) >= 3}, key=len, reverse=True)


def _is_around(password: str, words: list[str]) -> bool:
    left = password.lower()
    for word in words:
        left = left.replace(word, "")
    return len(left) < _LEFT and len(left) < len(password)


def _guesses(password: str, words: list[str]) -> int:
    """By the lists that zxcvbn brings: 30,000 leaked passwords, names, words, and what people make of them."""
    from zxcvbn import zxcvbn  # noqa: PLC0415 - it reads its lists when imported, and most processes never ask.

    return int(zxcvbn(password[:_LOOKED_AT], user_inputs=words)["guesses"])
