"""The list as a file."""

import contextvars
import csv
from collections.abc import Iterable
from contextlib import closing
from typing import cast

from console.core.person import Kind
from console.models import Domain, now
from console.store import domains
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser

FILE = "/domains/brightfield.example/users.csv"


def _pieces(browser: Browser) -> list[int]:
    """How long the pieces are in which the file comes. Whoever streams goes on in the context in which it began."""
    response = super(Browser, browser).open(FILE)
    with closing(response):
        return [len(piece) for piece in cast(Iterable[bytes], response.response)]


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(text.removeprefix("\ufeff").splitlines()))


def test_the_file_has_everyone_in_the_consoles_own_format(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales").id
    factories.users(
        domain,
        manual_user("ada", aliases=["a.l", "countess"], first_name="Ada", last_name="Löwenherz", group_id=sales),
        manual_user("info", kind=Kind.SHARED, first_name="=1+1"),
    )
    response = client.get(FILE)
    assert (response.status_code, response.content_type) == (200, "text/csv; charset=utf-8")
    assert response.headers["Content-Disposition"] == (
        f'attachment; filename="brightfield.example-users-{now():%Y-%m-%d}.csv"'
    )
    assert response.headers["Cache-Control"] == "no-store, private"
    assert response.data.startswith(b"\xef\xbb\xbfaddress,")
    assert rows(response.text) == [
        ["address", "first name", "last name", "kind", "group", "aliases", "status"],
        [
            "ada@brightfield.example",
            "Ada",
            "Löwenherz",
            "mailbox",
            "Sales",
            "a.l@brightfield.example countess@brightfield.example",
            "active",
        ],
        ["info@brightfield.example", "'=1+1", "", "shared", "Default", "", "active"],
    ]


def test_the_file_has_the_users_that_the_page_shows(client: Browser, domain: Domain) -> None:
    factories.users(domain, manual_user("ada", first_name="Ada"), manual_user("info", kind=Kind.SHARED))
    shown = client.page("/domains/brightfield.example/users?kind=shared&q=info")
    [link] = [link for link in shown.links() if link.startswith(FILE)]
    assert [row[0] for row in rows(client.get(link).text)[1:]] == ["info@brightfield.example"]
    assert [row[0] for row in rows(client.get(f"{FILE}?q=ada").text)[1:]] == ["ada@brightfield.example"]
    assert rows(client.get(f"{FILE}?q=nobody").text)[1:] == []


def test_a_long_list_is_sent_while_it_is_read(client: Browser, domain: Domain) -> None:
    factories.many(domain, 2500)
    pieces = contextvars.Context().run(_pieces, client)
    assert len(pieces) > 2
    assert max(pieces) < 100_000
    assert len(rows(client.get(FILE).text)) == 2501
