"""What columns hold, told by headers, by content, or by a person."""

import pytest

from console.core.errors import SourceError
from jobs.sources.csv.headers import meaning_of
from jobs.sources.csv.settings import CsvSettings, Meaning
from tests.sources.csv.files import DOMAIN, one, read, told, unknown


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("E-Mail", Meaning.ADDRESS),
        ("EMAIL_ADDRESS", Meaning.ADDRESS),
        ("Email Address [Required]", Meaning.ADDRESS),
        ("Primäre E-Mail-Adresse", Meaning.ADDRESS),
        ("Adresse e-mail", Meaning.ADDRESS),
        ("Dirección de correo electrónico", Meaning.ADDRESS),
        ("E-mailadres", Meaning.ADDRESS),
        ("Email Alias 2", Meaning.ALIASES),
        ("Proxyadressen", Meaning.ALL_ADDRESSES),
        ("Benutzerprinzipalname", Meaning.LOGIN),
        ("Prénom", Meaning.FIRST_NAME),
        ("Apellidos", Meaning.LAST_NAME),
        ("Achternaam", Meaning.LAST_NAME),
        ("Anzeigename", Meaning.NAME),
        ("Postfachtyp", Meaning.KIND),
        ("Recovery Email", Meaning.IGNORE),
        ("Manager Email", Meaning.IGNORE),
        ("Licenses", None),
        ("", None),
    ],
)
def test_headers_in_any_spelling_and_language(header: str, meaning: Meaning | None) -> None:
    assert meaning_of(header) is meaning
    assert meaning_of(header.upper()) is meaning


def test_of_two_address_columns_the_better_word_counts() -> None:
    assert one("Email,PrimarySmtpAddress\na@company.example,b@company.example\n").primary == "b@company.example"


def test_headers_in_an_unknown_language_are_told_by_what_is_below() -> None:
    file = read("Nimi,Sähköposti\nAnn,ann@company.example\nBob,bob@company.example\n")
    assert file.recognised.header
    assert [column.meaning for column in file.recognised.columns] == [Meaning.IGNORE, Meaning.ADDRESS]
    assert [person.where for person in file.snapshot.people] == ["line 2", "line 3"]


def test_addresses_of_managers_are_nobodys_here() -> None:
    question = unknown("First name,Manager email\nAnn,boss@company.example\n")
    assert "Choose the column" in question.sentence


def test_without_a_header_names_before_and_kinds_and_aliases_after_the_address() -> None:
    file = read(
        "Ann Lee,ann@company.example,UserMailbox,x,a@company.example\nDesk,d@company.example,SharedMailbox,y,\n"
    )
    assert told(file.people["ann@company.example"]) == ("line 1", "", "Ann Lee", "mailbox", "a@company.example")
    assert told(file.people["d@company.example"])[3] == "shared"


@pytest.mark.parametrize(
    ("cell", "address", "aliases"),
    [
        (" Ann@Company.Example ", "ann@company.example", ()),
        ("Ann Lee <ann@company.example>", "ann@company.example", ()),
        ("SMTP:ann@company.example", "ann@company.example", ()),
        ("mailto:ann@company.example", "ann@company.example", ()),
        ("ann@company.example; a@company.example", "ann@company.example", ("a@company.example",)),
    ],
)
def test_an_address_as_people_write_it(cell: str, address: str, aliases: tuple[str, ...]) -> None:
    person = one(f"Name|E-mail|Aliases\nAnn|{cell}|\nAnn|{cell}|\n".replace("|", "\t").rpartition("Ann\t")[0])
    assert (person.primary, person.aliases) == (address, aliases)


@pytest.mark.parametrize("joined", ["{} {}", "{};{}", "{}, {}", "{}|{}", "{}+{}", "smtp:{}+SMTP:{}", "smtp:{} sip:{}"])
def test_aliases_however_they_are_joined(joined: str) -> None:
    cell = joined.format("a+tag@company.example", "b@company.example")
    person = one(f'E-mail\tAlias\nann@company.example\t"{cell}"\n')
    found = {person.primary, *person.aliases} - {"ann@company.example"}
    assert found == {"a+tag@company.example"} | ({"b@company.example"} if "sip" not in cell else set())


def test_an_alias_that_is_no_address_is_noted() -> None:
    person = one("E-mail,Name,Aliases\nann@company.example,Ann,a@@company.example b@company.example\n")
    assert person.aliases == ("b@company.example",)
    assert [(note.where, note.what) for note in person.notes] == [("line 2", "a@@company.example")]


