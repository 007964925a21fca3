"""The lines of a text as records of cells, in bounded memory whatever the text is."""

import csv
from collections.abc import Callable, Iterator

from console.core.errors import SourceError
from jobs.sources.csv.limits import COLUMN_LIMIT, RECORD_LIMIT

Record = tuple[int, list[str]]
"""The number of the first line of a record, as an editor shows it, and its cells."""


class Records:
    """Iterates over the records of a text; blank ones are passed over. Raises SourceError where it cannot go on.

    `readline` takes the most characters to return and gives an empty text at the end. `line` is the number of lines
    before the first one. Python's reader is strict here: it then refuses a cell in which a quotation mark is followed
    by something other than a separator, which is how a mark that was never closed comes to light. Where such a cell
    stands in one line, it is read as sloppy programs mean it. `doubtful` are the lines of records with a cell over
    several lines in which a row seems to stand: two marks that were left open make such a one, too.
    """

    def __init__(self, readline: Callable[[int], str], delimiter: str, line: int = 0) -> None:
        self._readline = readline
        self._delimiter = delimiter
        self._before = line
        self._lines = 0
        self._ended = 0  # How many lines belong to records that are complete.
        self._held: list[str] = []
        self._size = 0
        self._first = ""
        self.doubtful: list[int] = []

    def __iter__(self) -> Iterator[Record]:
        """Most lines have no quotation mark: they are split at once, in a third of the reader's time."""
        reader = csv.reader(self._feed(), delimiter=self._delimiter, strict=True)
        cell_limit = csv.field_size_limit()
        while text := self._readline(RECORD_LIMIT + 1):
            if '"' in text or len(text) > cell_limit:
                self._first = text
                try:
                    cells = next(reader)
                except csv.Error as error:
                    cells = self._sloppy(str(error))
            else:
                self._lines += 1
                cells = text.removesuffix("\n").split(self._delimiter)
            line = self._complete(cells)
            if not _blank(cells):
                yield line, cells

    def _complete(self, cells: list[str]) -> int:
        """The line in which a record began."""
        line = self._before + self._ended + 1
        if self._lines - self._ended > 1 and any(self._holds_a_row(cell) for cell in cells):
            self.doubtful.append(line)
        self._ended = self._lines
        if len(cells) > COLUMN_LIMIT:
            raise _refusal(f"Line {line} has more than {COLUMN_LIMIT:,} columns", "this is no list of users")
        return line

    def _holds_a_row(self, cell: str) -> bool:
        later = cell.split("\n")[1:]
        return any("@" in line and self._delimiter in line and ":" not in line for line in later)

    def _feed(self) -> Iterator[str]:
        """The line that a record begins with, which was read already, and those that the reader asks for."""
        while text := self._first or self._readline(RECORD_LIMIT + 1):
            self._first = ""
            self._lines += 1
            if self._lines - self._ended > 1:
                self._held.append(text)
                self._size += len(text)
            else:
                self._held = [text]
                self._size = len(text)
            if self._size > RECORD_LIMIT:
                if len(self._held) > 1:
                    raise self._unclosed()
                line = self._before + self._lines
                raise _refusal(f"Line {line} is longer than {RECORD_LIMIT:,} characters", "this is no list of users")
            yield text

    def _sloppy(self, fault: str) -> list[str]:
        """The cells of a line that is not strictly CSV. Raises SourceError where it cannot be told from the next."""
        if len(self._held) > 1 or "unexpected end" in fault:
            raise self._unclosed() from None
        try:
            return next(csv.reader(self._held, delimiter=self._delimiter))
        except csv.Error:
            line = self._before + self._lines
            raise _refusal(f"A cell in line {line} is longer than 131,072 characters", "this is no address") from None

    def _unclosed(self) -> SourceError:
        line = self._before + self._ended + 1 + _opened_at("".join(self._held), self._delimiter)
        return _refusal(
            f"The quotation mark at the begin of a cell in line {line} is never closed, so where its row ends is "
            "unknown",
            "correct that line, or export the file again",
        )


def _refusal(fault: str, advice: str) -> SourceError:
    return SourceError(f"{fault}: {advice}.", permanent=True)


def _blank(cells: list[str]) -> bool:
    """Spreadsheets write rows of separators, DOS an end mark."""
    if cells and cells[0] and cells[0][0].isalnum():
        return False
    return not any(cells) or not "".join(cells).strip(" \t\n\x1a\ufeff\u00a0")


def _opened_at(text: str, delimiter: str) -> int:
    """In which line, from 0, the cell begins whose quotation mark is not closed before a separator or a line's end."""
    opened, place, before = -1, 0, delimiter
    while place < len(text):
        character, after = text[place], text[place + 1 : place + 2]
        if character == '"' and opened < 0 and before in (delimiter, "\n"):
            opened = place
        elif character == '"' and opened >= 0:
            if after == '"':
                place += 1  # Two of them stand for one that is part of the cell.
            elif after in (delimiter, "\n", ""):
                opened = -1
            else:
                break
        before = character
        place += 1
    return text.count("\n", 0, max(opened, 0))
