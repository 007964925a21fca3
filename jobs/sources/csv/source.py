"""Users from an exported file."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from console.core.errors import SourceError
from console.core.person import Snapshot
from jobs.sources.csv import tables
from jobs.sources.csv.columns import Layout, layout_of
from jobs.sources.csv.limits import SAMPLE_ROWS, SHOWN_ROWS, STEP
from jobs.sources.csv.people import People
from jobs.sources.csv.recognised import ColumnsUnknown, Recognised, Row, columns_of, row_of
from jobs.sources.csv.records import Record
from jobs.sources.csv.rows import Reader
from jobs.sources.csv.settings import CsvSettings, Meaning
from jobs.sources.csv.tables import Table
from jobs.sources.source import Progress, Trial

_AGAIN = "Export the users once more, and look into the file before importing it."


class CsvSource:
    """A Source: everybody in a file. After `fetch`, `recognised` tells what the file was taken for."""

    def __init__(self, content: bytes, settings: CsvSettings) -> None:
        self._content = content
        self._settings = settings
        self.recognised: Recognised | None = None

    def fetch(self, progress: Progress, since: Mapping[str, Any] | None = None) -> Snapshot:  # noqa: ARG002
        """Read the file to its end, whatever was read before.

        Raises ColumnsUnknown where a person must say which column is the address, and SourceError for what is no list
        of users.
        """
        progress("reading")
        table = tables.opened(self._content, self._settings.domain)
        sample = list(islice(table.records, SAMPLE_ROWS))
        if not sample:
            raise SourceError(f"The file has no rows. {_AGAIN}", permanent=True)
        layout = layout_of([cells for _, cells in sample], self._settings, is_list=table.is_list)
        rows = sample[1:] if layout.header else sample
        seen = _seen(table, layout, rows)
        if not rows:
            raise SourceError(f"The file has headers, but no users. {_AGAIN}", permanent=True)
        if not layout.has_addresses:
            raise ColumnsUnknown(_unknown(layout, self._settings), seen)
        reader = Reader(layout, self._settings.domain, table.place)
        people = People(pairs=set(layout.meanings) == {Meaning.ADDRESS, Meaning.ALIASES})
        shown: list[Row] = []
        done = 0
        record: Record
        for record in chain(rows, table.records):
            found = reader(*record)
            double = people.add(found)
            done += 1
            if done <= SHOWN_ROWS:
                shown.append(row_of(record[0], found, double))
            if not done % STEP:
                progress("reading", done, table.total(done))
        progress("reading", done, done)
        doubts = (*_useless(reader.useless), *_doubtful(table.doubtful))
        self.recognised = replace(seen, rows=tuple(shown), warnings=(*seen.warnings, *doubts))
        return Snapshot(people.all(), tuple(people.rejects), complete=self._settings.complete)

    def test(self, progress: Progress) -> Trial:
        """Read as `fetch` does, to say what it would find."""
        snapshot = self.fetch(progress)
        wanted = [person.primary for person in snapshot.people if not person.left_out]
        left_out = len(snapshot.people) - len(wanted)
        facts: tuple[tuple[str, str], ...] = ()
        warnings: tuple[str, ...] = ()
        if seen := self.recognised:
            facts = (("Format", seen.format), ("Encoding", seen.encoding), ("Separator", seen.separator))
            warnings = seen.warnings
        if left_out:
            warnings += (
                f"{left_out} of {snapshot.read} rows are left out, because the file says that they should be.",
            )
        return Trial(facts, snapshot.read, tuple(wanted[:10]), warnings)


def _seen(table: Table, layout: Layout, rows: Sequence[Record]) -> Recognised:
    return Recognised(
        format=layout.format.label,
        encoding=table.encoding,
        separator=table.separator,
        header=layout.header,
        columns=columns_of(layout, [cells for _, cells in rows]),
        warnings=(*table.warnings, *layout.warnings),
    )


def _unknown(layout: Layout, settings: CsvSettings) -> str:
    if settings.columns is not None:
        return "None of the columns was chosen to be the address. Choose the one that holds the addresses."
    said = "No column of the file could be told to be the address"
    return f"{said}. Choose the column that holds the addresses{', and what the others hold' * bool(layout.names)}."


def _useless(count: int) -> tuple[str, ...]:
    """What to do about PowerShell's lists that were not joined."""
    if not count:
        return ()
    return (
        f"In {count} {'row' if count == 1 else 'rows'} PowerShell wrote the type of a list, such as "
        "“System.Collections.ArrayList”, in place of the addresses, so further addresses are missing. Join them in the "
        "export: @{n='EmailAddresses';e={$_.EmailAddresses -join ' '}}.",
    )


def _doubtful(lines: Sequence[int]) -> tuple[str, ...]:
    if not lines:
        return ()
    others = f" and in {len(lines) - 1} more places" if len(lines) > 1 else ""
    return (
        f"In line {lines[0]}{others} a cell in quotation marks goes over several lines and seems to hold another row. "
        "If that is wrong, correct the quotation marks there and import the file anew.",
    )
