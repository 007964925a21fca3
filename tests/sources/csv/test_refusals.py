"""Files that are no list of users: each has its own sentence that says what to do."""

import gzip

import pytest

from tests.sources.csv.books import packed
from tests.sources.csv.files import read, refusal


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty"),
        (b"\xff\xfe\r\x00\n\x00", "empty"),
        (b"\x00" * 5000, "empty"),
        (b"#TYPE Selected.Mailbox\r\n", "no rows"),
        (b"sep=;\r\n", "no rows"),
        (b"E-mail,First name\r\n", "headers, but no users"),
        ("Adresse e-mail;Prénom\n\n;\n".encode("utf-16"), "headers, but no users"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 500, ".xls"),
        (packed({"xl/workbook.bin": "x", "[Content_Types].xml": ""}), ".xlsb"),
        (packed({"META-INF/manifest.xml": "x", "content.xml": ""}), "LibreOffice"),
        (packed({"Index/Document.iwa": "x"}), "Numbers"),
        (packed({"word/document.xml": "x"}), "Word"),
        (packed({"users.csv": "a@company.example"}), "zip file. Unpack it"),
        (b"PK\x03\x04" + b"x" * 100, "damaged zip file"),
        (gzip.compress(b"a@company.example"), "compressed file. Unpack it"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "compressed file. Unpack it"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "image"),
        (b"GIF89a\x01\x00\x01\x00", "image"),
        (b"{\\rtf1\\ansi a@company.example}", "RTF"),
        (b"<!DOCTYPE html><table><tr><td>a@company.example</td></tr></table>", "web page"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "XML"),
        (b'[{"mail": "a@company.example"}]', "JSON"),
        (b"SQLite format 3\x00" + b"\x00" * 90, "database"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04" + bytes(range(256)) * 20, "binary"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(32)) * 100, "binary"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_it_is_and_what_to_do(content: bytes, said: str) -> None:
    sentence = refusal(content)
    assert said in sentence
    assert any(word in sentence for word in ("Export", "export", "save it as", "Unpack"))


@pytest.mark.parametrize("start", ["BZhang", "Rar", "II", "PK", "GIF8", "MM", "RIFF", "7z"])
def test_a_name_that_begins_like_another_file_is_a_name(start: str) -> None:
    assert read(f"{start}@company.example\n").people[f"{start.lower()}@company.example"]
