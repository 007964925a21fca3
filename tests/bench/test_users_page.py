"""The Users page costs the same however long the list is."""

import pytest
from flask import Flask

from console.core.person import Kind
from console.models import Admin
from tests import factories
from tests.bench.ratio import ratio
from tests.web.client import Browser

pytestmark = pytest.mark.bench

PAGES = {
    "first page": "",
    "in the middle": "?after=user{middle:06d}@{name}",
    "one kind": "?kind=mailbox",
    "a kind that nobody has": "?kind=resource",
    "a status that nobody has": "?status=missing",
    "search in names and addresses": "?q=user0000",
    "search that finds nothing": "?q=nobody-is-called-so",
    "search with two letters": "?q=us",
}


SHORT, LONG = "short.example", "long.example"


@pytest.fixture
def lists(app: Flask) -> None:
    """A domain with 100 users and one with 100,000, each with an alias; in the long one each 50th is shared."""
    for name, count in ((SHORT, 100), (LONG, 100_000)):
        wanted = (
            factories.manual_user(
                f"user{n:06d}@{name}",
                aliases=[f"u{n}@{name}"],
                kind=Kind.SHARED if name == LONG and n % 50 == 0 else Kind.MAILBOX,
            )
            for n in range(count)
        )
        factories.users(factories.domain(name), *wanted)
    factories.analyze()


def test_a_page_of_a_hundred_thousand_users_takes_at_most_twice_that_of_a_hundred(
    app: Flask, alice: Admin, lists: None
) -> None:
    browser = Browser.of(app).signed_in(alice)
    browser.checks = False

    def page(name: str, count: int, query: str) -> str:
        response = browser.get(f"/domains/{name}/users" + query.format(middle=count // 2, name=name))
        assert response.status_code == 200
        return response.text

    assert "100,000 users" in page(LONG, 100_000, "")
    assert "100 users" in page(SHORT, 100, "")
    ratios = {
        name: ratio(
            f"users page, {name}: 100,000 against 100",
            lambda query=query: page(LONG, 100_000, query),  # type: ignore[misc]
            lambda query=query: page(SHORT, 100, query),  # type: ignore[misc]
            rounds=15,
        )
        for name, query in PAGES.items()
    }
    assert {name: value for name, value in ratios.items() if value > 2} == {}
