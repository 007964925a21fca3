"""How a text is made into records: what separates its cells, and which lines before the first record say nothing."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from jobs.sources.csv.headers import meaning_of
from jobs.sources.csv.limits import RECORD_LIMIT, SAMPLE_CHARACTERS, SAMPLE_ROWS
from jobs.sources.csv.records import Record

LABELS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
NO_SEPARATOR = "none"
# “sep=;” is Excel's own first line, “#TYPE ...” that of PowerShell.
_EXCEL = re.compile(r"\ufeff*\"?sep=([,;\t|])\"?\s*", re.IGNORECASE)
_TYPE = re.compile(r"\ufeff*\"?#TYPE\b", re.IGNORECASE)
_ADDRESS = r"[^\s@<>,;|\"]+@[^\s@<>,;|\"]+\.[^\s@<>,;|\".]+"
IS_ADDRESS = re.compile(rf"(?:smtp:|mailto:)?<?{_ADDRESS}>?", re.IGNORECASE).fullmatch
# “Ann Lee <ann@company.example>”, perhaps several of them in a line, as mail programs copy them.
_NAMED = re.compile(rf"([^<>@]*)<\s*({_ADDRESS})\s*>\s*(?:[,;]\s*|$)")
_TRAILING = re.compile(r"[,;]$")
_BETWEEN = re.compile(r"[\s,;]+")
_MOST = 0.8


@dataclass(frozen=True, slots=True)
class Dialect:
    """`separator` is None for a list of addresses, which has none. `skipped` lines stand before the first record."""

    separator: str | None
    skipped: int = 0

    @property
    def label(self) -> str:
        return LABELS[self.separator] if self.separator else NO_SEPARATOR


def dialect_of(text: io.TextIOWrapper) -> Dialect:
    """Look at the begin of a text, which is read from there."""
    first = text.readline(RECORD_LIMIT)
    skipped = 0
    if told := _EXCEL.fullmatch(first):
        return Dialect(told[1], 1)
    if _TYPE.match(first):
        skipped, first = 1, ""
    sample = (first + text.read(SAMPLE_CHARACTERS)).lstrip("\ufeff")
    lines = [line for line in sample.split("\n")[:SAMPLE_ROWS] if line.strip()]
    if len(lines) > 1 and len(sample) >= SAMPLE_CHARACTERS:
        lines.pop()  # It may be cut.
    if _is_list(lines):
        return Dialect(None, skipped)
    return Dialect(max(LABELS, key=lambda separator: _fitness(separator, lines)), skipped)


def listed(readline: Callable[[int], str], skipped: int) -> Iterator[Record]:
    """The records of a list of addresses: an address and a name for each."""
    line = skipped
    while text := readline(RECORD_LIMIT):
        line += 1
        if bare := text.strip(" \t\n\x1a\ufeff\u00a0"):
            for address, name in _members(bare):
                yield line, [address, name]


def _members(line: str) -> Iterator[tuple[str, str]]:
    if named := _named(line):
        yield from named
        return
    parts = [part for part in _BETWEEN.split(line) if part]
    if all(map(IS_ADDRESS, parts)):
        for part in parts:
            yield part, ""
    else:
        yield line.rstrip(",; "), ""


def _named(line: str) -> list[tuple[str, str]]:
    """Addresses and names, if the line consists of nothing else."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(line):
        member = _NAMED.match(line, at)
        if member is None:
            return []
        found.append((member[2], member[1].strip(" \t\"',;")))
        at = member.end()
    return found


def _is_list(lines: Sequence[str]) -> bool:
    """Whether the lines are addresses, with names or without, under a header or none, or the one line is several."""
    if len(lines) == 1:
        parts = [part for part in _BETWEEN.split(lines[0]) if part]
        return bool(_named(lines[0].strip())) or (len(parts) != 2 and all(map(IS_ADDRESS, parts)))
    fitting = [bool(_named(line.strip()) or IS_ADDRESS(_TRAILING.sub("", line.strip()))) for line in lines]
    if not any(fitting) or (not fitting[0] and any(separator in lines[0] for separator in LABELS)):
        return False
    return sum(fitting) >= _MOST * (len(lines) - 1)


def _fitness(separator: str, lines: Sequence[str]) -> tuple[int, int, float]:
    """How well a separator explains a text: known headers, rows with an address as a cell, rows of one width."""
    try:
        rows = list(csv.reader([f"{line}\n" for line in lines], delimiter=separator))
    except csv.Error:
        return 0, 0, 0
    rows = [row for row in rows if row]
    if not rows:
        return 0, 0, 0
    known = sum(meaning_of(cell) is not None for cell in rows[0]) if not any(map(IS_ADDRESS, rows[0])) else 0
    with_address = sum(any(map(IS_ADDRESS, (cell.strip() for cell in row))) for row in rows)
    widths = [len(row) for row in rows]
    usual = max(set(widths), key=widths.count)
    return known, with_address, widths.count(usual) / len(rows) if usual > 1 else 0
