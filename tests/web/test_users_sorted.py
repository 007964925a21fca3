"""The Users page in other orders."""

import pytest

from console.models import Domain, User
from console.store import recipients
from tests import factories
from tests.web.client import Browser
from tests.web.profiles import core
from tests.web.user_lists import five, listed, turn


@pytest.fixture
def path(domain: Domain) -> str:
    return f"/domains/{domain.name}/users"


@pytest.fixture
def company(domain: Domain) -> dict[str, User]:
    return five(domain)


SORTED = {
    "": ["ada", "gone", "grace", "leaver", "office"],
    "-address": ["office", "leaver", "grace", "gone", "ada"],
    "name": ["ada", "grace", "office", "gone", "leaver"],
    "-name": ["leaver", "gone", "office", "grace", "ada"],
    "kind": ["ada", "gone", "grace", "leaver", "office"],
    "-kind": ["office", "leaver", "grace", "gone", "ada"],
    "status": ["ada", "grace", "office", "leaver", "gone"],
    "-status": ["gone", "leaver", "office", "grace", "ada"],
    "changed": ["ada", "office", "gone", "leaver", "grace"],
    "-changed": ["grace", "leaver", "gone", "office", "ada"],
    "robot": ["ada", "gone", "grace", "leaver", "office"],
}


def test_the_list_is_sorted_as_its_address_says(client: Browser, path: str, company: dict[str, User]) -> None:
    recipients.exempt(core(company["grace"]), None, True)
    pages = {order: client.page(f"{path}?sort={order}") for order in SORTED}
    found = {order: [address.partition("@")[0] for address in listed(shown)] for order, shown in pages.items()}
    assert found == SORTED


def test_the_heads_of_columns_sort_and_turn_the_order(client: Browser, path: str, company: dict[str, User]) -> None:
    shown = client.page(f"{path}?sort=name&kind=mailbox")
    sorts = {head.text.split()[0]: head.attributes.get("aria-sort") for head in shown.all("th") if head.text}
    assert {name: sorts[name] for name in ("Address", "Name", "Kind", "Changed")} == {
        "Address": None,
        "Name": "ascending",
        "Kind": None,
        "Changed": None,
    }
    heads = {link.text: link.attributes["href"] for link in shown.all("a") if link.attributes.get("class") == "sort"}
    assert heads == {
        "Address": f"{path}?kind=mailbox",
        "Name": f"{path}?kind=mailbox&sort=-name",
        "Kind": f"{path}?kind=mailbox&sort=kind",
        "Status": f"{path}?kind=mailbox&sort=status",
        "Changed": f"{path}?kind=mailbox&sort=-changed",
    }
    turned = client.page(heads["Name"])
    assert "descending" in {head.attributes.get("aria-sort") for head in turned.all("th")}


def test_the_order_stays_through_pages_searches_and_filters(client: Browser, path: str, domain: Domain) -> None:
    factories.many(domain, 60)
    shown = client.page(f"{path}?q=user&sort=-address")
    onward = turn(shown, "next")
    assert onward is not None
    assert listed(client.page(onward))[-1] == "user000000@brightfield.example"
    assert shown.form(path)["sort"] == "-address"
    assert f"{path}?q=user&kind=shared&sort=-address" in shown.links()
    assert f"{path}?sort=-address" in shown.links(), "there is no way to clear all filters"
    assert f"{path}.csv?q=user" in shown.links()
