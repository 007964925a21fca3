"""The filters of the Users page: read from its address line, and offered as chips that lead to other ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from console.core.person import Kind, Origin, Status
from console.models import Domain, Group, Source
from console.store.users import Filters
from console.web.shell import words

ORIGINS = {"manual": "by hand", "csv": "CSV file", "discovery": "discovered"}
NAMES = ("q", "kind", "status", "origin", "group")


def filters_from(args: Any, groups: Iterable[Group], sources: Iterable[Source]) -> Filters:
    """The filters of an address line; what is not a filter's value is no filter, nor is another domain's group."""
    kind, status, origin = (args.get(name, "") for name in ("kind", "status", "origin"))
    group = args.get("group", type=int)
    return Filters(
        q=args.get("q", "").replace("\x00", "").strip()[:200],
        kind=kind if kind in set(Kind) else None,
        status=status if status in set(Status) else None,
        origin=origin if origin in {*ORIGINS, *(_origin(source) for source in sources)} else None,
        group=group if group in {item.id for item in groups} else None,
    )


def _origin(source: Source) -> str:
    return f"{Origin.SOURCE}:{source.id}"


@dataclass(frozen=True)
class Links:
    """For the template: addresses of the list with some of its filters changed, and the choices of each filter."""

    domain: Domain
    filters: Filters
    groups: Sequence[Group]
    sources: Sequence[Source]

    def __call__(self, **changes: Any) -> str:
        present = {name: getattr(self.filters, name) or None for name in NAMES}
        return url_for("users.index", name=self.domain.name, **{**present, **changes})

    def export(self) -> str:
        """The address of the file with the users that the filters match."""
        present = {name: getattr(self.filters, name) or None for name in NAMES}
        return url_for("exports.user_list", name=self.domain.name, **present)

    def chips(self) -> list[dict[str, Any]]:
        """Each filter as {label, current, options, clear_href}; the last only where it is set."""
        return [
            self._chip("Kind", "kind", {kind.value: words(kind.value) for kind in Kind}),
            self._chip("Status", "status", {status.value: status.value for status in Status}),
            self._chip("From", "origin", {**{_origin(source): source.label for source in self.sources}, **ORIGINS}),
            self._chip("Group", "group", {group.id: group.name for group in self.groups}),
        ]

    def _chip(self, label: str, name: str, choices: dict[Any, str]) -> dict[str, Any]:
        value = getattr(self.filters, name)
        options = [{"label": "any", "href": self(**{name: None}), "current": not value}]
        options += [
            {"label": text, "href": self(**{name: choice}), "current": choice == value}
            for choice, text in choices.items()
        ]
        return {
            "label": label,
            "current": choices.get(value, "any"),
            "options": options,
            "clear_href": self(**{name: None}) if value else None,
        }
