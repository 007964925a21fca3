"""Shapes that no export has: bounded time and memory, and a sentence."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from jobs.sources.csv import limits, workbook
from jobs.sources.csv.limits import COLUMN_LIMIT, RECORD_LIMIT
from jobs.sources.csv.records import Records
from jobs.sources.csv.settings import CsvSettings
from jobs.sources.csv.source import CsvSource
from tests.sources.csv.books import book, inline
from tests.sources.csv.files import DOMAIN, read, refusal
from tests.sources.ldap import watching

MEGABYTE = 1_000_000
HEADER = "E-mail,First name,Last name\n"


@contextmanager
def at_most(megabytes: int) -> Iterator[None]:
    """Fails if more than this is held at once in the meantime."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < megabytes * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a line of 20 MB": lambda: b"a" * 20 * MEGABYTE,
    "a line of 20 MB under a header": lambda: HEADER.encode() + b"a" * 20 * MEGABYTE,
    "ten million columns": lambda: b"," * 10 * MEGABYTE,
    "too many columns": lambda: b"a," * COLUMN_LIMIT,
    "a cell of 200 KB": lambda: HEADER.encode() + b"a@company.example," + b"x" * 200_000 + b",y\n",
    "a quotation mark before 20 MB": lambda: HEADER.encode() + b'"' + b"a@company.example,x,y\n" * MEGABYTE,
    "nothing but quotation marks": lambda: b'"' * 5 * MEGABYTE,
    "angle brackets": lambda: b"<" * 400_000 + b">\n" + b"<" * 400_000 + b">",
    "a name that never ends": lambda: b"x" * 400_000 + b">\na@company.example\n",
    "nested quotation marks": lambda: HEADER.encode() + b'"a""b""' * 50_000 + b"\n",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_it_is_refused_in_bounded_memory(content: Callable[[], bytes]) -> None:
    file = content()
    with at_most(30):
        refusal(file)


def test_a_line_of_two_gigabytes_is_left_after_half_a_megabyte() -> None:
    asked: list[int] = []

    def endless(size: int) -> str:
        asked.append(size)
        return "a" * size

    with pytest.raises(Exception, match=f"Line 1 is longer than {RECORD_LIMIT:,} characters"):
        next(iter(Records(endless, ",")))
    assert sum(asked) <= RECORD_LIMIT + 1


def test_a_record_of_endless_lines_is_left_too() -> None:
    lines = 0

    def endless(_: int) -> str:
        nonlocal lines
        lines += 1
        return '"a@company.example\n' if lines == 1 else "a@company.example,x\n"

    with pytest.raises(Exception, match="in line 1 is never closed"):
        next(iter(Records(endless, ",")))
    assert lines < RECORD_LIMIT // 10


def test_zeros_in_names_are_taken_out_and_in_addresses_rejected() -> None:
    file = read(f"{HEADER}a@company.example,A\0nn,L\x01ee\nb\0@company.example,B,\n" + "c@company.example,C,\n" * 30)
    person = file.people["a@company.example"]
    assert (person.first_name, person.last_name) == ("A nn", "L ee")
    assert file.rejects[0].where == "line 3"
    assert "control character" in file.rejects[0].why
    assert "\0" not in repr(file.recognised.to_json()) + file.rejects[0].what


def test_a_formula_is_a_text_like_others() -> None:
    person = read(f"{HEADER}a@company.example,=cmd|' /C calc'!A0,@SUM(1)\n").people["a@company.example"]
    assert (person.first_name, person.last_name) == ("=cmd|' /C calc'!A0", "@SUM(1)")


def test_a_workbook_that_unpacks_to_too_much_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "UNPACKED_LIMIT", 2 * MEGABYTE)
    bomb = book(inline("a@company.example", " " * 1000) * 10_000)
    assert len(bomb) < 100_000
    with at_most(5):
        assert "larger than 2 MB" in refusal(bomb)


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        inline("x" * (RECORD_LIMIT + 1)),
        f"<row>{'<c><v>1</v></c>' * (COLUMN_LIMIT + 1)}</row>",
    ],
    ids=["the last cell", "a huge cell", "too many columns"],
)
def test_a_workbook_with_cells_far_off_takes_no_memory_for_those_between(rows: str) -> None:
    content = book(inline("a@company.example") + rows)
    with at_most(5):
        assert "list of users" in refusal(content)


def test_a_workbook_of_many_texts_or_parts_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "zip file" in refusal(book("", more={f"xl/{n}": "" for n in range(limits.WORKBOOK_PARTS)}))
    monkeypatch.setattr("jobs.sources.csv.sheet.SHARED_TEXTS", 10)
    assert "more in it" in refusal(book("", "<si><t>a</t></si>" * 11))
    monkeypatch.setattr("jobs.sources.csv.sheet.SHARED_CHARACTERS", 100)
    assert "more in it" in refusal(book("", f"<si><t>{'a' * 101}</t></si>"))
    monkeypatch.setattr("jobs.sources.csv.sheet.CELL_LIMIT", 10)
    assert "more in it" in refusal(book("<row><c/></row>" * 11))


def test_rows_are_read_as_they_come() -> None:
    rows = "".join(f"user{n}@company.example,First{n},Last{n},{'x' * 500}\n" for n in range(10_000))
    content = f"E-mail,First name,Last name,Notes\n{rows}".encode()
    seen: list[tuple[str, int]] = []
    with at_most(10):  # The cells that are not needed would be another 5 MB.
        snapshot = CsvSource(content, CsvSettings(DOMAIN)).fetch(watching(seen))
    assert snapshot.read == 10_000
    assert len(seen) > 10
    assert seen[-1] == ("reading", 10_000)
