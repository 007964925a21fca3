"""One row becomes a Person or a Reject. Pure."""

import re
from collections.abc import Sequence

from console.core.address import Address, key, parse
from console.core.errors import AddressError
from console.core.person import Kind, Person, Reject
from console.core.user_csv import unguarded
from jobs.sources.csv import kinds
from jobs.sources.csv.cells import Claims, claims_of, clean, name, own_claims, what
from jobs.sources.csv.columns import Layout
from jobs.sources.csv.formats import BY_HAND
from jobs.sources.csv.limits import ADDRESS_LIMIT
from jobs.sources.csv.settings import Meaning

_TENANT = ".onmicrosoft.com"
_EXTERNAL = "#EXT#"
# Mailboxes that Exchange makes for itself, by their names. Migration and FederatedEmail are followed by a GUID: without
# it they could be people's.
_GUID = r"\{?[0-9a-f]{8}-[0-9a-f]{4}-"
_SYSTEM = re.compile(
    rf"healthmailbox[0-9a-f]{{7}}|systemmailbox\{{|discoverysearchmailbox\{{|(?:migration|federatedemail)\.{_GUID}"
).match
# A date and time in whatever form; a column about deletion may also say True or False of something else.
_DATE = re.compile(r"\d(?:\D?\d){3}").search
Outcome = Person | Reject


