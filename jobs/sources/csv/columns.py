"""What each column of a file holds, by its header, and by what is in it where the header lies or is missing."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from jobs.sources.csv import formats
from jobs.sources.csv.dialect import IS_ADDRESS
from jobs.sources.csv.formats import Format
from jobs.sources.csv.headers import meaning_of, rank_of
from jobs.sources.csv.kinds import kind_of
from jobs.sources.csv.settings import CsvSettings, Meaning

_MOST = 0.5
# These may stand in several columns of a file; of the others one is enough.
_REPEATED = frozenset({Meaning.ALIASES, Meaning.ALL_ADDRESSES, Meaning.IGNORE})
_OWN = (
    Meaning.ADDRESS,
    Meaning.FIRST_NAME,
    Meaning.LAST_NAME,
    Meaning.KIND,
    Meaning.GROUP,
    Meaning.ALIASES,
    Meaning.STATUS,
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The meanings of the columns in their order. `names` are their headers, if there is one.

    Cells beyond the last column are aliases where `more_aliases` is true.
    """

    format: Format
    meanings: tuple[Meaning, ...]
    names: tuple[str, ...] = ()
    more_aliases: bool = False
    header: bool = False
    warnings: tuple[str, ...] = ()

    def index(self, meaning: Meaning) -> int | None:
        return self.meanings.index(meaning) if meaning in self.meanings else None

    def indices(self, *meanings: Meaning) -> tuple[int, ...]:
        return tuple(index for index, meaning in enumerate(self.meanings) if meaning in meanings)

    @property
    def has_addresses(self) -> bool:
        """Whether an address can be found in each row."""
        return bool(self.indices(Meaning.ADDRESS, Meaning.LOGIN, Meaning.ALL_ADDRESSES))


def layout_of(sample: Sequence[Sequence[str]], settings: CsvSettings, *, is_list: bool) -> Layout:
    """The layout that the first records of a file show. Where no column holds addresses, it has none that do."""
    width = max(map(len, sample))
    columns = [_Cells([row[index] for row in sample if index < len(row)]) for index in range(width)]
    header = _has_header(sample, columns) if settings.header is None else settings.header
    names = tuple(cell.strip(" \t\ufeff") for cell in sample[0]) if header else ()
    if header:
        width = len(names)
        columns = [_Cells([row[index] for row in sample[1:] if index < len(row)]) for index in range(width)]
    if settings.columns is not None:
        chosen = [settings.columns.get(index, Meaning.IGNORE) for index in range(max(width, *settings.columns) + 1)]
        known = formats.format_of(names) if header else formats.BY_HAND
        return Layout(known if known.own else formats.BY_HAND, tuple(chosen), names, header=header)
    if is_list:
        return Layout(formats.LIST, (Meaning.ADDRESS, Meaning.NAME), names, header=header)
    if header:
        return _by_headers(names, columns)
    return _by_content(columns)


class _Cells:
    """What the cells of a column are, as shares of those that are not empty."""

    def __init__(self, cells: Iterable[str]) -> None:
        self.all = [cell.strip() for cell in cells]
        self.filled = [cell for cell in self.all if cell]

    def share(self, fits: Callable[[str], object]) -> float:
        return sum(bool(fits(cell)) for cell in self.filled) / len(self.filled) if self.filled else 0

    @property
    def addresses(self) -> float:
        return self.share(_is_one)

    @property
    def kinds(self) -> float:
        return self.share(lambda cell: kind_of(cell) is not None)


def _is_one(cell: str) -> object:
    """An address, with a name before it or not."""
    return IS_ADDRESS(cell) or (cell.endswith(">") and IS_ADDRESS(cell.rpartition("<")[2]))


def _is_local_part(cell: str) -> bool:
    return "@" not in cell and not any(map(str.isspace, cell))


def _has_header(sample: Sequence[Sequence[str]], columns: Sequence[_Cells]) -> bool:
    """A first row without an address in it, but with a known word or above a column of addresses."""
    first = [cell.strip() for cell in sample[0]]
    if any("@" in cell for cell in first):
        return False
    if any(meaning_of(cell) is not None for cell in first):
        return True
    return any(
        bool(cell) and _Cells(columns[index].all[1:]).addresses >= _MOST for index, cell in enumerate(first) if cell
    )


def _by_headers(names: tuple[str, ...], columns: Sequence[_Cells]) -> Layout:
    known = formats.format_of(names)
    meanings = _meanings(names)
    if known.own and Meaning.ADDRESS not in meanings:
        meanings[0] = Meaning.ADDRESS
    for index, meaning in enumerate(meanings):
        # “Type” may be that of a contract. Addresses in its place are for the search below.
        told = max(columns[index].kinds, columns[index].addresses)
        if meaning is Meaning.KIND and not known.own and told < _MOST:
            meanings[index] = Meaning.IGNORE
    layout = Layout(known, tuple(meanings), names, more_aliases=meanings[-1] is Meaning.ALIASES, header=True)
    at = layout.index(Meaning.ADDRESS)
    if at is not None and _holds_addresses(columns[at], known):
        return layout
    others = layout.index(Meaning.LOGIN), *layout.indices(Meaning.ALL_ADDRESSES)
    if (at is None or not columns[at].filled) and any(
        index is not None and columns[index].share(lambda cell: "@" in cell) >= _MOST for index in others
    ):
        return layout
    return _found(layout, columns)


