"""Excel workbooks."""

import io
import zipfile

import pytest

from tests.sources.csv.books import RELATIONS, WORKBOOK, book, inline, packed
from tests.sources.csv.files import SAMPLES, read, refusal, sample, told, unknown


def test_a_workbook_is_read_like_the_csv_file_with_the_same_cells() -> None:
    file = read((SAMPLES / "m365-newer.xlsx").read_bytes())
    assert (file.recognised.format, file.recognised.encoding) == ("Microsoft 365 admin center", "Excel workbook")
    text = read(sample("m365-newer.csv"))
    assert {address: told(person)[1:] for address, person in file.people.items()} == {
        address: told(person)[1:] for address, person in text.people.items()
    }
    assert [reject.where for reject in file.rejects] == ["row 5", "row 6"]
    assert file.people["carl@company.example"].where == "row 7"
    # The hidden sheet that comes first is not it, and a third one is told of.
    assert "2 sheets. Only the first, “Users”, was read" in file.recognised.warnings[0]


def test_shared_texts_of_several_pieces_and_of_other_programs() -> None:
    texts = (
        "<si><t>E-mail</t></si><si><t>Name</t></si><si><t>ann@company.example</t></si>"
        '<si><r><rPr><b/></rPr><t xml:space="preserve">田</t></r><r><t>中_x000D_</t></r><rPh><t>たなか</t></rPh></si>'
    )
    rows = '<row r="3"><c r="B3" t="s"><v>0</v></c><c r="D3" t="s"><v>1</v></c></row>'
    rows += '<row r="7"><c r="B7" t="s"><v>2</v></c><c r="C7" s="4"/><c r="D7" t="s"><v>3</v></c></row>'
    person = read(book(rows, texts)).people["ann@company.example"]
    assert told(person)[:3] == ("row 7", "", "田中")


def test_a_prefix_before_each_element_and_a_target_from_the_root() -> None:
    workbook = '<x:workbook xmlns:x="x" xmlns:r="r"><x:sheets><x:sheet name="U" r:id="a"/></x:sheets></x:workbook>'
    relations = '<Relationships><Relationship Id="a" Target="/xl/worksheets/other.xml"/></Relationships>'
    cell = (
        '<x:c t="str"><x:v>ann@company.example</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c>'
    )
    part = f'<x:worksheet xmlns:x="x"><x:sheetData><x:row>{cell}</x:row></x:sheetData></x:worksheet>'
    file = read(book("", workbook=workbook, relations=relations, more={"xl/worksheets/other.xml": part}))
    assert told(file.people["ann@company.example"])[0] == "row 1"
    assert file.recognised.columns[1].samples == ("TRUE",)


def test_a_workbook_whose_columns_cannot_be_told_asks() -> None:
    question = unknown(book(inline("who", "where") + inline("ann", "here")))
    assert [column.samples for column in question.recognised.columns] == [("who", "ann"), ("where", "here")]


def test_an_empty_sheet_says_so() -> None:
    assert "no rows" in refusal(book(""))
    assert "no users" in refusal(book(inline("E-mail", "First name")))


@pytest.mark.parametrize(
    "content",
    [
        book(inline("a@company.example"))[:-60],
        book("<row><c>"),
        book('<row><c t="s"><v>5</v></c></row>'),
        book('<row><c t="s"><v>x</v></c></row>'),
        book('<row r="x"></row>'),
        book(inline("a"), workbook=WORKBOOK.replace("rId1", "rId2")),
        book(inline("a"), relations=RELATIONS.replace("sheet1", "sheet2")),
        book(inline("a"), workbook='<!DOCTYPE x [<!ENTITY a "b">]>' + WORKBOOK),
        packed({"xl/workbook.xml": WORKBOOK}),
    ],
    ids=["cut off", "open", "no such text", "no number", "no row", "no sheet", "no part", "document type", "one part"],
)
def test_a_damaged_workbook_says_what_to_do(content: bytes) -> None:
    assert "save it as “CSV UTF-8”" in refusal(content)


def test_one_whose_bytes_were_changed_says_so_too() -> None:
    content = bytearray(book(inline("ann@company.example") * 50))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    content[at : at + 8] = b"\xff" * 8
    assert "damaged" in refusal(bytes(content))


def test_entities_are_never_expanded() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    bomb = f"{entities}<sst><si><t>&b;</t></si></sst>"
    assert "damaged" in refusal(book(inline("a"), more={"xl/sharedStrings.xml": bomb}))
