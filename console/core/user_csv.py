"""The console's own CSV format: an export writes it, and an import takes it back without a change."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping

from console.core.person import User

HEADER = ("address", "first name", "last name", "kind", "group", "aliases", "status")
# A spreadsheet would run a cell that begins so as a formula (OWASP, CSV injection), the full-width forms too. The
# apostrophes count because one is put in front: otherwise nobody could tell one that was there from one that was not.
_FORMULA = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
# Characters that are written out at a time.
CHUNK = 65_536


def guarded(cell: str) -> str:
    """The cell as no spreadsheet runs it; `unguarded` is the inverse."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def rows(users: Iterable[User], group_names: Mapping[int, str]) -> Iterator[tuple[str, ...]]:
    """The header and a row of guarded cells for each user."""
    yield HEADER
    for user in users:
        cells = (
            user.address,
            user.first_name,
            user.last_name,
            user.kind.value,
            group_names.get(user.group_id, ""),
            " ".join(user.aliases),
            user.status.value,
        )
        yield tuple(map(guarded, cells))


def text(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Rows as CSV (RFC 4180), in pieces of a size that is worth sending."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow(row)
        if out.tell() >= CHUNK:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    if out.tell():
        yield out.getvalue()
