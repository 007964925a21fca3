"""Which encoding a file is in."""

import pytest

from jobs.sources.csv.encoding import encoding_of
from tests.sources.csv.files import DOMAIN, one, read

HEADER = "Display name,Email address\n"
WESTERN = ["Müller", "Groß", "Hélène", "Núñez", "Åsa", "Sørensen", "François", "Benoît", "Zoë", "Begoña"]
CENTRAL = ["Łukasz", "Wiśniewski", "Dąbrowski", "Jabłoński", "Grażyna", "Żółć"]
CZECH = ["Dvořák", "Novák", "Černý", "Růžena", "Ondřej"]
RUSSIAN = ["Иван", "Светлана", "Кузнецов", "Смирнова"]
GREEK = ["Γιώργος", "Παπαδόπουλος", "Ελένη", "Δημήτρης"]
TURKISH = ["Şükrü", "Yılmaz", "Öztürk", "Gülşen", "Işıl"]


def listed(names: list[str], domain: str = DOMAIN) -> str:
    """A list of a hundred people, most of whom have no letter beyond a to z."""
    rows = [f"{names[n // 8 % len(names)] if n % 8 == 0 else 'Smith'},u{n}@{domain}\n" for n in range(100)]
    return HEADER + "".join(rows)


@pytest.mark.parametrize("codec", ["cp1252", "cp850", "mac_roman"])
def test_western_names_are_read_as_they_were_written(codec: str) -> None:
    text = listed(WESTERN)
    assert text.encode(codec).decode(encoding_of(text.encode(codec), DOMAIN).codec) == text


@pytest.mark.parametrize("name", WESTERN)
def test_one_western_name_is_enough(name: str) -> None:
    assert one(f"{HEADER}{name},x@company.example\n".encode("cp1252")).last_name == name


@pytest.mark.parametrize(
    ("names", "codec", "domain"),
    [
        (CENTRAL, "cp1250", "company.example"),
        (CENTRAL, "cp1250", "firma.pl"),
        (CZECH, "cp1250", "firma.cz"),
        (RUSSIAN, "cp1251", "company.example"),
        (RUSSIAN, "cp1251", "company.ru"),
        (RUSSIAN, "koi8_r", "company.ru"),
        (GREEK, "cp1253", "company.gr"),
        (TURKISH, "cp1254", "company.com.tr"),
    ],
)
def test_names_of_other_scripts_and_countries(names: list[str], codec: str, domain: str) -> None:
    text = listed(names, domain)
    assert text.encode(codec).decode(encoding_of(text.encode(codec), domain).codec) == text


def test_utf_8_is_never_taken_for_anything_else() -> None:
    for names in (WESTERN, CENTRAL, RUSSIAN, GREEK, TURKISH, ["田中", "王伟"]):
        assert encoding_of(listed(names).encode(), "company.ru").codec == "utf-8"
    assert encoding_of(b"a@b.example", DOMAIN).label == "UTF-8"


def test_a_letter_across_two_chunks_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.sources.csv.encoding._CHUNK", 7)
    assert encoding_of("üéßäö€😀".encode() * 20, DOMAIN).codec == "utf-8"
    assert encoding_of("Müller, ".encode("cp1252") * 20, DOMAIN).codec == "cp1252"


def test_utf_8_with_a_damaged_letter_stays_utf_8_with_a_warning() -> None:
    file = read(
        HEADER.encode() + "Jörg Müller Groß Schäfer Löw Bär,x@company.example\n".encode() + b"B\xfcr,y@b.example"
    )
    assert file.recognised.encoding == "UTF-8"
    assert file.people["x@company.example"].last_name == "Jörg Müller Groß Schäfer Löw Bär"
    assert "from line 3 on" in file.recognised.warnings[0]


def test_an_address_with_a_damaged_letter_is_rejected_not_guessed() -> None:
    content = HEADER.encode() + "Jörg Müller Groß Schäfer,x@company.example\n".encode() + b"B,b\xfcr@company.example\n"
    (reject,) = read(content + "Bär Löw Süß,z@company.example\n".encode()).rejects
    assert reject.where == "line 3"
    assert "wrong encoding" in reject.why


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_encodings_with_a_mark(codec: str) -> None:
    assert one(f"\ufeff{HEADER}田中,x@company.example\n".encode(codec)).last_name == "田中"


def test_a_mark_that_a_program_wrote_twice() -> None:
    file = read(f"\ufeff\ufeff{HEADER}Ann,x@company.example\n".encode())
    assert file.recognised.columns[0].name == "Display name"
    assert one("\ufeff\ufeffann@company.example\nbob\n".encode()).primary == "ann@company.example"
