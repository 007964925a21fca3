"""What somebody looks for in the whole console: a text as words and as an address, and how close a user comes to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from console.core.address import Address, key, parse, split
from console.core.errors import AddressError

LONGEST = 200


class Closeness(IntEnum):
    """How a user answers what was typed, the closest first."""

    IS = 0
    ADDRESS_BEGINS = 1
    ALIAS_BEGINS = 2
    NAME_BEGINS = 3
    HAS = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, in lower case. `address` is the whole of it where it is an address."""

    text: str
    words: tuple[str, ...]
    address: Address | None

    @property
    def word(self) -> str | None:
        """The only word, by whose letters an address may begin."""
        return self.words[0] if len(self.words) == 1 else None


def read(text: str) -> Wanted:
    """Any text; beyond LONGEST characters it is not read."""
    words = tuple(text[:LONGEST].replace("\x00", " ").lower().split())
    address = None
    if len(words) == 1 and "@" in words[0]:
        try:
            address = parse(words[0])
        except AddressError:
            address = None
    return Wanted(" ".join(words), words, address)


def closeness(wanted: Wanted, address: Address, aliases: Sequence[Address], name: str) -> Closeness:
    """How close a user comes that was found."""
    if wanted.address is not None and key(wanted.address) in {key(item) for item in (address, *aliases)}:
        return Closeness.IS
    if wanted.word is not None and address.startswith(wanted.word):
        return Closeness.ADDRESS_BEGINS
    if wanted.word is not None and any(alias.startswith(wanted.word) for alias in aliases):
        return Closeness.ALIAS_BEGINS
    parts = name.lower().split()
    if wanted.words and all(any(part.startswith(word) for part in parts) for word in wanted.words):
        return Closeness.NAME_BEGINS
    return Closeness.HAS


def explaining(wanted: Wanted, address: Address, aliases: Sequence[Address], name: str) -> Address | None:
    """The alias by which a user was found, where neither the primary address nor the name has what was typed."""
    seen = f"{address} {name}".lower()
    for word in wanted.words:
        if word not in seen:
            local = split(Address(word))[0] or word
            return next((alias for alias in aliases if word in alias), None) or next(
                (alias for alias in aliases if alias.startswith(f"{local}@")), None
            )
    return None
