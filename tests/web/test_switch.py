"""From a domain to the same kind of page of another one."""

import pytest

from console.models import Domain
from tests import factories
from tests.web.client import HTMX, Browser


@pytest.fixture
def other(domain: Domain) -> Domain:
    return factories.domain("lakeside.example")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/users", "users"), ("/sync", "sync"), ("/smtp", "smtp"), ("/settings", "settings"), ("/users/new", "users")],
)
def test_the_switcher_of_a_page_leads_to_the_same_kind_of_page(
    client: Browser, domain: Domain, other: Domain, path: str, kind: str
) -> None:
    shown = client.page(f"/domains/{domain.name}{path}")
    asked = shown.one("switch-menu").attributes["hx-get"]
    menu = client.page(asked, headers=HTMX)
    listed = [f"/domains/{domain.name}/{kind}", f"/domains/{other.name}/{kind}"]
    assert menu.links() == [*listed, "/domains"]
    assert [link.text for link in menu.all("a") if "aria-current" in link.attributes] == [domain.name]
    assert menu.all("input") == [], "a few are seen at a glance"


def test_without_javascript_it_leads_to_the_list_of_domains(client: Browser, domain: Domain) -> None:
    menu = client.page(f"/domains/{domain.name}/users").one("switch-menu")
    assert [link.attributes["href"] for link in menu if link.tag == "a"] == ["/domains"]


def test_of_many_domains_some_are_shown_and_typing_finds_the_others(client: Browser, domain: Domain) -> None:
    for n in range(14):
        factories.domain(f"d{n:02}.example")
    menu = client.page("/domains/switch?to=users.index")
    assert len(menu.links()) == 13
    assert "Type to find the others." in menu.text
    assert menu.all("input")[0].attributes["name"] == "q"
    narrowed = client.page("/domains/switch?to=groups.index&q=D13")
    assert narrowed.links() == ["/domains/d13.example/groups", "/domains"]
    assert "No domain is called like that." in client.page("/domains/switch?q=nothing%00").text


def test_what_is_no_page_of_a_domain_leads_to_its_users(client: Browser, domain: Domain) -> None:
    assert client.page("/domains/switch?to=accounts.index").links()[0] == f"/domains/{domain.name}/users"


def test_only_domains_that_one_may_see_are_there(stranger: Browser, domain: Domain) -> None:
    for q in ("", "&q=example"):
        assert stranger.page(f"/domains/switch?to=users.index{q}").links() == [
            "/domains/mallory.example/users",
            "/domains",
        ]