class Reader:
    """Reads the rows of one layout. `place` is “line” or “row”, `useless` counts cells that lost their value."""

    def __init__(self, layout: Layout, domain: str, place: str) -> None:
        self.useless = 0
        self._layout = layout
        self._domain = domain
        self._place = place
        self._own = layout.format.own
        self._default = domain if self._own or layout.format is BY_HAND else None
        self._width = len(layout.meanings)
        self._address = layout.index(Meaning.ADDRESS)
        self._login = layout.index(Meaning.LOGIN)
        self._aliases = layout.indices(Meaning.ALIASES, Meaning.ALL_ADDRESSES)
        self._first_name = layout.index(Meaning.FIRST_NAME)
        self._last_name = layout.index(Meaning.LAST_NAME)
        self._name = layout.index(Meaning.NAME)
        self._kind = layout.index(Meaning.KIND)
        self._group = layout.index(Meaning.GROUP)
        self._status = layout.index(Meaning.STATUS)
        self._deleted = layout.index(Meaning.DELETED)
        self._states_aliases = self._own or Meaning.ALL_ADDRESSES in layout.meanings
        self._spoken = self._spoken_columns()
        self._absent = frozenset({"kind", "aliases", "first_name", "last_name"} - {field for field, _ in self._spoken})
        self._groups: dict[str, str] = {}
        self._silences: dict[tuple[str, ...], frozenset[str]] = {}

    def __call__(self, line: int, cells: list[str]) -> Outcome:
        where = f"{self._place} {line}"
        if self._own:
            cells = [unguarded(cell) if cell.startswith("'") else cell for cell in cells]
        more: Sequence[str] = ()
        silent: list[str] = []
        if len(cells) < self._width:
            # An empty cell of aliases may take addresses away; one that is missing must not.
            silent = [field for field, index in self._spoken if index >= len(cells)]
            cells += [""] * (self._width - len(cells))
        elif len(cells) > self._width:
            more = [cell for cell in cells[self._width :] if cell.strip()]
            if more and not (self._layout.more_aliases and all("@" in cell for cell in more)):
                # One separator too many would put a value under another's header.
                said = f"The row has {len(cells)} cells, but there are {self._width} columns: a value with a separator"
                return Reject(
                    where, what(", ".join(map(str.strip, cells))), f"{said} in it must stand in quotation marks."
                )
        return self._person(where, cells, more, silent)

    def _person(self, where: str, cells: list[str], more: Sequence[str], silent: list[str]) -> Outcome:
        notes: list[Reject] = []
        kind, reason = self._read_kind(where, cells, notes, silent) if self._kind is not None else (None, "")
        reason = self._left_out(cells, silent) or reason
        told = [cells[index] for index in self._aliases if cells[index]]
        told.extend(more)
        addresses = self._addresses(where, cells, told, notes, silent)
        if not addresses:
            why = reason or (notes[-1].why if notes else self._no_address(cells))
            return Reject(where, self._shown(cells), why)
        if len(addresses) > ADDRESS_LIMIT:
            return Reject(where, addresses[0], f"The row has more than {ADDRESS_LIMIT} addresses.")
        if not reason and _SYSTEM(addresses[0]):
            reason = kinds.SYSTEM
        first_name = name(cells[self._first_name]) if self._first_name is not None else ""
        last_name = name(cells[self._last_name]) if self._last_name is not None else ""
        if not first_name and not last_name and self._name is not None:
            # How a full name is to be split is a guess that would often be wrong.
            last_name = name(cells[self._name])
        return Person(
            where=where,
            primary=addresses[0],
            aliases=tuple(addresses[1:]) if len(addresses) > 1 else (),
            first_name=first_name,
            last_name=last_name,
            kind=kind or Kind.MAILBOX,
            left_out=reason,
            notes=tuple(notes) if notes else (),
            group=self._read_group(cells[self._group]) if self._group is not None else "",
            silent=self._silence(silent) if silent else self._absent,
        )

    def _addresses(
        self, where: str, cells: list[str], told: list[str], notes: list[Reject], silent: list[str]
    ) -> list[Address]:
        """All addresses of the row, the primary first; what cannot be one is noted."""
        text = cells[self._address].strip() if self._address is not None else ""
        if not told:
            if not self._states_aliases and self._aliases:
                silent.append("aliases")
            if text:
                try:
                    address = parse(text, self._default)
                except AddressError:
                    pass
                else:
                    if not address.endswith(_TENANT):
                        return [address]
        claims = Claims()
        if self._own:
            claims.others = [claim for cell in told for claim in own_claims(cell)]
        else:
            for cell in told:
                claims_of(cell, claims)
            self.useless += claims.useless
            if claims.useless or (not claims.others and not claims.primary and not self._states_aliases):
                silent.append("aliases")
        known: dict[str, Address] = {}
        stated = self._stated(text, notes, where, known)
        if not claims.primary and not stated and self._login is not None:
            login = cells[self._login].strip()
            stated = [login] if login and _EXTERNAL not in login.upper() else []
        ordered = [*claims.primary[:1], *stated, *claims.primary[1:], *claims.others]
        return self._parsed(where, ordered, notes, known)

    def _stated(self, text: str, notes: list[Reject], where: str, known: dict[str, Address]) -> list[str]:
        """The claims of the address column: one address, or one with a name or a type around it, or several."""
        if not text:
            return []
        try:
            address = parse(text, self._default)
        except AddressError as error:
            claims = Claims()
            claims_of(text, claims)
            if not claims.primary and not claims.others:
                notes.append(Reject(where, what(text), error.sentence))
            return [*claims.primary, *claims.others]
        known[text] = known[address] = address
        return [address]

    def _parsed(
        self, where: str, claims: Sequence[str], notes: list[Reject], known: dict[str, Address]
    ) -> list[Address]:
        """The claims as addresses, each once. `known` are texts of the row that were parsed already."""
        found: dict[str, Address] = {}
        for claim in claims:
            address = known.get(claim)
            if address is None:
                try:
                    address = known[claim] = parse(claim, self._default)
                except AddressError as error:
                    notes.append(Reject(where, what(claim), error.sentence))
                    continue
            if not address.endswith(_TENANT) or address.endswith(f"@{self._domain}"):
                found.setdefault(key(address), address)
        return list(found.values())

    def _no_address(self, cells: list[str]) -> str:
        columns = [self._address, self._login, *self._aliases]
        if any(_TENANT in cells[index].lower() for index in columns if index is not None):
            return "Its only address is in onmicrosoft.com, which Microsoft gives to everybody and no mail comes to."
        return "The row has no address."

    def _shown(self, cells: list[str]) -> str:
        """What tells the row apart for a person: the value that is no address, else a name."""
        columns = (self._address, self._login, self._name, self._last_name, self._first_name)
        values = [cells[index] for index in columns if index is not None and cells[index].strip()]
        return what(values[0] if values else " ".join(cell for cell in cells if cell.strip()))

    def _read_kind(
        self, where: str, cells: list[str], notes: list[Reject], silent: list[str]
    ) -> tuple[Kind | None, str]:
        """The kind, if the row says it, or why somebody of this kind is no recipient."""
        text = cells[self._kind] if self._kind is not None else ""
        said = kinds.kind_of(text)
        if isinstance(said, Kind):
            return said, ""
        silent.append("kind")
        if said is None and text.strip():
            notes.append(Reject(where, what(text), "This kind is not known, so it is left out."))
        return None, said or ""

    def _left_out(self, cells: list[str], silent: list[str]) -> str:
        """Why the row is of nobody who receives mail here, or nothing."""
        if self._deleted is not None and cells[self._deleted] and _DATE(cells[self._deleted]):
            return kinds.DELETED
        if self._login is not None and "#" in cells[self._login] and _EXTERNAL in cells[self._login].upper():
            return kinds.GUEST
        if self._status is None or not cells[self._status]:
            return ""
        if not self._own:
            return kinds.left_out(cells[self._status])
        if kinds.stays_as_it_is(cells[self._status]):
            silent.append("status")
        return ""

    def _read_group(self, text: str) -> str:
        """One text for all rows of a group."""
        group = clean(text)
        return self._groups.setdefault(group, group)

    def _spoken_columns(self) -> list[tuple[str, int]]:
        """The fields of a Person that there are columns for."""
        columns = [("kind", self._kind), ("first_name", self._first_name), ("last_name", self._last_name)]
        if self._aliases:
            columns.append(("aliases", self._aliases[0]))
        return [(field, index) for field, index in columns if index is not None]

    def _silence(self, further: list[str]) -> frozenset[str]:
        """One set for all rows that are silent on the same."""
        found = tuple(further)
        if found not in self._silences:
            self._silences[found] = self._absent.union(found)
        return self._silences[found]
