"""Option 2 of the article, step by step: add a user by hand, and the quick way back to adding more."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from console.models import Domain
from console.store import recipients
from tests import factories
from tests.browser.conftest import Complaints
from tests.browser.window import mark, marked, press, tab_to, type_into


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    """The Users page of a domain with one user."""
    recipients.add(domain, None, factories.address("taken@example.test"))
    page.goto("/domains/example.test/users")
    return page


def way(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Where you are")


def form(page: Page) -> Locator:
    return page.get_by_role("region", name="A new user of example.test")


def test_a_user_is_added_from_the_toolbar_and_leads_into_the_profile(page: Page) -> None:
    page.get_by_role("link", name="Add User").click()
    expect(form(page).get_by_label("E-mail address")).to_be_focused()
    form(page).get_by_label("E-mail address").fill("ada")
    form(page).get_by_label("First name").fill("Ada")
    form(page).get_by_label("Last name").fill("Lovelace")
    form(page).get_by_role("button", name="Add User").click()
    expect(page).to_have_url(re.compile(r"/users/\d+$"))
    expect(page.get_by_role("heading", name="ada@example.test")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Ada")
    expect(page.get_by_text("mail to this address is accepted from now on")).to_be_visible()


@pytest.mark.parametrize("of", ["example.test", "Default"])
def test_hovering_the_domain_or_the_group_opens_a_menu_with_users(page: Page, of: str) -> None:
    page.get_by_role("link", name="taken@example.test", exact=True).click()
    menu = page.get_by_role("list", name=f"Pages of {of}")
    expect(menu).to_be_hidden()
    way(page).get_by_role("link", name=of, exact=True).hover()
    expect(menu).to_be_visible()
    menu.get_by_role("link", name="Users").click()
    expect(page).to_have_url(re.compile(r"/domains/example.test/users(\?group=\d+)?$"))
    expect(page.get_by_role("link", name="Add User")).to_be_visible()


@pytest.mark.parametrize("of", ["example.test", "Default"])
def test_the_menu_opens_by_keyboard_focus_too(page: Page, of: str) -> None:
    page.get_by_role("link", name="taken@example.test", exact=True).click()
    menu = page.get_by_role("list", name=f"Pages of {of}")
    expect(page.get_by_role("heading", name="taken@example.test")).to_be_visible()
    tab_to(page, of)
    expect(menu).to_be_visible()
    press(page, "Users")
    expect(page).to_have_url(re.compile(r"/domains/example.test/users(\?group=\d+)?$"))


def test_escape_closes_the_menu_and_it_stays_closed_under_the_mouse(page: Page) -> None:
    menu = page.get_by_role("list", name="Pages of example.test")
    way(page).get_by_role("link", name="example.test").hover()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()


def test_a_refused_form_stays_in_place_with_its_messages_and_what_was_typed(page: Page, complaints: Complaints) -> None:
    complaints.expect("422")
    mark(page)
    page.get_by_role("link", name="Add User").click()
    for typed, sentence in (
        ("", "Enter an e-mail address."),
        ("taken", "taken@example.test"),
        ("ada@elsewhere.example", "is not an address of example.test"),
    ):
        form(page).get_by_label("E-mail address").fill(typed)
        form(page).get_by_label("First name").fill("Ada")
        form(page).get_by_label("Kind").select_option("shared")
        form(page).get_by_role("button", name="Add User").click()
        expect(form(page).locator(".field-error")).to_contain_text(sentence)
        expect(form(page).get_by_label("E-mail address")).to_have_value(typed)
        expect(form(page).get_by_label("First name")).to_have_value("Ada")
        expect(form(page).get_by_label("Kind")).to_have_value("shared")
        expect(form(page).get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    assert marked(page), "the page was loaded anew"
    expect(page.locator("#trouble")).to_be_empty()
    form(page).get_by_label("E-mail address").fill("ada")
    form(page).get_by_role("button", name="Add User").click()
    expect(page.get_by_role("heading", name="ada@example.test")).to_be_visible()


def test_a_user_is_added_by_keyboard_alone(page: Page) -> None:
    tab_to(page, "Add User")
    page.keyboard.press("Enter")
    expect(form(page).get_by_label("E-mail address")).to_be_focused()
    page.keyboard.type("bob")
    type_into(page, "First name optional", "Bob")
    press(page, "Add User")
    expect(page.get_by_role("heading", name="bob@example.test")).to_be_visible()
