"""The files of other products, unedited, in every encoding that they come in."""

import pytest

from jobs.sources.csv.settings import Meaning
from tests.sources.csv.files import Read, each, read, told

ALL_SILENT = frozenset({"first_name", "last_name", "kind", "aliases"})


@each("proofpoint-new.csv")
def test_proofpoint_with_telephone_numbers(file: Read) -> None:
    assert (file.recognised.format, file.recognised.header) == ("Proofpoint Essentials", False)
    people = file.people
    assert told(people["john.smith@company.example"]) == ("line 1", "John", "Smith", "mailbox", "")
    assert people["john.smith@company.example"].silent == {"kind", "aliases"}
    aliases = "tom.alias@company.example t.smith@company.example"
    assert told(people["tom@company.example"]) == ("line 2", "Tom", "Müller", "mailbox", aliases)
    assert people["tom@company.example"].silent == {"kind"}
    assert told(people["info@company.example"]) == ("line 3", "Info", "Desk", "mailbox", "")
    assert file.rejects == ()


@each("proofpoint-old.csv")
def test_proofpoint_without_telephone_numbers(file: Read) -> None:
    assert file.recognised.format == "Proofpoint Essentials"
    people = file.people
    aliases = "tom.alias@company.example t.smith@company.example"
    assert told(people["tom@company.example"]) == ("line 2", "Tom", "Müller", "mailbox", aliases)
    assert told(people["joerg@company.example"]) == ("line 3", "Jörg", "Groß", "mailbox", "j.gross@company.example")


def test_more_aliases_than_the_first_rows_have_are_aliases_too() -> None:
    rows = "".join(f"U,{n},u{n}@company.example\n" for n in range(300))
    file = read(rows + "A,B,ab@company.example,,x@company.example,y@company.example\n")
    assert file.people["ab@company.example"].aliases == ("x@company.example", "y@company.example")


@each("google-short.csv")
def test_google_short(file: Read) -> None:
    assert file.recognised.format == "Google Workspace"
    people = file.people
    assert told(people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", "")
    assert people["ann.lee@company.example"].silent == {"kind", "aliases"}
    assert told(people["joerg@company.example"]) == ("line 3", "Jörg", "Müller", "mailbox", "")
    assert people["carl@company.example"].left_out == "Suspended, as the file says."


@each("google-full.csv")
def test_google_full_ignores_addresses_of_others_and_passwords(file: Read) -> None:
    assert file.recognised.format == "Google Workspace"
    people = file.people
    assert told(people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", "")
    assert told(people["joerg@company.example"]) == ("line 3", "Jörg", "Müller", "mailbox", "")
    assert people["carl@company.example"].left_out == "Archived, as the file says."
    assert len(people) == 3
    used = {column.name for column in file.recognised.columns if column.meaning is not Meaning.IGNORE}
    assert used == {
        "First Name [Required]",
        "Last Name [Required]",
        "Email Address [Required]",
        "Status [READ ONLY]",
    }


@each("google-spanish.csv")
def test_google_in_spanish(file: Read) -> None:
    assert file.recognised.format == "Google Workspace"
    assert told(file.people["begona@company.example"]) == ("line 2", "Begoña", "Núñez", "mailbox", "")
    assert file.people["inigo@company.example"].left_out == "Suspended, as the file says."


@each("hornetsecurity-short.csv")
def test_hornetsecurity_short_has_addresses_under_name(file: Read) -> None:
    assert (file.recognised.format, file.recognised.separator) == ("Hornetsecurity", "semicolon")
    aliases = "ann@company.example a.lee@company.example"
    assert told(file.people["ann.lee@company.example"]) == ("line 2", "", "", "mailbox", aliases)
    assert file.people["ann.lee@company.example"].silent == ALL_SILENT - {"aliases"}
    assert told(file.people["info@company.example"]) == ("line 3", "", "", "mailbox", "")
    assert file.people["info@company.example"].silent == ALL_SILENT


@each("hornetsecurity-long.csv")
def test_hornetsecurity_long(file: Read) -> None:
    assert file.recognised.format == "Hornetsecurity"
    aliases = "ann@company.example a.lee@company.example"
    assert told(file.people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", aliases)
    assert told(file.people["joerg@company.example"]) == ("line 3", "Jörg", "Müller", "mailbox", "")
    # Many groups of theirs are no single group here.
    assert {person.group for person in file.people.values()} == {""}


@each("mesh.csv")
def test_mesh_and_bitdefender(file: Read) -> None:
    assert file.recognised.format == "Mesh or Bitdefender"
    aliases = "ann@company.example a.lee@company.example"
    assert told(file.people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", aliases)
    assert told(file.people["joerg@company.example"]) == ("line 3", "Jörg", "Müller", "mailbox", "")


@each("sonicwall.txt")
def test_sonicwall_pairs_of_one_primary_are_one_person(file: Read) -> None:
    assert (file.recognised.separator, file.recognised.header) == ("tab", False)
    aliases = "ann@company.example a.lee@company.example annlee@company.example"
    assert told(file.people["ann.lee@company.example"]) == ("line 1", "", "", "mailbox", aliases)
    assert told(file.people["info@company.example"]) == ("line 3", "", "", "mailbox", "")
    assert file.snapshot.read == 2


@each("list.txt")
def test_one_address_in_each_line_with_a_name_or_without(file: Read) -> None:
    assert (file.recognised.separator, file.recognised.header) == ("none", False)
    people = file.people
    assert told(people["ann.lee@company.example"]) == ("line 1", "", "", "mailbox", "")
    assert told(people["joerg@company.example"]) == ("line 2", "", "Jörg Müller", "mailbox", "")
    assert told(people["bob@company.example"]) == ("line 3", "", "Lee, Bob", "mailbox", "")
    assert told(people["info@company.example"]) == ("line 5", "", "", "mailbox", "")
    assert all(person.silent == ALL_SILENT for person in people.values())
    (reject,) = file.rejects
    assert (reject.where, reject.what) == ("line 6", "someone")


@pytest.mark.parametrize(
    "line",
    [
        "ann@company.example; bob@company.example; carl@company.example",
        "ann@company.example bob@company.example carl@company.example",
        "Ann <ann@company.example>; Lee, Bob <bob@company.example>, <carl@company.example>",
    ],
)
def test_addresses_in_one_line_as_mail_programs_copy_them(line: str) -> None:
    assert [*read(line).people] == ["ann@company.example", "bob@company.example", "carl@company.example"]


def test_a_list_under_a_header() -> None:
    file = read("E-Mail\nann@company.example\nbob@company.example\n")
    assert file.recognised.header
    assert [person.where for person in file.snapshot.people] == ["line 2", "line 3"]
