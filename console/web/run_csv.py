"""The changes of a run as CSV (RFC 4180), one row a change, with before and after."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

FIELDS = ("address", "aliases", "first_name", "last_name", "kind", "group", "status")
HEADER = ("change", "address", "entry", "why", *(f"{field} {when}" for field in FIELDS for when in ("before", "after")))
# A spreadsheet would run a cell that begins so as a formula (OWASP, CSV injection).
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def lines(changes: Iterable[Any], group_names: Mapping[int, str]) -> Iterator[str]:
    """The header and a line for each row of store.records.all_changes; no cell is one that a spreadsheet runs."""
    yield _line(HEADER)
    for change in changes:
        before, after = _told(change.before, group_names), _told(change.after, group_names)
        pairs = [value[field] for field in FIELDS for value in (before, after)]
        yield _line((change.action, change.address, change.place, change.why, *pairs))


def _told(user: dict[str, Any] | None, group_names: Mapping[int, str]) -> dict[str, str]:
    if user is None:
        return dict.fromkeys(FIELDS, "")
    usual = {"kind": "mailbox", "status": "active"}
    told = {field: str(user.get(field, usual.get(field, ""))) for field in FIELDS}
    told["aliases"] = " ".join(user.get("aliases", []))
    told["group"] = group_names.get(user.get("group_id", 0), "")
    return told


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
