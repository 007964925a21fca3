"""The texts that claim to be mail addresses in a cell, and cells as plain text. Pure."""

import re
from dataclasses import dataclass, field

from jobs.sources.csv.limits import NAME_LIMIT, WHAT_LIMIT

_CONTROL = {**dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0xD800, 0xE000)), " ")}
# Where an address with its type begins: the types of Exchange are joined by plus signs, blanks, commas or semicolons,
# all of which may stand in an X500 or X400 address too.
_TYPED = re.compile(r"(?:^|[\s+;,|]+)(?=[A-Za-z][A-Za-z0-9-]*:)")
_ONE = re.compile(r"[^\s;,|@<>()\[\]{}'\"+]+@[^\s;,|@<>()\[\]{}'\"+]+")
_BETWEEN = re.compile(r"[\s;,|]+")
# A plus sign separates only behind a domain: before the @ it is part of the address.
_JOINED = re.compile(r"[^@]+@[^@+]+")
# The console's own aliases are addresses as they are, in which even blanks may stand within quotation marks.
_OWN = re.compile(r'(?:"(?:[^"\\]|\\.)*+"[^\s;,]*+|[^\s;,]++)')
_AROUND = "<>()[]{}'\"{}"
_MAIL = frozenset({"SMTP", "smtp"})
# What PowerShell writes for a list that was not joined.
_USELESS = re.compile(r"(?:System|Microsoft)\.[A-Za-z.`0-9]+(?:\[.*\])?")


@dataclass(slots=True)
class Claims:
    """`primary` is what capitals mark as such; `useless` is true for a cell that held a type's name instead."""

    primary: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    useless: bool = False


def claims_of(text: str, into: Claims) -> None:
    """Add what a cell of another program claims. X500, SIP, EUM and X400 are no mail addresses and are dropped, and so
    is whatever has no @: nicknames, telephone numbers.
    """
    kind, colon, rest = text.partition(":")
    if colon and kind in _MAIL and _ONE.fullmatch(rest):
        # One address and its type, which is what most cells are.
        (into.primary if kind == "SMTP" else into.others).append(rest)
        return
    if "@" not in text:
        into.useless = into.useless or bool(_USELESS.fullmatch(text.strip()))
        return
    for piece in _TYPED.split(text) if ":" in text else (text,):
        kind, colon, rest = piece.partition(":")
        if not piece:
            continue
        if not colon:
            into.others += _tokens(piece)
        elif kind == "SMTP":
            into.primary += _tokens(rest)
        elif kind.lower() in {"smtp", "mailto"}:
            into.others += _tokens(rest)


def own_claims(text: str) -> list[str]:
    """The aliases in a cell of the console's own format, in which local parts may stand alone."""
    return _OWN.findall(text)


def _tokens(text: str) -> list[str]:
    if _ONE.fullmatch(text):
        return [text]
    found = []
    for token in _BETWEEN.split(text):
        if "@" not in token:
            continue
        parts = _JOINED.findall(token) if "+" in token and token.count("@") > 1 else []
        if "".join(parts) != token:
            parts = [token]
        found += [part.strip(_AROUND).lstrip("+") for part in parts]
    return found


def clean(text: str) -> str:
    """One line without control characters, which neither a page nor a PostgreSQL text (NUL) could hold."""
    if text.isprintable():
        return text.strip()
    if any(ord(character) in _CONTROL for character in text):
        return " ".join(text.translate(_CONTROL).split())
    return text.strip()


def name(text: str) -> str:
    if len(text) <= NAME_LIMIT and text.isprintable():
        return text.strip()
    return clean(text)[:NAME_LIMIT].rstrip()


def what(text: str) -> str:
    """The value that a Reject shows."""
    return clean(text[: 2 * WHAT_LIMIT])[:WHAT_LIMIT]
