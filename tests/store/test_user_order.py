"""Every order of the list can be walked there and back, shows everybody once, and is read from an index."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event, text

from console.core.person import Kind, Status
from console.models import Domain, User, db
from console.store import domains, recipients, roster, users
from console.store.user_order import Order, Sort, spot
from console.store.users import PAGE, Filters, Page
from tests import crowds, factories
from tests.factories import manual_user

ORDERS = [Order(sort, falling) for sort in Sort for falling in (False, True)]
KINDS, STATUSES = list(Kind), list(Status)
KEYS: dict[Sort, Callable[[User], tuple[Any, ...]]] = {
    Sort.ADDRESS: lambda user: (user.address,),
    Sort.NAME: lambda user: (not user.name, user.name.lower(), user.id),
    Sort.KIND: lambda user: (KINDS.index(Kind(user.kind)), user.address),
    Sort.STATUS: lambda user: (STATUSES.index(Status(user.status)), user.address),
    Sort.CHANGED: lambda user: (user.changed_at, user.id),
}


@pytest.fixture
def crowd(domain: Domain) -> Domain:
    """170 users of all makes; many share a name, some have none or half of one, and each third changed by itself."""
    sales = domains.add_group(domain, "Sales").id
    names = [("Zoe", "Ash"), ("ada", "Byron"), ("Ada", "Byron"), ("", ""), ("", "Ng"), ("Bo", "")]
    factories.users(
        domain,
        *(
            manual_user(
                f"u{n * 7 % 170:03d}",
                first_name=names[n % 6][0],
                last_name=names[n % 6][1],
                kind=KINDS[n % 4],
                status=STATUSES[n % 3],
                group_id=sales if n % 2 else 1,
            )
            for n in range(170)
        ),
    )
    statement = "update users set changed_at = changed_at - interval '1 hour' * (id % 7) where id % 3 = 0"
    db.session.execute(text(statement))
    db.session.commit()
    return domain


def forwards(domain: Domain, filters: Filters, order: Order) -> list[Page]:
    pages = [users.page(domain.id, filters, order=order)]
    while pages[-1].after is not None:
        pages.append(users.page(domain.id, filters, order=order, after=pages[-1].after))
    return pages


def backwards(domain: Domain, filters: Filters, order: Order, page: Page) -> list[Page]:
    pages = [page]
    while pages[0].before is not None:
        pages.insert(0, users.page(domain.id, filters, order=order, before=pages[0].before))
    return pages


def shown(pages: list[Page]) -> list[str]:
    return [user.address for page in pages for user in page.users]


@pytest.mark.parametrize(
    "filters", [Filters(), Filters(kind="shared"), Filters(q="u0"), Filters(q="byron", status="active")]
)
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_everybody_is_shown_once_and_in_order_there_and_back(crowd: Domain, order: Order, filters: Filters) -> None:
    there = forwards(crowd, filters, order)
    listed = [user for page in there for user in page.users]
    assert len({user.id for user in listed}) == len(listed) == there[0].total
    assert listed == sorted(listed, key=KEYS[order.sort], reverse=order.falling)
    assert shown(backwards(crowd, filters, order, there[-1])) == shown(there)
    assert all(len(page.users) == PAGE for page in there[:-1])
    assert (there[0].before, there[-1].after) == (None, None)


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_whoever_goes_between_two_pages_moves_nobody(crowd: Domain, order: Order) -> None:
    first, second = forwards(crowd, Filters(), order)[:2]
    last = roster.by_ids([first.users[-1].id])[first.users[-1].id]
    recipients.delete(last, None)
    assert shown([users.page(crowd.id, Filters(), order=order, after=first.after)]) == shown([second])


@pytest.mark.parametrize(
    "words", ["", "x", ":", "x:y", "1:x", "0:", "mailbox:", "-1:1", f"{10**19}:1", f"1:{10**18}", "a\x00"]
)
@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_what_is_no_spot_is_the_beginning(crowd: Domain, order: Order, words: str) -> None:
    for page in (
        users.page(crowd.id, Filters(), order=order, after=words),
        users.page(crowd.id, Filters(), order=order, before=words),
    ):
        if spot(order, words) is None:
            assert shown([page]) == shown([users.page(crowd.id, Filters(), order=order)])


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_an_order_is_written_as_it_is_read(order: Order) -> None:
    assert Order.parse(str(order)) == order


@pytest.mark.parametrize("words", ["", "-", "robot", "--name", "Name"])
def test_what_is_no_order_is_that_by_address(words: str) -> None:
    assert Order.parse(words) == Order()


@contextmanager
def plans() -> Iterator[list[str]]:
    """How PostgreSQL goes about each query that reads the list, as it is asked."""
    found: list[str] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def explain(_connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if re.match(r"select\b.*\bfrom users\b", statement, re.IGNORECASE | re.DOTALL):
            cursor.execute(f"explain {statement}", values)
            found.append("\n".join(row[0] for row in cursor.fetchall()))

    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", explain)


LOOKS = {
    "all": Filters(),
    "a rare kind": Filters(kind="shared"),
    "the usual kind": Filters(kind="mailbox"),
    "a rare status": Filters(status="disabled"),
    "of a source": Filters(origin="source:1"),
    "by hand": Filters(origin="manual"),
    "of a small group": Filters(group=2),
    "searched": Filters(q="user00012"),
    "searched and filtered": Filters(q="user00012", kind="mailbox", status="active"),
}


IN_ORDER = [order for order in ORDERS if order.sort not in (Sort.NAME, Sort.CHANGED)]
"""The orders that an index has."""


def test_no_page_reads_the_whole_list(app: object) -> None:
    domain = crowds.crowd(factories.DOMAIN, 20_000)
    with plans() as found:
        for filters in LOOKS.values():
            for order in IN_ORDER:
                page = users.page(domain.id, filters, order=order)
                if page.after is not None:
                    page = users.page(domain.id, filters, order=order, after=page.after)
                    users.page(domain.id, filters, order=order, before=page.before)
    assert len(found) > 3 * len(IN_ORDER) * len(LOOKS)
    assert [plan for plan in found if "Seq Scan on users" in plan] == []
