"""The first sheet of an Excel workbook (.xlsx) as records of cells.

Office Open XML (ECMA-376 part 1, sections 18.3 and 18.4), as far as cells with text need it. Why no library does it:
docs/adr/0010-reading-exported-files.md. Everything is read as it is unpacked and counted on the way, and a document
type, which could define entities, is refused.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from posixpath import join, normpath
from xml.parsers import expat

from console.core.errors import SourceError
from jobs.sources.csv.limits import UNPACKED_LIMIT
from jobs.sources.csv.records import Record
from jobs.sources.csv.sheet import Sheet, Texts

_WORKBOOK, _TEXTS = "xl/workbook.xml", "xl/sharedStrings.xml"
_RELATIONS = "xl/_rels/workbook.xml.rels"
_CHUNK = 1 << 16
_DAMAGED = "The Excel file is damaged or not a usual one. Open it, save it as “CSV UTF-8”, and import that file."
_RELATION_ID = re.compile(r"(?:.*:)?id")


@dataclass(frozen=True, slots=True)
class Opened:
    """Rows with the numbers that Excel shows; `share` tells how much was read, from 0 to 1."""

    records: Iterator[Record]
    share: Callable[[], float]
    warnings: tuple[str, ...]


def opened(content: bytes) -> Opened:
    """Open a workbook, whose parts were counted before. Raises SourceError, and so do the records."""
    try:
        packed = _Packed(zipfile.ZipFile(BytesIO(content)))
        path, warnings = _first_sheet(packed)
        texts = Texts()
        if _TEXTS in packed:
            for _ in packed.parse(_TEXTS, texts.start, texts.end, texts.data):
                pass
    except _FAULTS as error:
        raise SourceError(_DAMAGED, permanent=True, detail=str(error)[:200]) from None
    sheet = Sheet(texts.found)
    return Opened(_records(packed, path, sheet), lambda: packed.share(path), warnings)


_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    expat.ExpatError,
    KeyError,  # a part that is named and missing
    ValueError,
    IndexError,
    OverflowError,
    EOFError,
    OSError,
    RuntimeError,  # a part with a password
    NotImplementedError,  # a compression that zipfile does not know
)


def _records(packed: "_Packed", path: str, sheet: Sheet) -> Iterator[Record]:
    try:
        for _ in packed.parse(path, sheet.start, sheet.end, sheet.data):
            yield from sheet.complete()
        yield from sheet.complete()
    except _FAULTS as error:
        raise SourceError(_DAMAGED, permanent=True, detail=str(error)[:200]) from None


def _first_sheet(packed: "_Packed") -> tuple[str, tuple[str, ...]]:
    """The part of the first sheet that can be seen, and a warning if there are others."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next(value for label, value in attributes.items() if _RELATION_ID.fullmatch(label))
            sheets.append((attributes.get("name", ""), relation))

    def target(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[attributes["Id"]] = attributes["Target"]

    for part, start in ((_WORKBOOK, sheet), (_RELATIONS, target)):
        for _ in packed.parse(part, start):
            pass
    if not sheets:
        raise SourceError("The Excel file has no sheet that can be seen.", permanent=True)
    name, relation = sheets[0]
    path = targets[relation]
    path = path.lstrip("/") if path.startswith("/") else normpath(join("xl", path))
    if len(sheets) == 1:
        return path, ()
    return path, (f"The workbook has {len(sheets)} sheets. Only the first, “{name[:100]}”, was read.",)


class _Packed:
    """The parts of the zip file, unpacked as they are read, and never more than UNPACKED_LIMIT of them."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._unpacked = 0
        self._read: dict[str, int] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._archive.NameToInfo

    def share(self, path: str) -> float:
        size = self._archive.getinfo(path).file_size
        return min(self._read.get(path, 0) / size, 1.0) if size else 0.0

    def parse(
        self,
        path: str,
        start: Callable[[str, dict[str, str]], None],
        end: Callable[[str], None] | None = None,
        data: Callable[[str], None] | None = None,
    ) -> Iterator[None]:
        """Parse a part of XML; yields after each chunk, so that a caller can take what has come."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = data
        parser.StartDoctypeDeclHandler = _refuse
        with self._archive.open(path) as part:
            while chunk := part.read(_CHUNK):
                self._read[path] = self._read.get(path, 0) + len(chunk)
                self._unpacked += len(chunk)
                if self._unpacked > UNPACKED_LIMIT:
                    raise SourceError(
                        f"Unpacked, the Excel file is larger than {UNPACKED_LIMIT // 1_000_000} MB, so it is not read. "
                        "Copy the users to a new workbook, or save them as “CSV UTF-8”.",
                        permanent=True,
                    )
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)


def _refuse(*_: object) -> None:
    raise ValueError("The part has a document type.")
