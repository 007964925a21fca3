"""Adding more than one user, by mouse and by keyboard, and what is said while one types."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from console.models import Domain
from tests import factories
from tests.browser.axe import faults
from tests.browser.conftest import Complaints
from tests.browser.window import mark, marked, press, tab_to, type_into
from tests.factories import manual_user


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    factories.users(domain, manual_user("office@example.test", aliases=["desk@example.test"]))
    page.goto("/domains/example.test/users")
    return page


def verdicts(page: Page) -> Locator:
    return page.locator("#verdicts tbody tr")


def test_lines_are_told_what_becomes_of_them_while_they_are_typed(page: Page, complaints: Complaints) -> None:
    complaints.expect("422")
    page.get_by_role("link", name="Add User").click()
    page.get_by_role("link", name="Add several at once").click()
    mark(page)
    lines = page.get_by_label("Users, one a line")
    lines.fill("ada, Ada Lovelace\noffice\nno address")
    expect(verdicts(page)).to_have_count(3)
    expect(verdicts(page).last).to_contain_text("will be added")
    assert marked(page), "the page was loaded anew"
    page.get_by_role("button", name="Add users", exact=True).click()
    expect(page.locator("#lines-error")).to_contain_text("2 lines cannot be added")
    expect(lines).to_have_value("ada, Ada Lovelace\noffice\nno address")
    assert list(faults(page, "several-refused")) == []
    page.get_by_role("button", name="Add the one that can be added").click()
    expect(page.get_by_text("1 user is added")).to_be_visible()
    expect(lines).to_have_value("office\nno address")
    lines.fill("bob\nCy Twombly <cy@example.test>")
    expect(verdicts(page)).to_have_count(2)
    page.get_by_role("button", name="Add users", exact=True).click()
    expect(page.get_by_text("2 users are added")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Done: 2 deleted.").first).to_be_visible()


def test_several_are_added_by_keyboard_alone(page: Page) -> None:
    page.goto("/domains/example.test/users/new/several")
    expect(page.get_by_label("Users, one a line")).to_be_focused()
    page.keyboard.type("ada")
    page.keyboard.press("Enter")
    page.keyboard.type("bob")
    expect(verdicts(page)).to_have_count(2)
    press(page, "Add users")
    expect(page.get_by_text("2 users are added")).to_be_visible()


def test_an_address_is_looked_at_while_it_is_typed_and_another_can_follow(page: Page) -> None:
    tab_to(page, "Add User")
    page.keyboard.press("Enter")
    address = page.get_by_label("E-mail address")
    expect(address).to_be_focused()
    page.keyboard.type("desk")
    said = page.locator("#address-verdict")
    expect(said).to_contain_text("on the list already, as an alias of office@example.test.")
    expect(said.get_by_role("link", name="Open office@example.test")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.type("ada")
    expect(said).to_have_text("ada@example.test can be added.")
    page.get_by_label("Kind").select_option("shared")
    press(page, "Add and add another")
    expect(page).to_have_url(re.compile(r"/users/new\?"))
    expect(page.get_by_text("ada@example.test is added")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_be_focused()
    expect(page.get_by_label("Kind")).to_have_value("shared")
    page.get_by_role("link", name="Open its profile").click()
    expect(page.get_by_role("heading", name="ada@example.test")).to_be_visible()


def test_an_address_is_tried_in_the_profile(page: Page) -> None:
    page.get_by_role("link", name="office@example.test", exact=True).click()
    expect(page.get_by_role("heading", name="office@example.test")).to_be_visible()
    mark(page)
    type_into(page, "Try an address", "Office+news")
    page.keyboard.press("Enter")
    expect(page.locator("#acceptance-answer")).to_contain_text("Without its tag it is the address of the user office@")
    assert marked(page), "the page was loaded anew"