def test_a_second_row_of_an_address_is_rejected() -> None:
    file = read("E-mail,Name\nann@company.example,Ann\nbob@company.example,Bob\nANN@company.example,Other\n")
    assert file.people["ann@company.example"].last_name == "Ann"
    (reject,) = file.rejects
    assert (reject.where, reject.what, reject.why) == (
        "line 4",
        "ann@company.example",
        "Line 2 has this address already.",
    )
    assert file.recognised.rows[2].remark == reject.why


def test_a_row_without_an_address_is_rejected_by_its_name() -> None:
    (reject,) = read("E-mail,Name\n,Ann\nbob@company.example,Bob\n").rejects
    assert (reject.where, reject.what, reject.why) == ("line 2", "Ann", "The row has no address.")


def test_a_row_with_endless_addresses_is_rejected() -> None:
    cell = " ".join(f"a{n}@company.example" for n in range(600))
    (reject,) = read(f"E-mail,Name,Aliases\nann@company.example,Ann,{cell}\n").rejects
    assert "more than 500 addresses" in reject.why


def test_a_type_of_something_else_is_no_kind() -> None:
    person = one("E-mail,Name,Type\nann@company.example,Ann,full time\n")
    assert person.silent == {"first_name", "last_name", "kind", "aliases"}
    assert person.notes == ()


def test_only_a_date_says_that_somebody_was_deleted() -> None:
    file = read(
        "E-mail,Name,Deletion\na@company.example,A,False\nb@company.example,B,True\nc@company.example,C,1.6.24\n"
    )
    assert [person.primary for person in file.snapshot.people if person.left_out] == ["c@company.example"]


def test_a_person_chooses_the_columns() -> None:
    text = "wer,x\nann,Ann\nbob,Bob\n"
    question = unknown(text)
    assert [column.name for column in question.recognised.columns] == ["", ""]
    assert question.recognised.columns[1].samples == ("x", "Ann", "Bob")
    columns = {0: Meaning.ADDRESS, 1: Meaning.LAST_NAME}
    file = read(text, columns=columns, header=True)
    assert file.recognised.format == "columns chosen by hand"
    assert told(file.people["ann@company.example"]) == ("line 2", "", "Ann", "mailbox", "")
    assert file.people["ann@company.example"].silent == {"first_name", "kind", "aliases"}
    assert len(read(text, columns=columns, header=False).people) == 3


def test_a_choice_without_an_address_is_asked_again() -> None:
    assert "None of the columns was chosen" in unknown("a,b\nc,d\n", columns={0: Meaning.FIRST_NAME}).sentence


def test_what_was_recognised_is_plain_json() -> None:
    shown = read("E-mail,Name\nann@company.example,Ann\nx,Bob\n").recognised.to_json()
    assert shown["columns"][0] == {
        "index": 0,
        "name": "E-mail",
        "meaning": "address",
        "samples": ("ann@company.example", "x"),
    }
    assert [(row["line"], row["address"], row["last_name"]) for row in shown["rows"]] == [
        (2, "ann@company.example", "Ann"),
        (3, "x", ""),
    ]
    assert "no @" in shown["rows"][1]["remark"]


def test_only_the_first_rows_are_shown() -> None:
    file = read("".join(f"u{n}@company.example\n" for n in range(50)))
    assert [row.line for row in file.recognised.rows] == [*range(1, 21)]


def test_settings_come_from_json_and_go_back() -> None:
    settings = CsvSettings.from_json(DOMAIN, {"mode": "replace", "columns": {"2": "address"}, "header": False})
    assert settings == CsvSettings(DOMAIN, complete=True, columns={2: Meaning.ADDRESS}, header=False)
    assert CsvSettings.from_json(DOMAIN, settings.to_json()) == settings
    assert CsvSettings.from_json(DOMAIN, {"mode": "add"}) == CsvSettings(DOMAIN)


@pytest.mark.parametrize(
    "options",
    [
        {"columns": ["address"]},
        {"columns": {"x": "address"}},
        {"columns": {"0": "spaceship"}},
        {"columns": {"-1": "address"}},
        {"columns": {"1000000000": "address"}},
        {"header": "yes"},
    ],
)
def test_settings_that_cannot_be_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(SourceError) as caught:
        CsvSettings.from_json(DOMAIN, options)
    assert caught.value.permanent


def test_absence_means_something_only_when_it_was_asked_for() -> None:
    text = "ann@company.example\n"
    assert not read(text).snapshot.complete
    assert read(text, complete=True).snapshot.complete
