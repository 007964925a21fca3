"""Whatever the bytes are, the outcome is a snapshot, a question, or a sentence."""

import io
import re
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from console.core.address import parse
from console.core.errors import SourceError
from jobs.sources.csv.recognised import ColumnsUnknown
from jobs.sources.csv.settings import Meaning
from tests.sources.csv.books import book, inline
from tests.sources.csv.files import SAMPLES, Read, read, sample

WORDS = st.sampled_from(
    [
        *["E-mail", "address", "aliases", "Proxy addresses", "User principal name", "kind", "status", "First name"],
        *["ann@company.example", "SMTP:b@company.example", "a@x+b@y", "<c@company.example>", "X500:/o=x", "#EXT#@x.y"],
        *[
            ",",
            ";",
            "\t",
            "|",
            "\n",
            "\r\n",
            "\r",
            '"',
            '""',
            "'",
            "=",
            "sep=;\n",
            "#TYPE x\n",
            "\0",
            "\ufeff",
            "é",
            " ",
        ],
    ]
)
TEXTS = st.lists(st.one_of(WORDS, st.text(max_size=5)), max_size=40).map("".join)
CODECS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"])
ENCODED = st.builds(lambda text, codec: text.encode(codec, "replace"), TEXTS, CODECS)
NAMES = sorted(path.name for path in SAMPLES.iterdir() if path.suffix != ".xlsx")


def answered(content: bytes, columns: dict[int, Meaning] | None) -> Read | SourceError:
    try:
        return read(content, columns=columns)
    except SourceError as error:
        return error


def assert_answered(content: bytes, columns: dict[int, Meaning] | None = None) -> None:
    answer = answered(content, columns)
    if isinstance(answer, Read):
        assert answer.snapshot.read > 0
        for person in answer.snapshot.people:
            assert [parse(address) for address in (person.primary, *person.aliases)]
            assert len({person.primary, *person.aliases}) == 1 + len(person.aliases)
        assert all(reject.where and reject.why for reject in answer.rejects)
        shown = repr(answer.snapshot) + repr(answer.recognised.to_json())
    else:
        assert answer.permanent
        assert answer.sentence.endswith(".")
        shown = answer.sentence
        if isinstance(answer, ColumnsUnknown):
            assert answer.recognised.columns
            shown += repr(answer.recognised.to_json())
    # PostgreSQL keeps neither a NUL nor half a surrogate pair, and a repr would show both so.
    assert not re.search(r"(?<!\\)\\(?:x00|ud[89a-f])", shown)
    shown.encode()


@given(st.one_of(st.binary(max_size=300), ENCODED))
def test_any_bytes(content: bytes) -> None:
    assert_answered(content)


@given(ENCODED, st.dictionaries(st.integers(0, 6), st.sampled_from(Meaning), min_size=1, max_size=4))
def test_any_bytes_with_columns_that_a_person_chose(content: bytes, columns: dict[int, Meaning]) -> None:
    assert_answered(content, columns)


@given(st.sampled_from(NAMES), st.integers(0, 5000), st.binary(max_size=4), st.integers(0, 40))
def test_a_sample_with_some_bytes_changed(name: str, at: int, put: bytes, length: int) -> None:
    content = sample(name)
    at %= len(content)
    assert_answered(content[:at] + put + content[at + length :])


WORKBOOK = book(inline("E-mail", "Name") + inline("ann@company.example", "Ann"), "<si><t>x</t></si>")


@given(st.integers(0, len(WORKBOOK) - 1), st.binary(min_size=1, max_size=4))
def test_a_workbook_with_some_bytes_changed(at: int, put: bytes) -> None:
    assert_answered(WORKBOOK[:at] + put + WORKBOOK[at + len(put) :])


@given(
    st.text(st.sampled_from("<>/rowcvt s=\"'1A&;é"), max_size=60), st.text(st.sampled_from("<>/sitr x"), max_size=20)
)
def test_a_workbook_with_any_rows(rows: str, texts: str) -> None:
    content = book(rows, texts)
    assert zipfile.is_zipfile(io.BytesIO(content))
    assert_answered(content)
