"""The search box of the top bar and the switcher of domains, by mouse and by keyboard alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from console.models import Admin, Domain
from tests import factories
from tests.browser.axe import faults
from tests.browser.conftest import OpenPage
from tests.browser.window import mark, marked, tab_to
from tests.factories import manual_user

BOX = "Find a user, an address or a domain"


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    """The settings of a domain with two users; there is another domain with one."""
    other = factories.domain("lakeside.example")
    people = (manual_user("ada@example.test", aliases=["countess@example.test"], first_name="Ada"),)
    factories.users(domain, *people, manual_user("adam@example.test"))
    factories.users(other, manual_user("ada@lakeside.example"))
    page.goto("/domains/example.test/settings")
    return page


def box(page: Page) -> Locator:
    return page.get_by_label(BOX)


def hits(page: Page) -> Locator:
    return page.locator("#search-hits a")


def test_what_is_typed_is_found_and_opened_by_a_click(page: Page) -> None:
    mark(page)
    box(page).press_sequentially("ada")
    expect(hits(page)).to_have_count(3)
    expect(page.locator("#search-count")).to_have_text("3 found")
    box(page).press_sequentially("@lake")
    expect(hits(page)).to_have_count(1)
    assert marked(page), "the page was loaded anew"
    assert list(faults(page, "search-open")) == []
    hits(page).first.click()
    expect(page.get_by_role("heading", name="ada@lakeside.example")).to_be_visible()


def test_by_keyboard_alone(page: Page) -> None:
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type("countess")
    expect(hits(page)).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(hits(page).first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(hits(page)).to_have_count(0)
    expect(box(page)).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.type("ada")
    expect(hits(page)).to_have_count(3)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ada@lakeside.example")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=ada$"))
    expect(page.get_by_role("heading", name="Users of lakeside.example")).to_be_visible()


def test_a_slash_that_is_typed_stays_one_and_a_field_of_the_page_comes_first(page: Page) -> None:
    box(page).fill("a")
    box(page).press("/")
    expect(box(page)).to_have_value("a/")
    page.goto("/search")
    page.locator("body").press("/")
    expect(page.get_by_label("Address, name or domain")).to_be_focused()


def test_leaving_the_box_puts_away_what_was_found(page: Page) -> None:
    box(page).press_sequentially("ada")
    expect(hits(page)).to_have_count(3)
    page.locator("h1").click()
    expect(hits(page)).to_have_count(0)


def test_hovering_domains_leads_to_the_same_kind_of_page_of_another_domain(page: Page) -> None:
    page.get_by_role("link", name="Domains", exact=True).hover()
    page.locator("#switch-menu").get_by_role("link", name="lakeside.example").click()
    expect(page).to_have_url(re.compile(r"/domains/lakeside.example/settings$"))


def test_of_many_domains_one_is_found_by_typing_with_the_keyboard_alone(page: Page) -> None:
    for n in range(14):
        factories.domain(f"d{n:02}.example")
    tab_to(page, "Switch to another domain")
    page.keyboard.press("Enter")
    field = page.get_by_label("Filter the domains")
    expect(field).to_be_focused()
    assert list(faults(page, "switch-open")) == []
    page.keyboard.type("d13")
    expect(page.locator("#switch-list a")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#switch-list a")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#switch-menu")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(field).to_be_visible()
    field.fill("lake")
    expect(page.locator("#switch-list a")).to_have_text(["lakeside.example"])
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"/domains/lakeside.example/settings$"))


def test_without_javascript_both_are_pages(open_page: OpenPage, page: Page, alice: Admin) -> None:
    plain = open_page(alice, java_script_enabled=False)
    plain.goto("/domains/example.test/settings")
    box(plain).fill("countess")
    box(plain).press("Enter")
    expect(plain.get_by_role("link", name="ada@example.test")).to_be_visible()
    plain.go_back()
    plain.locator("#switch-toggle summary").click()
    plain.locator("#switch-menu").get_by_role("link", name="All domains").click()
    expect(plain.get_by_role("link", name="lakeside.example")).to_be_visible()
