"""The console's own format: harmless in a spreadsheet, and nothing is lost by that."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from console.core.person import Kind, Status
from console.core.user_csv import CHUNK, HEADER, guarded, rows, text, unguarded
from tests.factories import manual_user

cells = st.text(st.sampled_from("'=+-@\t\r\nab ,\"＝"), max_size=6) | st.text(max_size=10)


@given(cells)
def test_a_guarded_cell_is_no_formula_and_can_be_read_back(cell: str) -> None:
    assert guarded(cell)[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert unguarded(guarded(cell)) == cell


@given(cells)
def test_a_cell_that_needs_no_guard_is_left_alone(cell: str) -> None:
    if guarded(cell) == cell:
        assert unguarded(cell) == cell


def test_a_formula_in_a_name_is_exported_harmless() -> None:
    user = manual_user("ada", first_name="=cmd|' /C calc'!A0", last_name="'=x", group_id=7)
    [_, row] = rows([user], {7: "@group"})
    assert (row[1], row[2], row[4]) == ("'=cmd|' /C calc'!A0", "''=x", "'@group")


def test_a_user_is_one_row_with_everything_that_an_import_may_change() -> None:
    user = manual_user("ada", aliases=["b", "a"], first_name='A "B", C', kind=Kind.SHARED, status=Status.MISSING)
    written = "".join(text(rows([user], {1: "Sales\nteam"})))
    assert written.startswith(",".join(HEADER) + "\r\n")
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [
        "ada@brightfield.example", 'A "B", C', "", "shared", "Sales\nteam",
        "a@brightfield.example b@brightfield.example", "missing",
    ]  # fmt: skip


def test_a_long_list_comes_in_pieces() -> None:
    pieces = list(text(["x" * 100] for _ in range(2000)))
    assert len(pieces) > 2
    assert all(len(piece) < CHUNK + 1000 for piece in pieces)
    assert sum(map(len, pieces)) == 2000 * 102
