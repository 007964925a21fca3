"""What a list was at the end of each day, counted back from what it is now by what has changed since."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from console.core.person import BILLABLE, Status

ONE_DAY = dt.timedelta(days=1)


class Make(NamedTuple):
    """What is counted apart: users of one origin, kind and status."""

    origin: str
    kind: str
    status: str


@dataclass(frozen=True, slots=True)
class Counted:
    """So many users and addresses more or fewer: on a day, or in all where `day` is None."""

    day: dt.date | None
    make: Make
    users: int
    addresses: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """A list at the end of a day. `accepted` counts addresses, the rest users; nobody is in no origin and no kind."""

    day: dt.date
    origins: Mapping[str, int]
    kinds: Mapping[str, int]
    billable: int
    accepted: int


def back(counted: Iterable[Counted], first: dt.date, last: dt.date) -> Iterator[DayCount]:
    """The days from the last back to the first. `counted` is what there is now, and what each day since the first
    changed.

    What was changed after the last day is taken off as well.
    """
    users: Counter[Make] = Counter()
    addresses: Counter[Make] = Counter()
    changed: dict[dt.date, list[Counted]] = {}
    for item in counted:
        if item.day is None:
            users[item.make] += item.users
            addresses[item.make] += item.addresses
        else:
            changed.setdefault(item.day, []).append(item)
    later = sorted((day for day in changed if day > last), reverse=True)
    for day in later:
        _take_off(changed[day], users, addresses)
    day = last
    while day >= first:
        yield count(day, users, addresses)
        _take_off(changed.get(day, ()), users, addresses)
        day -= ONE_DAY


def count(day: dt.date, users: Mapping[Make, int], addresses: Mapping[Make, int]) -> DayCount:
    """A day's numbers of these users and addresses."""
    origins: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for make, number in users.items():
        origins[make.origin] += number
        kinds[make.kind] += number
    accepting = {make for make in users if make.status != Status.DISABLED}
    return DayCount(
        day,
        {name: number for name, number in origins.items() if number > 0},
        {name: number for name, number in kinds.items() if number > 0},
        billable=sum(users[make] for make in accepting if make.kind in BILLABLE),
        accepted=sum(addresses[make] for make in accepting),
    )


def _take_off(changed: Iterable[Counted], users: Counter[Make], addresses: Counter[Make]) -> None:
    for item in changed:
        users[item.make] -= item.users
        addresses[item.make] -= item.addresses
