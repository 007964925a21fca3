"""Rows gathered to a list in which each address is the primary one of one person."""

from dataclasses import dataclass, field, replace

from console.core.address import Address, key
from console.core.person import Person, Reject


@dataclass(slots=True)
class People:
    """`pairs` is true for formats that list one alias in each row: rows of one primary address then are one person.

    Of other rows with one address the first counts, unless it is left out: somebody who was deleted and made anew is
    listed twice.
    """

    pairs: bool = False
    rejects: list[Reject] = field(default_factory=list)
    _people: list[Person] = field(default_factory=list)
    _known: dict[str, int] = field(default_factory=dict)
    _more: dict[int, list[Address]] = field(default_factory=dict)

    def add(self, found: Person | Reject) -> Reject | None:
        """The reason why a row is nobody new, if it is not."""
        if isinstance(found, Reject):
            self.rejects.append(found)
            return found
        number = self._known.setdefault(key(found.primary), len(self._people))
        if number == len(self._people):
            self._people.append(found)
            return None
        return self._again(number, found)

    def _again(self, number: int, found: Person) -> Reject | None:
        known = self._people[number]
        if self.pairs:
            self._more.setdefault(number, []).extend(found.aliases)
            return None
        if known.left_out and not found.left_out:
            self._people[number] = found
            self.rejects.append(Reject(known.where, known.primary, known.left_out))
            return None
        why = found.left_out or f"{known.where.capitalize()} has this address already."
        double = Reject(found.where, found.primary, why)
        self.rejects.append(double)
        return double

    def all(self) -> tuple[Person, ...]:
        for number, aliases in self._more.items():
            person = self._people[number]
            own = {key(address): address for address in (person.primary, *person.aliases, *aliases)}
            self._people[number] = replace(person, aliases=tuple(own.values())[1:], silent=person.silent - {"aliases"})
        return tuple(self._people)
