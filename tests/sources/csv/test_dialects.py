"""What separates cells and rows."""

import pytest

from tests.sources.csv.files import one, read, refusal, told

ROWS = [["E-mail", "First name", "Last name"], ["ann@company.example", "Ann", "Lee"]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("separator", "label"), [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "pipe")], ids=lambda value: value
)
def test_separators_and_line_ends(separator: str, label: str, newline: str) -> None:
    file = read(newline.join(separator.join(row) for row in ROWS))
    assert file.recognised.separator == label
    assert told(file.people["ann@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", "")


def test_the_first_line_of_excel_decides() -> None:
    file = read("sep=;\r\nE-mail;First name;Last name\r\nann@company.example;Ann;Lee, Mary\r\n")
    assert file.recognised.separator == "semicolon"
    assert told(file.people["ann@company.example"]) == ("line 3", "Ann", "Lee, Mary", "mailbox", "")


def test_a_separator_of_lists_within_cells_is_not_the_files() -> None:
    rows = [f"u{n}@company.example;a{n}@company.example,b{n}@company.example,c{n}@company.example" for n in range(9)]
    file = read("email;aliases\n" + "\n".join(rows))
    assert file.recognised.separator == "semicolon"
    assert len(file.people["u1@company.example"].aliases) == 3


def test_line_breaks_within_quotation_marks_count_as_lines() -> None:
    text = 'E-mail,Street,Last name\na@company.example,"Street 1\nTown\r\n\n",Lee\nb@company.example,,Low\n'
    assert [person.where for person in read(text).snapshot.people] == ["line 2", "line 6"]


def test_blank_rows_are_no_rows() -> None:
    file = read("\n\nE-mail,Last name\n,\n , \na@company.example,Lee\n,,,,\n\x1a")
    assert [person.where for person in file.snapshot.people] == ["line 6"]
    assert file.rejects == ()


def test_quotation_marks_that_a_sloppy_program_left_as_they_are() -> None:
    file = read('E-mail,Last name\na@company.example,"Ann" Lee\nb@company.example,Bob "Bo" Low\nc@company.example,C\n')
    assert [person.last_name for person in file.snapshot.people] == ["Ann Lee", 'Bob "Bo" Low', "C"]
    assert [person.where for person in file.snapshot.people] == ["line 2", "line 3", "line 4"]


@pytest.mark.parametrize(
    "rest",
    [
        "c@company.example,Carl\n" * 5,
        'c@company.example,"Carl"\n' * 5,
        '"c@company.example","Carl"\n' * 5,
        '"c@company.example","Carl\nMaria"\n' * 5,
        "c@company.example,Carl\n" * 50_000,
    ],
    ids=["plain", "last quoted", "all quoted", "line breaks", "long"],
)
def test_a_quotation_mark_that_is_never_closed_is_found_where_it_opened(rest: str) -> None:
    sentence = refusal(f'E-mail,Last name\na@company.example,"A\nB"\nb@company.example,"Bob\n{rest}')
    assert "in line 4 is never closed" in sentence


def test_two_that_were_left_open_and_hide_a_row_are_a_warning() -> None:
    text = 'E-mail,Last name\na@company.example,"A\nb@company.example,B"\nc@company.example,C\n'
    (warning,) = read(text).recognised.warnings
    assert "In line 2 a cell in quotation marks goes over several lines" in warning
    street = 'E-mail,Street\na@company.example,"Street 1, second floor\n12345 Town, Land"\n'
    assert read(street).recognised.warnings == ()


def test_one_that_is_never_closed_in_the_last_line_is_found_too() -> None:
    assert "in line 3" in refusal('E-mail,Last name\na@company.example,A\nb@company.example,"Bob')


def test_a_row_with_a_separator_too_many_is_rejected_and_not_shifted() -> None:
    file = read("Name,E-mail,Recovery email\nLee, Ann,ann@company.example,ann@private.example\nB,b@company.example,\n")
    (reject,) = file.rejects
    assert (reject.where, reject.what) == ("line 2", "Lee, Ann, ann@company.example, ann@private.example")
    assert "4 cells" in reject.why
    assert [*file.people] == ["b@company.example"]


def test_empty_cells_beyond_the_header_do_no_harm() -> None:
    assert one("E-mail,Last name\na@company.example,Lee,,,\n").last_name == "Lee"
