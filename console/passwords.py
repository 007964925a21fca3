"""Which passwords are good enough, by NIST SP 800-63B: long, and none of those that are tried first.

No rules about kinds of characters: they make passwords hard to remember and easy to guess.
"""

import re
import unicodedata
from dataclasses import dataclass

from console.core.errors import RefusedError

MINIMUM_LENGTH, MAXIMUM_LENGTH = 12, 128
# What a form takes where one's present password is asked for: Argon2 takes any length, this bounds what that costs.
LONGEST = 1024
PRODUCT = "rollcall"

TOO_SHORT = f"A password needs at least {MINIMUM_LENGTH} characters; a sentence of four words is good."
TOO_LONG = f"A password has at most {MAXIMUM_LENGTH} characters."
COMMON = (
    "This password is among those that others try first, or nearly so. A sentence of four words that nobody connects "
    "with you is good."
)
OWN = "This is little more than your e-mail address or the name Rollcall, which others try first. Add words to it."

# A guesser with a list of leaked passwords and words needs fewer tries than this for a password that is refused.
_FEWEST_GUESSES = 10**8
# From so many on, what is good is called so, and what is strong. Argon2 makes each of them dear.
_GOOD, _STRONG = 10**10, 10**14
# What the estimate costs grows fast with the length, and nothing this long is common because of its end.
_LOOKED_AT = 24
# What is left of a password when the words around it are taken away needs as much to stand on its own.
_LEFT = 8
_SPACES = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Strength:
    """How a password would do: from 1, which is refused, to 4; in a word, and why it is refused."""

    level: int
    word: str
    refusal: str = ""


HIGHEST = 4


def spelled(password: str) -> str:
    """One spelling for what keyboards and systems write in several ways (NFKC), so that a password works on each."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, email: str) -> None:
    """Raises RefusedError with what is wrong with a password for the account of this e-mail address."""
    _checked(spelled(password), email)


def strength(password: str, email: str) -> Strength:
    """How strong a password is for the account of this e-mail address, as `check` looks at it."""
    try:
        guesses = _checked(spelled(password), email)
    except RefusedError as error:
        return Strength(1, "Too weak", error.sentence)
    if guesses < _GOOD:
        return Strength(2, "Fair")
    return Strength(3, "Good") if guesses < _STRONG else Strength(HIGHEST, "Strong")


def _checked(password: str, email: str) -> int:
    """How many guesses a password that will do would take."""
    # Somebody's elbow on the space bar makes nothing longer.
    if len(_SPACES.sub(" ", password)) < MINIMUM_LENGTH:
        raise RefusedError(TOO_SHORT)
    if len(password) > MAXIMUM_LENGTH:
        raise RefusedError(TOO_LONG)
    words = _words_around(email)
    if _is_around(password, words):
        raise RefusedError(OWN)
    guesses = _guesses(password, words)
    if guesses < _FEWEST_GUESSES:
        raise RefusedError(COMMON)
    return guesses


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
