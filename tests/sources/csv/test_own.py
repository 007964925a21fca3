"""The console's own format, as it is exported and as people write it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.core import user_csv
from console.core.address import Address
from console.core.person import Kind, Origin, Person, Status, User
from tests.sources.csv.files import Read, each, one, read, sample, told, unknown

HEADER = ",".join(user_csv.HEADER)


@pytest.mark.parametrize("file", [("own.csv", "utf-8"), ("own.csv", "windows-1252")], indirect=True)
def test_every_column_is_understood(file: Read) -> None:
    assert file.recognised.format == "Rollcall’s own format"
    people = file.people
    aliases = "a.lee@company.example annlee@company.example"
    assert told(people["ann.lee@company.example"]) == ("line 2", "Ann", "Lee", "mailbox", aliases)
    assert people["ann.lee@company.example"].silent == frozenset()
    assert people["ann.lee@company.example"].group == "Sales"
    # A local part alone is completed with the domain, and a formula was guarded in the export.
    assert told(people["info@company.example"]) == ("line 3", "", "Info Desk", "shared", "")
    desk = people['"front desk"@company.example']
    aliases = '"back desk"@company.example fd@company.example desk@company.example'
    assert told(desk) == ("line 4", "=1+1", "O'Hara", "mailbox", aliases)
    assert desk.silent == {"status"}
    assert desk.group == "Default"
    assert people["room1@company.example"].kind is Kind.RESOURCE
    assert people["room1@company.example"].silent == {"status"}
    assert people["all@company.example"].kind is Kind.LIST
    assert people["folder@company.example"].kind is Kind.PUBLIC_FOLDER
    assert told(people["zoë@company.example"])[1:3] == ("Zoë", "Müller")
    assert people["zoë@company.example"].silent == {"kind"}
    # Another domain's address is for the rules to skip.
    assert "someone@other.example" in people
    (reject,) = file.rejects
    assert (reject.where, reject.what) == ("line 10", "not an address")


@each("own.csv")
def test_every_encoding_gives_the_same(file: Read) -> None:
    assert file.snapshot == read(sample("own.csv")).snapshot


def test_an_absent_column_is_silence_and_an_empty_cell_of_aliases_is_none() -> None:
    spoken = one("address,first name,last name,kind,group,aliases\nann@company.example,,,,,\n")
    assert spoken.silent == {"kind"}
    silent = one("address,first name,last name\nann@company.example,Ann,\n")
    assert silent.silent == {"kind", "aliases"}


def test_a_row_that_is_cut_off_takes_no_aliases_away() -> None:
    assert one(f"{HEADER}\nann@company.example,Ann\n").silent == {"last_name", "kind", "aliases"}


@pytest.mark.parametrize("first", ["", "who", "E-mail"])
def test_the_first_column_needs_no_header(first: str) -> None:
    person = one(f"{first},first name,last name,kind\nann,Ann,Lee,list\n")
    assert (person.primary, person.kind) == ("ann@company.example", Kind.LIST)


def test_without_any_header_it_is_told_by_its_kinds() -> None:
    file = read("ann@company.example,Ann,Lee,mailbox,Sales,a@company.example b@company.example\n" * 1)
    assert file.recognised.format == "Rollcall’s own format"
    person = file.people["ann@company.example"]
    assert told(person) == ("line 1", "Ann", "Lee", "mailbox", "a@company.example b@company.example")
    assert person.group == "Sales"


def test_columns_may_stand_in_another_order() -> None:
    assert told(one("last name,address,aliases\nLee,ann,a|b\n"))[2:] == ("Lee", "mailbox", "a|b@company.example")


def test_a_kind_that_is_not_known_is_noted_and_left_as_it_is() -> None:
    person = one("address,kind\nann@company.example,robot\n")
    assert person.silent >= {"kind"}
    assert [note.what for note in person.notes] == ["robot"]


def test_local_parts_alone_are_not_completed_in_files_of_others() -> None:
    assert "no @" in read("E-Mail,Name\nann,Ann\nbob@company.example,Bob\n").rejects[0].why
    unknown("ann\nbob\n")


LETTERS = st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"])
NAMES = st.one_of(
    st.text(LETTERS, max_size=20).map(str.strip),
    st.sampled_from(["=1+1", "-1", "+1", "@x", "'", "''=", "'x", 'O"Neil', "a,b", "a;b", "a|b", "＝1"]),
)
LOCALS = st.one_of(
    st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,12}", fullmatch=True),
    st.sampled_from(['"a b"', '"a;b"', '"a,b"', '"\\""', "zoë", "=cmd", "-x", "'=x", "+tag", "a|b", "a+b"]),
)
USERS = st.lists(
    st.builds(
        lambda locals_, first, last, kind, status: User(
            address=Address(f"{locals_[0]}@company.example"),
            aliases=tuple(sorted(Address(f"{local}@company.example") for local in locals_[1:])),
            first_name=first,
            last_name=last,
            kind=kind,
            group_id=1,
            origin=Origin.MANUAL,
            status=status,
        ),
        st.lists(LOCALS, min_size=1, max_size=4, unique=True),
        NAMES,
        NAMES,
        st.sampled_from(Kind),
        st.sampled_from(Status),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda user: user.address,
)


@given(USERS, NAMES)
def test_what_is_exported_is_read_as_it_was(users: list[User], group: str) -> None:
    text = "".join(user_csv.text(user_csv.rows(users, {1: group})))
    file = read(("\ufeff" + text).encode())
    assert file.rejects == ()
    assert [as_before(person) for person in file.snapshot.people] == [
        (user.address, user.aliases, user.first_name, user.last_name, user.kind, group) for user in users
    ]
    for person, user in zip(file.snapshot.people, users, strict=True):
        assert person.silent == (frozenset() if user.status is Status.ACTIVE else {"status"})


def as_before(person: Person) -> tuple[object, ...]:
    return (person.primary, person.aliases, person.first_name, person.last_name, person.kind, person.group)
