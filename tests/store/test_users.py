"""Finding users: pages, search and filters, counts."""

from dataclasses import replace
from typing import Any

import pytest

from console.core.address import Address, split
from console.core.person import Kind, Status
from console.core.plan import Action, Step
from console.models import Domain, Source, db
from console.store import domains, records, roster, users
from console.store.paging import TOP
from console.store.users import PAGE, Filters, Page
from tests import factories
from tests.factories import address, manual_user, user
from tests.store.lists import act

ALL = Filters()


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


@pytest.fixture
def crowd(domain: Domain, source: Source) -> list[str]:
    """130 users of all makes; their local parts in order."""
    sales = domains.add_group(domain, "Sales").id
    made = []
    for n in range(130):
        status = Status.DISABLED if n % 10 == 3 else Status.MISSING if n % 10 == 7 else Status.ACTIVE
        values: dict[str, Any] = {
            "status": status,
            "kind": Kind.SHARED if n % 4 == 0 else Kind.MAILBOX,
            "group_id": sales if n % 3 == 0 else 1,
            "aliases": [f"a{n:03d}"],
        }
        made.append(manual_user(f"u{n:03d}", **values) if n % 2 else user(f"u{n:03d}", source_id=source.id, **values))
    factories.users(domain, *made)
    return [f"u{n:03d}" for n in range(130)]


def names(page: Page) -> list[str]:
    return [split(Address(row.address))[0] for row in page.users]


def forwards(domain: Domain, filters: Filters) -> list[Page]:
    pages = [users.page(domain.id, filters)]
    while pages[-1].after is not None:
        pages.append(users.page(domain.id, filters, after=pages[-1].after))
    return pages


def backwards(domain: Domain, filters: Filters, page: Page) -> list[Page]:
    pages = [page]
    while pages[0].before is not None:
        pages.insert(0, users.page(domain.id, filters, before=pages[0].before))
    return pages


def test_pages_forwards_and_backwards_show_everybody_once_and_in_order(domain: Domain, crowd: list[str]) -> None:
    there = forwards(domain, ALL)
    assert [len(page.users) for page in there] == [PAGE, PAGE, 130 - 2 * PAGE]
    assert [name for page in there for name in names(page)] == crowd
    back = backwards(domain, ALL, there[-1])
    assert [names(page) for page in back] == [names(page) for page in there]
    assert {page.total for page in there} == {130}


FILTERS = [
    ALL,
    Filters(kind="shared"),
    Filters(kind="list"),
    Filters(status="missing"),
    Filters(status="active", kind="mailbox"),
    Filters(origin="manual"),
    Filters(origin="source:1"),
    Filters(origin="source:1", status="disabled", kind="shared"),
    Filters(group=2),
    Filters(q="u0"),
    Filters(q="brightfield", status="active"),
    Filters(q="a01", origin="manual"),
]


@pytest.mark.parametrize("filters", FILTERS, ids=repr)
def test_a_filter_s_count_is_that_of_its_pages(domain: Domain, crowd: list[str], filters: Filters) -> None:
    pages = forwards(domain, filters)
    listed = [row for page in pages for row in page.users]
    assert len({row.id for row in listed}) == len(listed) == pages[0].total
    assert [name for page in backwards(domain, filters, pages[-1]) for name in names(page)] == [
        name for page in pages for name in names(page)
    ]
    for row in listed:
        assert row.kind == (filters.kind or row.kind)
        assert row.status == (filters.status or row.status)
        assert row.group_id == (filters.group or row.group_id)


def test_filters_by_origin_and_group_are_exact(domain: Domain, crowd: list[str], source: Source) -> None:
    own = forwards(domain, Filters(origin=f"source:{source.id}"))
    assert [name for page in own for name in names(page)] == crowd[::2]
    sales = next(group for group in domains.groups(domain.id) if group.name == "Sales")
    assert [name for page in forwards(domain, Filters(group=sales.id)) for name in names(page)] == crowd[::3]


def test_a_page_has_what_its_rows_show_without_further_queries(
    domain: Domain, crowd: list[str], source: Source
) -> None:
    page = users.page(domain.id, Filters(origin=f"source:{source.id}"))
    label = source.label
    db.session.expunge_all()
    row = page.users[0]
    assert (row.group.name, row.aliases, row.source.label if row.source else "") == ("Sales", [address("a000")], label)


def test_the_order_is_that_of_bytes_whatever_the_language(domain: Domain) -> None:
    factories.users(domain, *(manual_user(name, None) for name in ("zoe", "ärger", "_system", "a-b", "ab")))
    assert names(users.page(domain.id, ALL)) == ["_system", "a-b", "ab", "zoe", "ärger"]


def test_a_user_added_while_somebody_pages_is_shown_or_not_but_moves_nobody(domain: Domain, crowd: list[str]) -> None:
    first = users.page(domain.id, ALL)
    factories.users(domain, manual_user("u000a", None))
    assert names(users.page(domain.id, ALL, after=first.after))[0] == crowd[PAGE]


def test_another_domain_s_users_are_not_shown(domain: Domain) -> None:
    other = factories.domain("other.example")
    factories.users(other, manual_user("ada@other.example"))
    assert users.page(domain.id, ALL).total == 0
    assert users.page(other.id, ALL).total == 1


def test_the_numbers_above_the_list(domain: Domain, source: Source) -> None:
    factories.users(
        domain,
        user("a", None, source_id=source.id, aliases=["a1", "a2"]),
        user("b", None, source_id=source.id, status=Status.MISSING),
        manual_user("c", status=Status.DISABLED, aliases=["c1"]),
        manual_user("d", kind=Kind.LIST),
    )
    totals = users.totals(domain.id)
    assert (totals.users, totals.accepted, totals.billable, totals.missing, totals.disabled) == (4, 5, 2, 1, 1)
    assert totals.by_kind == {"mailbox": 3, "list": 1}
    assert totals.by_origin == {f"source:{source.id}": 2, "manual": 2}


def test_what_nobody_is_any_more_is_not_among_the_numbers(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", kind=Kind.LIST))
    (one,) = roster.of_domain(domain.id)
    act(domain, Step(Action.DELETE, one, None))
    assert (users.totals(domain.id).by_kind, users.totals(domain.id).by_origin) == ({}, {})


def test_a_user_is_seen_by_those_who_may_see_its_domain(domain: Domain) -> None:
    (user_id,) = factories.users(domain, manual_user("ada"))
    own = factories.admin("own@x.example", only=[domain])
    other = factories.admin("other@x.example", only=[factories.domain("other.example")])
    assert users.visible(own, user_id) is not None
    assert users.visible(other, user_id) is None
    assert users.visible(own, user_id + 1) is None


def test_a_user_s_past_is_what_was_done_newest_first(domain: Domain) -> None:
    (user_id,) = factories.users(domain, manual_user("ada"))
    ada = roster.by_ids([user_id])[user_id]
    act(domain, Step(Action.UPDATE, ada, replace(ada, last_name="King")))
    assert [change.action for change in records.history(user_id, TOP).rows] == [Action.UPDATE, Action.CREATE]


def test_the_holder_of_an_address_is_found_by_primary_address_and_alias(domain: Domain) -> None:
    factories.users(domain, manual_user("ada", aliases=["weiß"]))
    for name in ("ada", "weiß", "weiss"):
        one = users.holder(address(name))
        assert one is not None
        assert one.address == address("ada")
    assert users.holder(address("ada+news")) is None


def test_everybody_of_a_domain_is_listed_by_address(domain: Domain, crowd: list[str]) -> None:
    assert [split(Address(row.address))[0] for row in users.every(domain.id)] == crowd
