"""The help of a page opens beside it, and all of it is searched while one types."""

import re

import pytest
from playwright.sync_api import Page, expect

from console.models import Domain
from tests.browser.window import NAME, mark, marked


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    page.goto("/domains/example.test/groups")
    mark(page)
    return page


def test_it_opens_by_mouse_and_closes_where_one_clicks_beside_it(page: Page) -> None:
    page.get_by_role("link", name="Help", exact=True).click()
    dialog = page.get_by_role("dialog", name="Groups")
    expect(dialog).to_contain_text("Each user is in exactly one group.")
    expect(dialog).to_contain_text("What the words mean")
    page.mouse.click(5, 400)
    expect(dialog).to_be_hidden()
    assert marked(page), "the page was left"


def test_it_opens_by_keyboard_alone_and_gives_the_focus_back(page: Page) -> None:
    link = page.get_by_role("link", name="Help", exact=True)
    while "Help" not in page.evaluate(NAME):
        page.keyboard.press("Tab")
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Groups")
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    assert marked(page), "the page was left"


def test_all_of_it_is_searched_while_one_types(page: Page) -> None:
    page.goto("/help")
    mark(page)
    page.get_by_label("Search the help").press_sequentially("perimeter enforce")
    expect(page.get_by_role("link", name="Settings of a domain")).to_be_visible()
    expect(page.get_by_role("link", name="Groups")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?q=perimeter"))
    assert marked(page), "the page was loaded anew"
    page.get_by_role("link", name="Off, Monitor, Enforce").click()
    expect(page).to_have_url(re.compile(r"#word-mode$"))
