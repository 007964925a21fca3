"""Files that are no text: what they are, told by their first bytes, and what to do instead."""

import re
import zipfile
from io import BytesIO

from console.core.errors import SourceError
from jobs.sources.csv.limits import WORKBOOK_PARTS

_SAVE = "Open it in the program that made it and save it as “CSV UTF-8”, then import that file."
_EXPORT = "Export the users as a CSV file and import that one."

_FIRST_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"\xd0\xcf\x11\xe0", f"This is an Excel file of the old kind (.xls), or one with a password. {_SAVE}"),
    (b"%PDF-", f"This is a PDF document. {_EXPORT}"),
    (b"\x89PNG", f"This is an image. {_EXPORT}"),
    (b"\xff\xd8\xff", f"This is an image. {_EXPORT}"),
    (b"GIF89a", f"This is an image. {_EXPORT}"),
    (b"II*\x00", f"This is an image. {_EXPORT}"),
    (b"MM\x00*", f"This is an image. {_EXPORT}"),
    (b"{\\rtf", f"This is a text document (RTF). {_EXPORT}"),
    (b"\x1f\x8b", "This is a compressed file. Unpack it and import the CSV file in it."),
    (b"7z\xbc\xaf\x27\x1c", "This is a compressed file. Unpack it and import the CSV file in it."),
    (b"Rar!\x1a", "This is a compressed file. Unpack it and import the CSV file in it."),
    (b"BZh91AY&SY", "This is a compressed file. Unpack it and import the CSV file in it."),
    (b"\xfd7zXZ", "This is a compressed file. Unpack it and import the CSV file in it."),
    (b"SQLite format 3", f"This is a database. {_EXPORT}"),
    (b"\x00\x01\x00\x00Standard ", f"This is a database. {_EXPORT}"),
    (b"!BDN", f"This is an Outlook data file. {_EXPORT}"),
)
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml|table|meta|head|body)\b", re.IGNORECASE)
_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*"|\[\s*[\{\["])')
_CENTRAL_ENTRY = b"PK\x01\x02"
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r\x0b\x0c\x1a"}) + b"\x7f"
_SAMPLE = 65_536


def refuse_if_no_table(content: bytes) -> None:
    """Raises SourceError with what the file is instead of a table of users, if that can be told."""
    if not content.strip(b" \t\r\n\x00\x1a\xef\xbb\xbf\xff\xfe"):
        raise _refusal("The file is empty. Export the users once more, and look into the file before importing it.")
    for start, sentence in _FIRST_BYTES:
        if content.startswith(start):
            raise _refusal(sentence)
    head = content[:1024]
    if _MARKUP.match(head):
        raise _refusal(f"This is a web page or an XML file, even if its name ends otherwise. {_SAVE}")
    if _JSON.match(head):
        raise _refusal(f"This is a JSON file. {_EXPORT}")


def refuse_if_binary(content: bytes) -> None:
    """Raises SourceError for bytes that no text in an encoding of one or more bytes a letter would have."""
    sample = content[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > 8 + len(sample) // 50:
        raise _refusal(f"This is no text file: it looks like a program or another binary file. {_EXPORT}")


def is_workbook(content: bytes) -> bool:
    """Whether this is an Excel workbook (.xlsx). Raises SourceError for every other kind of zip file."""
    if not content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return False
    names: set[str] = set()
    # Python makes an object of each entry, so they are counted before it may.
    if content.count(_CENTRAL_ENTRY) <= WORKBOOK_PARTS:
        try:
            with zipfile.ZipFile(BytesIO(content)) as packed:
                names = set(packed.namelist())
        except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, OSError):
            raise _refusal(f"This is a damaged zip file or Excel file. {_SAVE}") from None
    if "xl/workbook.xml" in names:
        return True
    if "xl/workbook.bin" in names:
        raise _refusal(f"This is a binary Excel file (.xlsb). {_SAVE}")
    if "word/document.xml" in names:
        raise _refusal(f"This is a Word document. {_EXPORT}")
    if "META-INF/manifest.xml" in names or "Index/Document.iwa" in names:
        raise _refusal(f"This is a spreadsheet or document of OpenOffice, LibreOffice or Numbers. {_SAVE}")
    raise _refusal("This is a zip file. Unpack it and import the CSV file in it.")


def _refusal(sentence: str) -> SourceError:
    return SourceError(sentence, permanent=True)
