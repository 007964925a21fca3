"""The Users page costs the same however long the list is: a million users within three times of a thousand."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text

from console.models import Admin, Domain, db
from tests import crowds
from tests.bench.ratio import ratio
from tests.web.client import Browser

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

MOST = 3
SHORT, LONG = ("short.example", 1_000), ("long.example", 1_000_000)
SORTS = ("-address", "kind", "-kind", "status", "-status")
PAGES = {
    "first page": "",
    "in the middle": "?after=user{middle:07d}@{name}",
    "last page": "?before=user9",
    "one kind": "?kind=mailbox",
    "a rare kind": "?kind=shared",
    "a kind that nobody has": "?kind=public_folder",
    "a rare status": "?status=disabled",
    "a small group": "?group={sales}",
    "a source": "?origin=source:{source}",
    "nobody by hand": "?origin=manual",
    "search in addresses": "?q=user000012",
    "search in addresses and names": "?q=alias+{word}",
    "search that finds nothing": "?q=nobody-is-called-so",
    "search with two letters": "?q=us",
    "search that finds everybody": "?q=user",
    "search among a rare kind": "?q=user00&kind=shared",
    **{f"sorted by {sort}": f"?sort={sort}" for sort in SORTS},
    "search sorted by name": "?q=user000012&sort=name",
}


@pytest.fixture
def lists(app: Flask) -> Iterator[list[tuple[int, Domain]]]:
    """How many users, and the domain that has them. A million rows that are deleted would slow down what comes next."""
    yield [(count, crowds.crowd(name, count)) for name, count in (SHORT, LONG)]
    db.session.rollback()
    db.session.execute(text("truncate users, addresses"))
    db.session.commit()


def test_a_page_of_a_million_users_takes_at_most_three_times_that_of_a_thousand(
    app: Flask, alice: Admin, lists: list[tuple[int, Domain]]
) -> None:
    browser = Browser.of(app).signed_in(alice)
    browser.checks = False
    short, long = (
        {
            "name": domain.name,
            "middle": count // 2,
            "sales": domain.groups[1].id,
            "source": number,
            "word": crowds.word(count // 2),
        }
        for number, (count, domain) in enumerate(lists, start=1)
    )

    def page(words: dict[str, object], query: str) -> str:
        response = browser.get(f"/domains/{words['name']}/users{query.format(**words)}")
        assert response.status_code == 200
        return response.text

    def next_page(words: dict[str, object], query: str) -> str:
        """The query of the page after this one, which is as far as it is from the first one."""
        links = [line for line in page(words, query).split('"') if line.startswith("/domains/") and "after=" in line]
        return "?" + links[-1].partition("?")[2].replace("&amp;", "&") if links else query

    assert "1,000,000 users" in page(long, "")
    assert "1,000 users" in page(short, "")
    slow = {}
    for name, query in PAGES.items():
        for where, queries in (("", (query, query)), (", next", (next_page(long, query), next_page(short, query)))):
            far, near = queries
            if where and far == query:
                continue
            measured = ratio(
                f"users page, {name}{where}: 1,000,000 against 1,000",
                lambda far=far: page(long, far),  # type: ignore[misc]
                lambda near=near: page(short, near),  # type: ignore[misc]
                rounds=7,
            )
            if measured > MOST:
                slow[f"{name}{where}"] = measured
    assert slow == {}
