"""What an import is told besides the file."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from console.core.errors import SourceError
from jobs.sources.csv.limits import COLUMN_LIMIT


class Meaning(StrEnum):
    """What a column holds.

    `login` is a sign-in name, the address where there is no other. `all_addresses` are further addresses with the
    primary marked by `SMTP:` in capitals, and no others exist. `deleted` is filled in for what was deleted.
    """

    ADDRESS = "address"
    ALIASES = "aliases"
    ALL_ADDRESSES = "all_addresses"
    LOGIN = "login"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    KIND = "kind"
    GROUP = "group"
    STATUS = "status"
    DELETED = "deleted"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """The domain that completes local parts, and what a person said of the file.

    `complete` is true where absence from the file means something. `columns` are meanings by index, from 0; when given,
    the file's own headers count for nothing. `header` says whether the first row is one; None: look.
    """

    domain: str
    complete: bool = False
    columns: Mapping[int, Meaning] | None = None
    header: bool | None = None

    @classmethod
    def from_json(cls, domain: str, options: Mapping[str, object]) -> Self:
        """The settings as the console stores them: {"mode": "replace", "columns": {"2": "address"}, "header": true}.

        Raises SourceError.
        """
        header = options.get("header")
        if header is not None and not isinstance(header, bool):
            raise SourceError("Whether the first row is a header must be true or false.", permanent=True)
        columns = options.get("columns")
        return cls(domain, options.get("mode") == "replace", _columns(columns) if columns else None, header)

    def to_json(self) -> dict[str, object]:
        """`from_json` makes the same settings of it."""
        columns = {str(index): meaning.value for index, meaning in (self.columns or {}).items()}
        return {"mode": "replace" if self.complete else "update", "columns": columns or None, "header": self.header}


def _columns(chosen: object) -> dict[int, Meaning]:
    if not isinstance(chosen, Mapping):
        raise SourceError("The columns must be given by their numbers.", permanent=True)
    columns: dict[int, Meaning] = {}
    for number, meaning in chosen.items():
        try:
            columns[int(str(number))] = Meaning(str(meaning))
        except ValueError:
            raise SourceError(
                f"“{number}: {meaning}” is no choice for a column: give its number, from 0, and one of "
                f"{', '.join(Meaning)}.",
                permanent=True,
            ) from None
    if min(columns) < 0 or max(columns) >= COLUMN_LIMIT:
        raise SourceError(f"Columns are numbered from 0, and there are at most {COLUMN_LIMIT:,}.", permanent=True)
    return columns
