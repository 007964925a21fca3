"""Export, then import: the identity for any list; and an edited cell changes what it says and nothing else."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from console.core import user_csv
from console.core.address import Address, key, parse
from console.core.errors import AddressError
from console.core.import_groups import tidy
from console.core.imports import Mode
from console.core.person import Kind, Origin, Snapshot, Status, User
from console.core.plan import Plan
from jobs.sources.csv.settings import CsvSettings
from jobs.sources.csv.source import CsvSource
from tests.core.files import GROUPS, verdict
from tests.core.test_properties import by_id
from tests.core.worlds import applied, legal
from tests.factories import DOMAIN, NOW

MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
NAMES = {1: "Default", 2: "Sales", 3: "=Odd, “group”", 4: '\'@x;"y"', 5: "-", 6: "ЖЩ 社"}
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
LOCALS = st.one_of(
    st.text("abcxyz019", min_size=1, max_size=6),
    st.text("=+-'_!#a.", min_size=1, max_size=5),
    st.text("a b;,@<>(|=", min_size=1, max_size=6).map('"{}"'.format),
    st.sampled_from((r'"a\"b"', r'"\\"', r'"a\ \"; b,"')),
    st.text(st.characters(min_codepoint=0xA0, max_codepoint=0x4FF), min_size=1, max_size=4),
)


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    """Whatever may stand on a list: quoted, in other alphabets, beginning like a formula."""
    try:
        return parse(f"{draw(LOCALS)}@{DOMAIN}")
    except AddressError:
        assume(False)
        raise


@st.composite
def users(draw: st.DrawFn, user_id: int) -> User:
    held = draw(st.lists(addresses(), min_size=1, max_size=4, unique_by=key))
    origin = draw(st.sampled_from(tuple(Origin)))
    status = draw(st.sampled_from(tuple(Status)))
    by_a_file = origin in (Origin.SOURCE, Origin.CSV)
    return User(
        address=held[0],
        aliases=tuple(sorted(held[1:])),
        group_id=draw(st.sampled_from(tuple(NAMES))),
        origin=origin,
        source_id=1 if origin is Origin.SOURCE else None,
        first_name=draw(TEXTS),
        last_name=draw(st.one_of(TEXTS, st.text("'=+-@\t a,;\"\r\n", max_size=6))),
        kind=draw(st.sampled_from(tuple(Kind))),
        status=status,
        reason="" if status is Status.ACTIVE else "No longer there.",
        missing_since=NOW if by_a_file and status is not Status.ACTIVE else None,
        exempt=draw(st.integers(0, 9)) == 0,
        id=user_id,
    )


@st.composite
def lists(draw: st.DrawFn, least: int = 0) -> list[User]:
    found: list[User] = []
    for number in range(1, draw(st.integers(max(least, 1), 5)) + 1):
        user = draw(users(number))
        found += [user] if legal([*found, user]) else []
    assume(len(found) >= least)
    return found


def exported(listed: Sequence[User]) -> bytes:
    return ("\ufeff" + "".join(user_csv.text(user_csv.rows(listed, NAMES)))).encode()


def imported(content: bytes, listed: Sequence[User], mode: Mode = Mode.UPDATE) -> Plan:
    read: Snapshot = CsvSource(content, CsvSettings(DOMAIN, complete=mode is Mode.REPLACE)).fetch(lambda *_: None)
    assert read.rejects == ()
    groups: Mapping[str, int] = {name: group_id for group_id, name in NAMES.items()}
    return verdict(read.people, listed, mode, groups, alias_domains=frozenset()).plan


@MANY
@given(lists(least=1), st.sampled_from(tuple(Mode)))
@example([User(Address(f'"a b;c"@{DOMAIN}'), 4, Origin.CSV, aliases=(Address(f"+x@{DOMAIN}"),), id=1)], Mode.REPLACE)
def test_export_and_import_change_nothing(listed: list[User], mode: Mode) -> None:
    plan = imported(exported(listed), listed, mode)
    assert plan.steps == ()
    assert plan.notes == ()
    kept = [user for user in listed if mode is not Mode.ADD and user.source_id is None and not user.exempt]
    assert (plan.unchanged, len(plan.skips)) == (len(kept), len(listed) - len(kept))


@MANY
@given(lists(least=1), st.data())
def test_an_edited_cell_changes_what_it_says_and_nothing_else(listed: list[User], data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(range(len(listed))))
    column, cell, after = data.draw(edits(listed[number]))
    rows = list(csv.reader(io.StringIO("".join(user_csv.text(user_csv.rows(listed, NAMES))), newline="")))
    rows[number + 1][user_csv.HEADER.index(column)] = cell
    plan = imported("".join(user_csv.text(rows)).encode(), listed)
    changed = by_id(applied(plan, listed))
    user = listed[number]
    if user.source_id is None and not user.exempt:
        assert changed == by_id(listed) | {user.id: after}
    else:
        assert plan.steps == ()


def edits(user: User) -> st.SearchStrategy[tuple[str, str, User]]:
    """A column, what a person writes into it, and the user that this means."""
    name = user_csv.guarded("=New name")
    alias = Address(f"brand.new@{DOMAIN}")
    return st.sampled_from(
        [
            ("first name", name, replace(user, first_name="=New name")),
            ("first name", "", replace(user, first_name="") if tidy(user.first_name) else user),
            ("last name", name, replace(user, last_name="=New name")),
            ("kind", "Shared", replace(user, kind=Kind.SHARED)),
            ("kind", "", user),
            ("group", "sales", replace(user, group_id=GROUPS["Sales"])),
            ("group", "", user),
            ("aliases", alias, replace(user, aliases=(alias,))),
            ("aliases", "", replace(user, aliases=())),
            ("status", "active", active(user)),
            ("status", "disabled", user),
        ]
    )


def active(user: User) -> User:
    """Back, if a file left it out; a person's word is taken back on the user's own page alone."""
    if user.origin is Origin.CSV and user.missing_since is not None:
        return replace(user, status=Status.ACTIVE, reason="", missing_since=None)
    return user
