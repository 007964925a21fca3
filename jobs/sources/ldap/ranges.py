"""Attributes with very many values, which Active Directory hands out in ranges: `proxyAddresses;range=0-1499`."""

import re
from dataclasses import dataclass

from console.core.errors import SourceError
from jobs.sources.ldap.filters import EVERY
from jobs.sources.ldap.session import Session
from jobs.sources.ldap.strategy import Attributes, raw

_RANGED = re.compile(r"(?P<name>.+);range=(?P<first>\d+)-(?P<last>\d+|\*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ranged:
    """An entry of which some attributes are not all there yet. `where` is its DN."""

    where: str
    attributes: Attributes


def is_ranged(attributes: Attributes) -> bool:
    return any(";" in name and _RANGED.fullmatch(name) for name in attributes)


def completed(session: Session, entry: Ranged) -> Attributes:
    """The attributes with the rest of each ranged one fetched ([MS-ADTS] section 3.1.1.3.1.3.3)."""
    whole: Attributes = {}
    for name, values in entry.attributes.items():
        ranged = _RANGED.fullmatch(name)
        plain = ranged["name"] if ranged else name
        rest = _rest(session, entry.where, plain, ranged["last"]) if ranged else []
        whole[plain] = [*whole.get(plain, ()), *values, *rest]
    return whole


def _rest(session: Session, dn: str, name: str, last: str) -> list[bytes]:
    """The values after number `last`, where "*" means that there are none."""
    values: list[bytes] = []
    while last != "*":
        wanted = f"{name};range={int(last) + 1}-*"
        page = session.search(dn, EVERY, [wanted], raw, scope="BASE", where=f"{name} of {dn}")
        last, more = _next(page.entries[0][1] if page.entries else {}, int(last) + 1, f"{name} of {dn}")
        values += more
    return values


def _next(attributes: Attributes, first: int, what: str) -> tuple[str, list[bytes]]:
    """Where the range that begins with number `first` ends, and its values."""
    for name, values in attributes.items():
        ranged = _RANGED.fullmatch(name)
        if ranged and int(ranged["first"]) == first and (ranged["last"] == "*" or int(ranged["last"]) >= first):
            return ranged["last"], values
    raise SourceError(
        f"The server did not give all values of {what}, so addresses would be missing. Nothing was changed. Try again."
    )
