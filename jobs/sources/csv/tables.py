"""A file as records of cells, whatever it is encoded and separated by."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from jobs.sources.csv.dialect import NO_SEPARATOR, dialect_of, listed
from jobs.sources.csv.encoding import encoding_of
from jobs.sources.csv.encoding import opened as decoded
from jobs.sources.csv.filetypes import is_workbook, refuse_if_binary, refuse_if_no_table
from jobs.sources.csv.limits import RECORD_LIMIT
from jobs.sources.csv.records import Record, Records
from jobs.sources.csv.workbook import opened as unpacked

EXCEL = "Excel workbook"


@dataclass(frozen=True, slots=True)
class Table:
    """The records of a file, which can be read once, and labels for how they are written down.

    `place` is the word for a record's number. `share` tells how much of the file was read, from 0 to 1. A list has one
    address in each line, with a name or without. `doubtful` grows while the records are read.
    """

    records: Iterator[Record]
    encoding: str
    separator: str
    share: Callable[[], float]
    place: str = "line"
    is_list: bool = False
    warnings: tuple[str, ...] = ()
    doubtful: Sequence[int] = ()

    def total(self, rows: int) -> int | None:
        """A guess at how many rows there are, when this many were read."""
        share = self.share()
        return max(rows, int(rows / share)) if share else None


def opened(content: bytes, domain: str) -> Table:
    """The table in a file. Raises SourceError for a file that is none."""
    if is_workbook(content):
        sheet = unpacked(content)
        return Table(sheet.records, EXCEL, NO_SEPARATOR, sheet.share, place="row", warnings=sheet.warnings)
    refuse_if_no_table(content)
    encoding = encoding_of(content, domain)
    if not encoding.wide:
        refuse_if_binary(content)
    dialect = dialect_of(decoded(content, encoding)[1])
    raw, text = decoded(content, encoding)
    for _ in range(dialect.skipped):
        text.readline(RECORD_LIMIT)
    share = partial(_share, raw.tell, len(content))
    warnings = (encoding.warning,) if encoding.warning else ()
    labels = (encoding.label, dialect.label)
    if dialect.separator is None:
        return Table(listed(text.readline, dialect.skipped), *labels, share, is_list=True, warnings=warnings)
    records = Records(text.readline, dialect.separator, dialect.skipped)
    return Table(iter(records), *labels, share, warnings=warnings, doubtful=records.doubtful)


def _share(tell: Callable[[], int], size: int) -> float:
    return min(tell() / size, 1.0)
