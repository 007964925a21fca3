"""What expat finds in the XML of a sheet and of its shared texts becomes cells."""

import re
from collections.abc import Iterator

from console.core.errors import SourceError
from jobs.sources.csv.limits import CELL_LIMIT, COLUMN_LIMIT, RECORD_LIMIT, SHARED_CHARACTERS, SHARED_TEXTS
from jobs.sources.csv.records import Record

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_COLUMN = re.compile("[A-Z]{1,3}")


class _Local(dict[str, str]):
    """Names of elements without the prefix that some programs write before each."""

    def __missing__(self, name: str) -> str:
        self[name] = local = name.rpartition(":")[2]
        if len(self) > 1000:
            self.clear()
        return local


class Texts:
    """The texts that cells refer to by number, each of one piece or of several that are formatted differently."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._names = _Local()
        self._pieces: list[str] = []
        self._within = False
        self._spoken = 0
        self._size = 0

    def start(self, name: str, _: dict[str, str]) -> None:
        name = self._names[name]
        if name == "si":
            self._pieces = []
        elif name == "rPh":
            self._spoken += 1  # How a Japanese text is pronounced, which is no part of it.
        self._within = name == "t" and not self._spoken

    def end(self, name: str) -> None:
        name = self._names[name]
        self._within = False
        if name == "rPh":
            self._spoken -= 1
        elif name == "si":
            if len(self.found) >= SHARED_TEXTS:
                raise _too_large()
            self.found.append(_unescaped("".join(self._pieces)))

    def data(self, text: str) -> None:
        if self._within:
            self._pieces.append(text)
            self._size += len(text)
            if self._size > SHARED_CHARACTERS:
                raise _too_large()


class Sheet:
    """The rows of a sheet. Cells without a value are not in the file, or have only a format."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._names = _Local()
        self._rows: list[Record] = []
        self._row: list[str] = []
        self._number = 0
        self._column = -1
        self._kind = ""
        self._pieces: list[str] = []
        self._within = False
        self._spoken = 0
        self._cells = 0
        self._size = 0

    def complete(self) -> Iterator[Record]:
        """The rows that have come since."""
        rows, self._rows = self._rows, []
        return iter(rows)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = self._names[name]
        if name == "c":
            self._start_cell(attributes)
        elif name in ("v", "t"):
            self._within = not self._spoken
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._row, self._column, self._size = [], -1, 0
        elif name == "rPh":
            self._spoken += 1

    def end(self, name: str) -> None:
        name = self._names[name]
        if name in ("v", "t"):
            self._within = False
        elif name == "c":
            if self._pieces:
                self._end_cell()
        elif name == "row":
            if any(self._row):
                self._rows.append((self._number, self._row))
        elif name == "rPh":
            self._spoken -= 1

    def data(self, text: str) -> None:
        if self._within:
            self._pieces.append(text)
            self._size += len(text)
            if self._size > RECORD_LIMIT:
                raise _too_large()

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._cells += 1
        if self._cells > CELL_LIMIT:
            raise _too_large()
        place = _COLUMN.match(attributes.get("r", ""))
        self._column = _number(place.group()) if place else self._column + 1
        self._kind = attributes.get("t", "n")
        self._pieces = []

    def _end_cell(self) -> None:
        text = "".join(self._pieces)
        if self._kind == "s":
            text = self._texts[int(text)]
        elif self._kind == "b":
            text = "TRUE" if text == "1" else "FALSE"
        elif self._kind == "e":
            text = ""  # Such as #N/A: what was computed failed.
        else:
            text = _unescaped(text)
        if not text:
            return
        if self._column >= COLUMN_LIMIT:
            raise SourceError(
                f"Row {self._number} has more than {COLUMN_LIMIT:,} columns: this is no list of users.", permanent=True
            )
        missing = self._column - len(self._row)
        if missing > 0:
            self._row.extend([""] * missing)
        if missing < 0:
            self._row[self._column] = text
        else:
            self._row.append(text)


def _number(letters: str) -> int:
    """The column, from 0, of A, B, ..., Z, AA and so on."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _unescaped(text: str) -> str:
    """What XML cannot hold stands as _x and four digits."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _too_large() -> SourceError:
    return SourceError(
        "The Excel file has more in it than a list of users would. Copy the users to a new workbook, or save them as "
        "“CSV UTF-8”.",
        permanent=True,
    )
