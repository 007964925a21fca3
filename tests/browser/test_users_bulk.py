"""Many users at once, by mouse and by keyboard alone; the list in other orders; the row in which one stands."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from console.core.person import Kind
from console.models import Domain
from console.store import domains
from tests import factories
from tests.browser.window import mark, marked
from tests.factories import manual_user

COUNT = 60


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    """The Users page of a domain with more users than a page shows, three of them shared mailboxes."""
    domains.add_group(domain, "Sales")
    numbered = [manual_user(f"user{n:02}@example.test", first_name=f"No{n:02}", last_name="User") for n in range(COUNT)]
    shared = [manual_user(f"{name}@example.test", kind=Kind.SHARED) for name in ("info", "sales", "zoo")]
    factories.users(domain, *numbered, *shared)
    page.goto("/domains/example.test/users")
    mark(page)
    return page


def row(page: Page, local: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=f"{local}@example.test", exact=True))


def selected(page: Page) -> Locator:
    return page.locator("[data-selected]")


def acts(page: Page) -> Locator:
    return page.locator("[data-acts]")


def taken_back(page: Page) -> None:
    """The run that the Undo of the message starts has ended."""
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#run-progress")).to_have_attribute("data-state", "succeeded")


def test_three_users_change_their_kind_by_mouse_and_back(page: Page) -> None:
    expect(acts(page)).to_be_hidden()
    for local in ("user00", "user01", "info"):
        page.get_by_label(f"Select {local}@example.test").check()
    expect(selected(page)).to_have_text("3 selected, 2 of them billable")
    acts(page).locator("summary", has_text="Kind").click()
    acts(page).get_by_role("button", name="Resource").click()
    asked = page.get_by_role("dialog", name="Make 3 users resources?")
    expect(asked).to_contain_text("Billable mailboxes: 60 before, 58 after.")
    assert marked(page), "the page was loaded anew"
    asked.get_by_role("link", name="Cancel").click()
    expect(selected(page)).to_have_text("3 selected, 2 of them billable")
    acts(page).locator("summary", has_text="Kind").click()
    acts(page).get_by_role("button", name="Resource").click()
    page.get_by_role("button", name="Make 3 users resources").click()
    expect(row(page, "user01")).to_contain_text("resource")
    expect(page.get_by_text("Made 3 users resources.")).to_be_visible()
    taken_back(page)
    page.goto("/domains/example.test/users")
    expect(row(page, "user01")).to_contain_text("mailbox")
    expect(row(page, "info")).to_contain_text("shared")


def test_three_users_change_their_kind_by_keyboard_alone_and_back(page: Page) -> None:
    keyboard = page.keyboard
    keyboard.press("ArrowDown")
    expect(row(page, "info")).to_be_focused()
    keyboard.press("ArrowDown")
    for _ in range(3):
        keyboard.press("ArrowDown")
        keyboard.press("Space")
    expect(selected(page)).to_have_text("3 selected, 3 of them billable")
    keyboard.press("c")
    keyboard.press("Enter")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(acts(page).get_by_role("button", name="Shared")).to_be_focused()
    keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Make 3 users shared mailboxes?")
    keyboard.press("Enter")
    expect(row(page, "user02")).to_contain_text("shared")
    for _ in range(40):
        keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "Undo":
            break
    keyboard.press("Enter")
    expect(page.locator("#run-progress")).to_have_attribute("data-state", "succeeded")
    page.goto("/domains/example.test/users")
    expect(row(page, "user02")).to_contain_text("mailbox")


def test_all_that_match_are_selected_once_all_on_the_page_are(page: Page) -> None:
    more = page.get_by_label("Select all 63 users")
    expect(more).to_be_hidden()
    page.get_by_label("All on this page").check()
    expect(selected(page)).to_have_text("50 selected, 48 of them billable")
    more.check()
    expect(selected(page)).to_have_text("All 63 selected")
    acts(page).locator("summary", has_text="Group").click()
    acts(page).get_by_role("button", name="Sales").click()
    page.get_by_role("button", name="Move 63 users to Sales").click()
    expect(page.get_by_text("Moved 63 users to Sales.")).to_be_visible()
    page.get_by_label("All on this page").check()
    page.get_by_label("Select all 63 users").check()
    page.get_by_label("Select user00@example.test").uncheck()
    expect(selected(page)).to_have_text("49 selected, 47 of them billable")
    expect(page.get_by_label("Select all 63 users")).not_to_be_checked()


def test_what_is_selected_stays_so_while_it_is_shown(page: Page) -> None:
    page.get_by_label("Select info@example.test").check()
    page.get_by_label("Select user05@example.test").check()
    page.get_by_label("Filter this list by address or name").press_sequentially("user")
    expect(row(page, "info")).to_have_count(0)
    expect(page.get_by_label("Select user05@example.test")).to_be_checked()
    expect(selected(page)).to_have_text("1 selected, 1 of them billable")
    row(page, "user05").get_by_role("link", name="Edit").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Select user05@example.test")).to_be_checked()
    assert marked(page), "the page was loaded anew"


def test_the_list_is_sorted_in_place_by_its_heads(page: Page) -> None:
    rows = page.locator("#users-rows tbody tr")
    page.get_by_role("link", name="Kind", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?sort=kind$"))
    expect(page.get_by_role("columnheader", name="Kind")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("link", name="Kind", exact=True).click()
    expect(rows.first).to_contain_text("zoo@")
    expect(page.get_by_role("columnheader", name="Kind")).to_have_attribute("aria-sort", "descending")
    page.get_by_role("link", name="Next").click()
    expect(rows.last).to_contain_text("user00@")
    assert marked(page), "the page was loaded anew"
    page.set_viewport_size({"width": 390, "height": 800})
    page.locator(".chip summary", has_text="Sort").click()
    page.locator(".chip .menu").get_by_role("link", name="name", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?sort=name$"))
    expect(rows.first).to_contain_text("No00 User")


def test_a_row_is_edited_by_keyboard_and_one_stands_in_it_again(page: Page) -> None:
    keyboard = page.keyboard
    row(page, "user03").focus()
    keyboard.press("e")
    edited = page.get_by_role("form", name="Edit user03@example.test")
    expect(edited.get_by_label("First name")).to_be_focused()
    keyboard.press("ControlOrMeta+a")
    keyboard.type("eye")
    keyboard.press("Enter")
    expect(row(page, "user03")).to_contain_text("eye User")
    expect(row(page, "user03")).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("e")
    expect(page.get_by_role("form", name="Edit user04@example.test").get_by_label("First name")).to_be_focused()
    keyboard.type("never")
    keyboard.press("Escape")
    expect(row(page, "user04")).to_be_focused()
    expect(row(page, "user04")).to_contain_text("No04 User")
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/users/\d+$"))


def test_the_keys_are_told_and_do_nothing_while_one_types(page: Page) -> None:
    keyboard, keys = page.keyboard, page.get_by_role("dialog", name="Keys")
    keyboard.press("/")
    field = page.get_by_label("Filter this list by address or name")
    expect(field).to_be_focused()
    keyboard.type("c?e ")
    expect(field).to_have_value("c?e ")
    expect(keys).to_be_hidden()
    field.fill("")
    expect(page.locator("#users-rows tbody tr")).to_have_count(50)
    field.blur()
    keyboard.press("?")
    expect(keys).to_contain_text("Select the user")
    keyboard.press("ArrowDown")
    keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(keys).to_be_visible()
    keys.get_by_role("button", name="Close").click()
    expect(keys).to_be_hidden()
