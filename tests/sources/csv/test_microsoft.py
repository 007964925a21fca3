"""The exports of Microsoft 365, Entra and Exchange, unedited, in every encoding that they come in."""

import pytest

from jobs.sources.csv.kinds import DELETED, GUEST, SYSTEM
from jobs.sources.csv.settings import Meaning
from tests.sources.csv.files import Read, each, read, sample, told

NAMES = frozenset({"first_name", "last_name"})


@each("m365-older.csv")
def test_microsoft_365_older(file: Read) -> None:
    assert file.recognised.format == "Microsoft 365 admin center"
    people = file.people
    assert told(people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", "ann@company.example")
    joerg = people["joerg.mueller@company.example"]
    assert told(joerg) == ("line 4", "Jörg", "Müller", "mailbox", "jm@company.example")
    assert joerg.silent == {"kind"}
    assert told(people["info@company.example"]) == ("line 5", "", "Info Desk", "mailbox", "")
    assert people["info@company.example"].left_out == ""
    assert people["guest@elsewhere.example"].left_out == GUEST
    assert people["carl@company.example"].left_out == DELETED
    assert len(people) == 5
    (admin,) = file.rejects
    assert (admin.where, admin.what) == ("line 8", "admin@company.onmicrosoft.com")
    assert "onmicrosoft.com" in admin.why


@each("m365-newer.csv")
def test_microsoft_365_newer(file: Read) -> None:
    assert file.recognised.format == "Microsoft 365 admin center"
    people = file.people
    aliases = "ann@company.example ann+news@company.example"
    assert told(people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", aliases)
    assert told(people["joerg.mueller@company.example"])[:3] == ("line 3", "Jörg", "Müller")
    assert told(people["info@company.example"]) == ("line 4", "", "Info Desk", "mailbox", "")
    # Deleted and made anew: the one who is there counts, wherever the other one stands.
    assert told(people["carl@company.example"]) == ("line 7", "Carl", "New", "mailbox", "")
    assert people["carl@company.example"].left_out == ""
    assert len(people) == 4
    assert [(reject.where, reject.why) for reject in file.rejects] == [("line 5", GUEST), ("line 6", DELETED)]


def test_microsoft_365_saved_anew_with_semicolons() -> None:
    rows = sample("m365-newer.csv").decode().replace(",", ";")
    file = read(rows.encode("utf-8-sig"))
    assert file.recognised.separator == "semicolon"
    assert file.snapshot == read(sample("m365-newer.csv")).snapshot


@each("m365-german.csv")
def test_microsoft_365_in_german(file: Read) -> None:
    people = file.people
    assert file.recognised.format == "Microsoft 365 admin center"
    assert told(people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", "ann@company.example")
    assert told(people["joerg@company.example"]) == ("line 3", "Jörg", "Müller", "mailbox", "")
    assert people["carl@company.example"].left_out == DELETED


@each("entra.csv")
def test_entra_uses_mail_and_falls_back_to_the_sign_in_name(file: Read) -> None:
    assert file.recognised.format == "Microsoft Entra"
    people = file.people
    assert told(people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", "")
    # A member may be a person or a shared mailbox, so whichever it is here, it stays.
    assert people["ann.lee@company.example"].silent == {"aliases", "kind"}
    assert told(people["joerg@company.example"]) == ("line 3", "Jörg", "Müller", "mailbox", "")
    assert told(people["info@company.example"]) == ("line 4", "", "Info Desk", "mailbox", "")
    assert people["guest@elsewhere.example"].left_out == GUEST
    assert len(people) == 4
    assert file.rejects == ()


@each("exchange-center-old.csv")
def test_exchange_admin_center_old(file: Read) -> None:
    assert file.recognised.format == "Exchange admin center"
    people = file.people
    assert told(people["ann.lee@company.example"]) == ("line 2", "", "Ann Lee", "mailbox", "ann@company.example")
    assert people["ann.lee@company.example"].silent == NAMES
    assert told(people["info@company.example"])[3] == "shared"
    assert told(people["room1@company.example"])[2:4] == ("Konferenz Süd", "resource")
    assert told(people["beamer@company.example"])[3] == "resource"
    assert len(people) == 4


@each("exchange-center-swapped.csv")
def test_exchange_admin_center_with_values_swapped_under_the_header(file: Read) -> None:
    assert told(file.people["ann.lee@company.example"]) == ("line 2", "", "Ann Lee", "mailbox", "")
    assert told(file.people["info@company.example"]) == ("line 3", "", "Info Desk", "shared", "")
    meanings = [column.meaning for column in file.recognised.columns]
    assert meanings == [Meaning.NAME, Meaning.ADDRESS, Meaning.KIND]
    (warning,) = file.recognised.warnings
    assert "“EMAIL ADDRESS”" in warning
    assert "“MAILBOX TYPE”" in warning


@each("exchange-center-new.csv")
def test_exchange_admin_center_new(file: Read) -> None:
    assert file.recognised.format == "Exchange admin center"
    assert told(file.people["ann.lee@company.example"]) == ("line 2", "", "Ann Lee", "mailbox", "")
    assert told(file.people["info@company.example"]) == ("line 3", "", "Info Desk", "shared", "")
    assert told(file.people["joerg@company.example"]) == ("line 4", "", "Jörg Müller", "mailbox", "")
    assert file.people["joerg@company.example"].silent == NAMES | {"aliases"}


@each("get-mailbox.csv")
def test_get_mailbox_with_its_line_of_type(file: Read) -> None:
    assert file.recognised.format == "Exchange PowerShell"
    people = file.people
    assert told(people["ann.lee@company.example"]) == ("line 3", "", "Ann Lee", "mailbox", "ann@company.example")
    assert people["ann.lee@company.example"].notes == ()
    assert told(people["info@company.example"])[3] == "shared"
    assert told(people["room1@company.example"])[2:4] == ("Konferenz Süd", "resource")
    assert told(people["beamer@company.example"])[3] == "resource"
    assert told(people["all@company.example"]) == ("line 7", "", "Everybody", "list", "")
    assert people["discoverysearchmailbox{d919ba05-46a6-415f-80ad-7e09334bb852}@company.example"].left_out == SYSTEM
    assert len(people) == 6


@each("get-mailbox-unjoined.csv")
def test_lists_that_powershell_did_not_write_out_are_silence_and_a_warning(file: Read) -> None:
    ann = file.people["ann.lee@company.example"]
    assert told(ann) == ("line 2", "", "Ann Lee", "mailbox", "")
    assert "aliases" in ann.silent
    assert "aliases" in file.people["info@company.example"].silent
    (warning,) = file.recognised.warnings
    assert "In 2 rows" in warning
    assert "-join" in warning


def test_a_primary_in_capitals_is_enough_where_no_other_column_has_an_address() -> None:
    file = read("DisplayName,EmailAddresses\nAnn Lee,smtp:ann@company.example SMTP:lee@company.example\n")
    assert told(file.people["lee@company.example"]) == ("line 2", "", "Ann Lee", "mailbox", "ann@company.example")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("exchange-french.csv", {"helene@company.example": "mailbox", "accueil@company.example": "shared"}),
        ("exchange-dutch.csv", {"zoe@company.example": "mailbox", "receptie@company.example": "shared"}),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "windows-1252", "utf-16 without mark"])
def test_translated_headers_and_kinds(name: str, kinds: dict[str, str], encoding: str) -> None:
    file = read(sample(name, encoding))
    assert file.recognised.format == "Exchange admin center"
    assert {address: person.kind.value for address, person in file.people.items()} == kinds
    assert all("kind" not in person.silent and person.last_name for person in file.people.values())
