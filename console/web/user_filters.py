"""The filters and the order of the Users page: read from its address line, and offered as links to other ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from console.core.bulk import Act, Bulk
from console.core.person import Kind, Origin, Status
from console.models import Domain, Group, Source
from console.store.user_order import BY_ADDRESS, Order, Sort
from console.store.users import Filters
from console.web.shell import words

ORIGINS = {"manual": "by hand", "csv": "CSV file", "discovery": "discovered"}
NAMES = ("q", "kind", "status", "origin", "group")
FIRST = {Sort.CHANGED: Order(Sort.CHANGED, falling=True)}
"""The direction that a column is sorted in first, where it is not the rising one."""
ORDERS = {
    Order(Sort.ADDRESS): "address",
    Order(Sort.ADDRESS, falling=True): "address, Z to A",
    Order(Sort.NAME): "name",
    Order(Sort.NAME, falling=True): "name, Z to A",
    Order(Sort.KIND): "kind",
    Order(Sort.KIND, falling=True): "kind, backwards",
    Order(Sort.STATUS): "status, active first",
    Order(Sort.STATUS, falling=True): "status, disabled first",
    Order(Sort.CHANGED, falling=True): "last changed first",
    Order(Sort.CHANGED): "last changed last",
}


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
    order: Order = BY_ADDRESS

    def __call__(self, **changes: Any) -> str:
        return url_for("users.index", name=self.domain.name, **{**self.present, **changes})

    @property
    def present(self) -> dict[str, Any]:
        """What an address line says of the filters and the order."""
        filters = {name: getattr(self.filters, name) or None for name in NAMES}
        return {**filters, "sort": str(self.order) if self.order != BY_ADDRESS else None}

    def kinds(self) -> list[tuple[str, str]]:
        """What many users at once can be made, each as the act and a label."""
        return [(str(Bulk(Act.KIND, kind=kind)), words(kind.value).capitalize()) for kind in Kind]

    def moves(self) -> list[tuple[str, str]]:
        """The groups that many users at once can be moved to, each as the act and a label."""
        return [(str(Bulk(Act.GROUP, group_id=group.id)), group.name) for group in self.groups]

    def export(self) -> str:
        """The address of the file with the users that the filters match."""
        return url_for("exports.user_list", name=self.domain.name, **{**self.present, "sort": None})

    def cleared(self) -> str:
        """The address of the list without a filter, in the same order."""
        return self(**dict.fromkeys(NAMES))

    def sorts(self, name: str) -> dict[str, Any]:
        """The head of a column that the list can be sorted by: {href, direction}, the last for assistive technology."""
        sort = Sort(name)
        if self.order.sort is not sort:
            return {"href": self._sorted(FIRST.get(sort, Order(sort))), "direction": None}
        other = Order(sort, not self.order.falling)
        return {"href": self._sorted(other), "direction": "descending" if self.order.falling else "ascending"}

    def orders(self) -> dict[str, Any]:
        """Every order as a choice, for where the table has no heads."""
        options = [
            {"label": label, "href": self._sorted(order), "current": order == self.order}
            for order, label in ORDERS.items()
        ]
        return {"label": "Sort", "current": ORDERS[self.order], "options": options}

    def _sorted(self, order: Order) -> str:
        return self(sort=str(order) if order != BY_ADDRESS else None)

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
