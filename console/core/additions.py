"""Users that a person wants to add: what was typed, line by line, and what would come of each line."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from console.core.address import (
    TEXT_LIMIT,
    Address,
    display,
    display_domain,
    key,
    parse,
    split,
    with_domain,
    without_tag,
)
from console.core.errors import AddressError
from console.core.person import User

MOST = 1_000
NAME_LIMIT = 200


class Verdict(StrEnum):
    """What would come of a line. Only the first adds a user."""

    ADD = "will be added"
    EXISTS = "exists"
    ALIAS = "is an alias"
    ELSEWHERE = "another domain"
    INVALID = "no address"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Line:
    """One user as typed. `address` is None where `fault` says why there is none."""

    number: int
    text: str
    address: Address | None
    first_name: str = ""
    last_name: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A line and what would come of it. `why` is a sentence, `address` is in the domain's own name.

    `holder` has the address, or with a verdict to add it already gets the mail for it. `domain` is another domain that
    the address is of and that may be named.
    """

    line: Line
    verdict: Verdict
    why: str = ""
    address: Address | None = None
    holder: User | None = None
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where users are added: a domain, its other names, whether it takes plus tags, and what else is known.

    `holders` are the users by the keys of their addresses, `others` the names of other domains with the domain that
    each belongs to: those that the reader may see.
    """

    domain: str
    aliases: frozenset[str] = frozenset()
    plus_tags: bool = True
    holders: Mapping[str, User] | None = None
    others: Mapping[str, str] | None = None


def read(text: str, domain: str) -> list[Line]:
    """The lines of a text, or several from a line of addresses alone. Empty lines are none.

    Understood are an address, a local part, `address, First Last` (with ; or a tab as well, and names apart) and
    `First Last <address>`.
    """
    return [
        _line(number, part, domain)
        for number, line in enumerate(text.replace("\x00", " ").splitlines(), 1)
        if line.strip()
        for part in _parts(line.strip())
    ]


def keys(lines: Iterable[Line], place: Place) -> set[str]:
    """The keys by which somebody may have what the lines ask for, or get its mail."""
    found: set[str] = set()
    for line in lines:
        own = _own(line.address, place)
        if own is not None:
            found.add(key(own))
            untagged = without_tag(own) if place.plus_tags else None
            found |= {key(untagged)} if untagged is not None else set()
    return found


def judge(lines: Sequence[Line], place: Place) -> list[Judged]:
    """What would come of each line. Of an address that stands twice the first is added."""
    seen: dict[str, int] = {}
    return [_judge(line, place, seen) for line in lines]


def counts(judged: Iterable[Judged]) -> Counter[Verdict]:
    return Counter(item.verdict for item in judged)


def _judge(line: Line, place: Place, seen: dict[str, int]) -> Judged:
    if line.address is None:
        return Judged(line, Verdict.INVALID, line.fault)
    own = _own(line.address, place)
    if own is None:
        return _elsewhere(line, line.address, place)
    if key(own) in seen:
        return Judged(line, Verdict.TWICE, f"{display(own)} stands in line {seen[key(own)]} already.", own)
    holders = place.holders or {}
    holder = holders.get(key(own))
    if holder is not None and key(holder.address) == key(own):
        return Judged(line, Verdict.EXISTS, f"{display(own)} is on the list already.", own, holder)
    if holder is not None:
        why = f"{display(own)} is on the list already, as an alias of {display(holder.address)}."
        return Judged(line, Verdict.ALIAS, why, own, holder)
    seen[key(own)] = line.number
    untagged = without_tag(own) if place.plus_tags else None
    tagless = holders.get(key(untagged)) if untagged is not None else None
    if tagless is not None:
        gets = display(tagless.address)
        why = f"Mail to {display(own)} goes to {gets} already, since the part after the plus is left off."
        return Judged(line, Verdict.ADD, why, own, tagless)
    return Judged(line, Verdict.ADD, address=own)


def _elsewhere(line: Line, address: Address, place: Place) -> Judged:
    why = f"{display(address)} is not an address of {display_domain(place.domain)}."
    other = (place.others or {}).get(split(address)[1])
    if other is None:
        return Judged(line, Verdict.ELSEWHERE, why, address)
    return Judged(line, Verdict.ELSEWHERE, f"{why} It is one of {display_domain(other)}.", address, domain=other)


def _own(address: Address | None, place: Place) -> Address | None:
    """The address in the domain's own name; None for what is none, or of another domain."""
    if address is None or split(address)[1] not in {place.domain, *place.aliases}:
        return None
    try:
        return with_domain(address, place.domain)
    except AddressError:
        return None


def _parts(line: str) -> list[str]:
    """A line is one user, unless all that it separates are addresses: people copy such lists out of their mail."""
    parts = [part.strip() for part in _SEPARATORS.split(line) if part.strip()]
    many = len(parts) > 1 and len(line) <= MOST * TEXT_LIMIT and all("@" in part for part in parts)
    return parts if many else [line]


def _line(number: int, text: str, domain: str) -> Line:
    enclosed = _ENCLOSED.fullmatch(text)
    if enclosed is not None and enclosed["name"].strip():
        typed, first, last = enclosed["address"], *_name(enclosed["name"])
    else:
        typed, *names = _SEPARATORS.split(text)
        names = [name for name in (_tidy(name) for name in names) if name]
        if len(names) > 2:
            return Line(number, text, None, fault="There is more here than an address, a first and a last name.")
        first, last = _name(names[0]) if len(names) == 1 else (names[0], names[1]) if names else ("", "")
    if max(len(first), len(last)) > NAME_LIMIT:
        return Line(number, text, None, fault=f"A name has at most {NAME_LIMIT} characters.")
    try:
        return Line(number, text, parse(typed, domain), first, last)
    except AddressError as error:
        return Line(number, text, None, first, last, error.sentence)


def _name(text: str) -> tuple[str, str]:
    """First and last name: the last word is the last name, unless a comma says that it stands first."""
    last, comma, first = _tidy(text).partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _, last = last.rpartition(" ")
    return (first, last) if first else (last, "")


def _tidy(text: str) -> str:
    return " ".join(text.split()).strip("\"'“”„ ")


_SEPARATORS = re.compile(r"[,;\t]")
_ENCLOSED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>[\s,;]*")
