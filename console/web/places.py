"""Where a page of a long list begins, as its address says it."""

from collections.abc import Iterable

from flask import request

from console.store.paging import Place


def place(prefix: str = "") -> Place:
    """The place that `after` or `before` names, with a prefix where a page has two lists; else the top."""
    return Place(after=_row_id(f"{prefix}after"), before=_row_id(f"{prefix}before"))


def row_ids(texts: Iterable[str], limit: int) -> tuple[int, ...]:
    """The ids of rows that a form names, each once; what is none, or is more than a page can send, is left out."""
    numbers = (int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19)
    return tuple(dict.fromkeys(numbers))[:limit]


def _row_id(name: str) -> int | None:
    """What no row has for a number is no place."""
    number = request.args.get(name, 0, type=int)
    return number if 0 < number < 2**63 else None
