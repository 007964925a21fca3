"""The search of the top bar: its results as one types, and their page."""

import pytest

from console.models import Admin, Domain
from console.store import lookup
from tests import factories
from tests.factories import manual_user
from tests.web.client import HTMX, Browser
from tests.web.markup import Page


def headings(page: Page) -> list[str]:
    """Of the page itself, without what is around it."""
    return [element.text for element in page.one("main") if element.tag == "h2"]


@pytest.fixture(autouse=True)
def people(domain: Domain) -> None:
    factories.users(
        domain,
        manual_user("ada", aliases=["countess"], first_name="Ada", last_name="Lovelace"),
        manual_user("adam", first_name="Adam & Eve"),
    )


def test_every_page_has_the_box_and_it_works_as_a_plain_form(client: Browser, domain: Domain) -> None:
    for path in ("/domains", f"/domains/{domain.name}/users", "/account", "/search"):
        assert client.page(path).form("/search") == {"q": ""}


def test_what_is_typed_brings_users_and_domains(client: Browser, domain: Domain) -> None:
    shown = client.page("/search/hits?q=ad", headers=HTMX)
    assert shown.links() == ["/users/1", "/users/2"]
    assert shown.one("search-hits").attributes["data-count"] == "2 found"
    shown = client.page("/search/hits?q=bright", headers=HTMX)
    assert shown.links() == [f"/domains/{domain.name}"]


def test_an_alias_says_whose_it_is(client: Browser) -> None:
    text = client.page("/search/hits?q=countess").text
    assert "ada@brightfield.example alias countess@brightfield.example Ada Lovelace" in text


def test_nothing_typed_shows_nothing_and_nothing_found_says_so(client: Browser) -> None:
    empty = client.page("/search/hits?q=+")
    assert (empty.text, "data-count" in empty.one("search-hits").attributes) == ("", False)
    none = client.page("/search/hits?q=<nobody>")
    assert "No user, address or domain that you may see is called “<nobody>”." in none.text
    assert none.one("search-hits").attributes["data-count"] == "Nothing found"


def test_more_than_fits_leads_to_the_page_and_from_there_to_the_domains_list(client: Browser, domain: Domain) -> None:
    factories.many(domain, 60)
    shown = client.page("/search/hits?q=user0")
    assert shown.links()[-1] == "/search?q=user0"
    assert shown.one("search-hits").attributes["data-count"] == "8 shown, there are more"
    page = client.page("/search?q=user0")
    assert f"/domains/{domain.name}/users?q=user0" in page.links()
    assert "More users match than are shown here" in page.text


def test_the_page_groups_what_it_found_by_domain(client: Browser, domain: Domain) -> None:
    other = factories.domain("lakeside.example")
    factories.users(other, manual_user("ada@lakeside.example"))
    page = client.page("/search?q=ada")
    assert headings(page) == [f"Users of {domain.name}", "Users of lakeside.example"]
    assert page.form("/search")["q"] == "ada"


def test_the_page_has_words_for_nothing(client: Browser) -> None:
    assert "What to look for" not in client.page("/search").text
    assert headings(client.page("/search?q=nobody")) == ["Nothing found"]
    assert client.page("/search?q=%00").all("h1")[0].text == "Search"


def test_what_is_in_another_domain_is_not_found(stranger: Browser, mallory: Admin) -> None:
    for path in ("/search?q=ada", "/search/hits?q=ada@brightfield.example", "/search/hits?q=bright"):
        assert "ada@brightfield" not in stranger.page(path).text.replace("“ada@brightfield", "")
        assert not any("brightfield" in link or link.startswith("/users/") for link in stranger.page(path).links())


def test_a_viewer_finds_too(viewer: Browser) -> None:
    assert viewer.page("/search/hits?q=ada").links() == ["/users/1", "/users/2"]


def test_a_search_that_was_given_up_says_what_to_do(
    client: Browser, domain: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_up = lookup.Found("xyz", [], [], given_up=True)
    monkeypatch.setattr(lookup, "find", lambda *_, **__: given_up)
    assert "type more of the address or the name" in client.page("/search/hits?q=xyz").text
    assert "Type more of the address or the name" in client.page("/search?q=xyz").text