def _meanings(names: Sequence[str]) -> list[Meaning]:
    """By the headers alone. Where several columns have one meaning, the one with the best word for it has it."""
    told: list[Meaning] = [meaning_of(name) or Meaning.IGNORE for name in names]
    for meaning in set(told) - _REPEATED:
        rivals = sorted((rank_of(names[index]), index) for index, one in enumerate(told) if one is meaning)
        for _, index in rivals[1:]:
            told[index] = Meaning.IGNORE
    return told


def _holds_addresses(column: _Cells, known: Format) -> bool:
    if known.own:
        return column.share(lambda cell: "@" in cell or _is_local_part(cell)) >= _MOST
    return column.share(lambda cell: "@" in cell) >= _MOST


def _found(layout: Layout, columns: Sequence[_Cells]) -> Layout:
    """The layout with the address where the addresses are; whatever was said to be there is told by its content."""
    own = [
        index
        for index, column in enumerate(columns)
        if layout.meanings[index] not in (Meaning.ALIASES, Meaning.ALL_ADDRESSES) and not _another_s(layout, index)
    ]
    best = max(own, key=lambda index: columns[index].addresses, default=None)
    if best is None or columns[best].addresses < _MOST:
        return replace(layout, meanings=tuple(_without_addresses(layout.meanings)))
    said = layout.index(Meaning.ADDRESS)
    meanings: list[Meaning] = [Meaning.IGNORE if meaning is Meaning.ADDRESS else meaning for meaning in layout.meanings]
    meanings[best] = Meaning.ADDRESS
    if said is not None and Meaning.KIND in layout.meanings:
        # Values that are swapped under the header: what was to be the address may be the kind, or the name.
        moved = [index for index in layout.indices(Meaning.KIND, Meaning.ADDRESS) if index != best]
        for index in moved:
            meanings[index] = Meaning.KIND if columns[index].kinds >= _MOST else Meaning.IGNORE
    warnings = layout.warnings
    if said is not None:
        warnings += (
            f"The header says that the addresses are in the column “{layout.names[said]}”, but they are in "
            f"{_column(layout.names, best)}, so they are taken from there.",
        )
    return replace(layout, meanings=tuple(meanings), warnings=warnings)


def _another_s(layout: Layout, index: int) -> bool:
    """Whether the header says that the addresses in a column are of another person or of another kind."""
    return index < len(layout.names) and meaning_of(layout.names[index]) is Meaning.IGNORE


def _without_addresses(meanings: Sequence[Meaning]) -> list[Meaning]:
    lost = (Meaning.ADDRESS, Meaning.LOGIN, Meaning.ALL_ADDRESSES)
    return [Meaning.IGNORE if meaning in lost else meaning for meaning in meanings]


def _column(names: Sequence[str], index: int) -> str:
    return f"the column “{names[index]}”" if index < len(names) and names[index] else f"column {index + 1}"


def _by_content(columns: Sequence[_Cells]) -> Layout:
    """Without a header: the first column of addresses, names before it, kinds and aliases after it."""
    nothing = Layout(formats.BY_CONTENT, (Meaning.IGNORE,) * len(columns))
    at = next((index for index, column in enumerate(columns) if column.addresses >= _MOST), None)
    if at is None:
        return nothing
    meanings = [Meaning.IGNORE] * at + [Meaning.ADDRESS]
    if at == 2:
        # First, Last, Primary, then a telephone number or not, and aliases: old and new rows may even be mixed.
        meanings[:2] = Meaning.FIRST_NAME, Meaning.LAST_NAME
        meanings += [Meaning.ALIASES] * (len(columns) - 3)
        return Layout(formats.PROOFPOINT, tuple(meanings), more_aliases=True)
    if at == 1 and not columns[0].kinds >= _MOST:
        meanings[0] = Meaning.NAME
    if at == 0 and len(columns) == 2 and columns[1].addresses >= _MOST:
        return Layout(formats.PAIRS, (Meaning.ADDRESS, Meaning.ALIASES))
    for column in columns[at + 1 :]:
        if column.share(lambda cell: "@" in cell) >= _MOST:
            meanings.append(Meaning.ALIASES)
        elif Meaning.KIND not in meanings and column.kinds >= _MOST:
            meanings.append(Meaning.KIND)
        else:
            meanings.append(Meaning.IGNORE)
    if at == 0 and _is_own(meanings):
        return Layout(formats.OWN, _OWN[: len(meanings)])
    return Layout(formats.BY_CONTENT, tuple(meanings))


def _is_own(meanings: Sequence[Meaning]) -> bool:
    """Address, two names, kind: what only the console's own format has in this order."""
    return (
        3 < len(meanings) <= len(_OWN) and meanings[1] is meanings[2] is Meaning.IGNORE and meanings[3] is Meaning.KIND
    )
