"""What was made of a file, to be shown before anything changes."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from console.core.errors import SourceError
from console.core.person import Person, Reject
from jobs.sources.csv.cells import clean
from jobs.sources.csv.columns import Layout
from jobs.sources.csv.limits import SHOWN_ADDRESSES, SHOWN_COLUMNS, SHOWN_SAMPLES, SHOWN_VALUE
from jobs.sources.csv.settings import Meaning


@dataclass(frozen=True, slots=True)
class Column:
    """A column, counted from 0, with its header, if it has one, and the first values in it."""

    index: int
    name: str
    meaning: Meaning
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was understood. `remark` is a sentence that says why it is left out, or empty."""

    line: int
    address: str = ""
    aliases: tuple[str, ...] = ()
    first_name: str = ""
    last_name: str = ""
    kind: str = ""
    group: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Labels of the format, the encoding and the separator, the columns, the first rows, and what is doubtful."""

    format: str
    encoding: str
    separator: str
    header: bool
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class ColumnsUnknown(SourceError):
    """No column can be told to be the address: a person must choose, from what `recognised` shows."""

    def __init__(self, sentence: str, recognised: Recognised) -> None:
        super().__init__(sentence, permanent=True)
        self.recognised = recognised


def columns_of(layout: Layout, rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    columns = []
    for index, meaning in enumerate(layout.meanings[:SHOWN_COLUMNS]):
        name = layout.names[index] if index < len(layout.names) else ""
        values = (clean(row[index][:SHOWN_VALUE]) for row in rows if index < len(row))
        samples = [value for value in dict.fromkeys(values) if value][:SHOWN_SAMPLES]
        columns.append(Column(index, clean(name[:SHOWN_VALUE]), meaning, tuple(samples)))
    return tuple(columns)


def row_of(line: int, found: Person | Reject, double: Reject | None) -> Row:
    """A row to show; `double` says why it is nobody new."""
    if isinstance(found, Reject):
        return Row(line, found.what[:SHOWN_VALUE], remark=found.why)
    return Row(
        line=line,
        address=found.primary,
        aliases=found.aliases[:SHOWN_ADDRESSES],
        first_name=found.first_name,
        last_name=found.last_name,
        kind=found.kind.value,
        group=found.group[:SHOWN_VALUE],
        remark=double.why if double is not None else found.left_out or " ".join(note.why for note in found.notes[:1]),
    )
