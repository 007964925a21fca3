"""Which encoding a file is in."""

import codecs
import io
from dataclasses import dataclass

from jobs.sources.csv.alphabets import legacy_encoding

_CHUNK = 1 << 20
_SAMPLE = 8_192
_AROUND = 1 << 18
_HIGH = bytes(range(128, 256))

# UTF-32 comes first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF8, "utf-8", "UTF-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec of Python, a label for people, and the length of the mark at the file's begin. `warning` may be empty."""

    codec: str
    label: str
    mark: int = 0
    warning: str = ""

    @property
    def wide(self) -> bool:
        return self.codec.startswith(("utf-16", "utf-32"))


def encoding_of(content: bytes, domain: str) -> Encoding:
    """UTF-8 wherever it can be that, else what byte order marks, zeros and letters say.

    The domain's country says which letters to expect where the bytes alone leave it open.
    """
    for mark, codec, label in _MARKS:
        if content.startswith(mark):
            return Encoding(codec, label, len(mark))
    if wide := _without_mark(content[:_SAMPLE]):
        return Encoding(wide, "UTF-16")
    fault = _fault(content)
    if fault is None:
        return Encoding("utf-8", "UTF-8")
    around = max(0, fault - _AROUND)
    if _mainly_utf_8(content[around : fault + _AROUND]):
        line = content.count(b"\n", 0, fault) + 1
        return Encoding("utf-8", "UTF-8", warning=f"Characters are damaged from line {line} on, shown as “\ufffd”.")
    codec, label = legacy_encoding(content, domain)
    return Encoding(codec, label)


def opened(content: bytes, encoding: Encoding) -> tuple[io.BytesIO, io.TextIOWrapper]:
    """The bytes and, over them, the text, whose lines end in a line feed whatever they ended in."""
    raw = io.BytesIO(content)
    raw.seek(encoding.mark)
    return raw, io.TextIOWrapper(raw, encoding.codec, errors="replace", newline=None)


def _without_mark(sample: bytes) -> str:
    """UTF-16 without its mark: every other byte of the separators, line ends and Latin letters is zero."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    few, many = len(sample) // 100, len(sample) // 20
    if odd > many and even <= few:
        return "utf-16-le"
    if even > many and odd <= few:
        return "utf-16-be"
    return ""


def _fault(content: bytes) -> int | None:
    """Where the file stops being UTF-8. In chunks, since the whole text may take four times its bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    view = memoryview(content)
    for start in range(0, len(content), _CHUNK):
        held = len(decoder.getstate()[0])
        chunk = view[start : start + _CHUNK]
        try:
            decoder.decode(chunk, final=start + _CHUNK >= len(content))
        except UnicodeDecodeError as error:
            return start - held + error.start
    return None


def _mainly_utf_8(damaged: bytes) -> bool:
    """Whether most letters beyond a to z are right: in no other encoding so many would happen to be."""
    high = len(damaged) - len(damaged.translate(None, _HIGH))
    return damaged.decode("utf-8", "replace").count("\ufffd") * 10 <= high
