"""The Users page as partials: filter, chips, pages and row edits change what they are about and nothing else."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from console.core.person import Kind
from console.models import Domain
from tests import factories
from tests.browser.window import mark, marked
from tests.factories import manual_user

COUNT = 120


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    """The Users page of a domain with many users and three shared mailboxes."""
    numbered = [manual_user(f"user{n:03}@example.test", first_name="User", last_name=f"No{n}") for n in range(COUNT)]
    shared = [manual_user(f"{name}@example.test", kind=Kind.SHARED) for name in ("info", "sales", "user-group")]
    factories.users(domain, *numbered, *shared)
    page.goto("/domains/example.test/users")
    mark(page)
    return page


def rows(page: Page) -> Locator:
    return page.locator("#users-rows tbody tr")


def row(page: Page, local: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=f"{local}@example.test", exact=True))


def choose(page: Page, chip: str, option: str) -> None:
    page.locator(".chip summary").filter(has_text=chip).click()
    page.locator(".chip .menu").get_by_role("link", name=option, exact=True).click()


def test_typing_filters_the_rows_in_place_and_the_back_button_takes_it_back(page: Page) -> None:
    field = page.get_by_label("Filter this list by address or name")
    field.press_sequentially("use")
    expect(page).to_have_url(re.compile(r"\?q=use$"))
    field.press_sequentially("r00")
    expect(rows(page)).to_have_count(10)
    expect(page).to_have_url(re.compile(r"\?q=user00$"))
    expect(field).to_be_focused()
    expect(field).to_have_value("user00")
    expect(page.get_by_text("10 users match").first).to_be_visible()
    assert marked(page), "the page was loaded anew"
    page.go_back()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/users$"))
    expect(rows(page)).to_have_count(50)
    expect(field).to_have_value("")
    page.go_forward()
    page.go_forward()
    expect(rows(page)).to_have_count(10)
    expect(field).to_have_value("user00")


def test_a_chip_narrows_the_list_and_can_be_taken_away(page: Page) -> None:
    choose(page, "Kind", "shared")
    expect(rows(page)).to_have_count(3)
    expect(page).to_have_url(re.compile(r"\?kind=shared$"))
    page.get_by_role("link", name="Show any kind").click()
    expect(rows(page)).to_have_count(50)
    assert marked(page), "the page was loaded anew"


def test_a_chip_keeps_what_was_typed_and_typing_keeps_the_chips(page: Page) -> None:
    field = page.get_by_label("Filter this list by address or name")
    field.press_sequentially("user")
    expect(page.get_by_text("121 users match").first).to_be_visible()
    choose(page, "Kind", "shared")
    expect(rows(page)).to_have_count(1)
    expect(page).to_have_url(re.compile("q=user"))
    field.fill("")
    expect(rows(page)).to_have_count(3)
    expect(page).to_have_url(re.compile("kind=shared"))
    assert marked(page), "the page was loaded anew"


def test_the_list_is_paged_in_place_there_and_back(page: Page) -> None:
    expect(rows(page).first).to_contain_text("info@")
    page.get_by_role("link", name="Next").click()
    expect(rows(page).first).to_contain_text("user047@")
    page.get_by_role("link", name="Next").click()
    expect(rows(page)).to_have_count(23)
    page.get_by_role("link", name="Previous").click()
    expect(rows(page).first).to_contain_text("user047@")
    assert marked(page), "the page was loaded anew"
    page.go_back()
    expect(rows(page)).to_have_count(23)


def test_a_row_is_edited_in_place(page: Page) -> None:
    row(page, "user003").get_by_role("link", name="Edit").click()
    edited = page.get_by_role("form", name="Edit user003@example.test")
    expect(edited.get_by_label("First name")).to_be_focused()
    edited.get_by_label("First name").fill("Uma")
    edited.get_by_label("Kind").select_option("resource")
    edited.get_by_role("button", name="Save").click()
    expect(row(page, "user003")).to_contain_text("Uma No3")
    expect(row(page, "user003")).to_contain_text("resource")
    expect(rows(page)).to_have_count(50)
    assert marked(page), "the page was loaded anew"


def test_an_edit_of_a_row_is_given_up_without_a_trace(page: Page) -> None:
    row(page, "user004").get_by_role("link", name="Edit").click()
    edited = page.get_by_role("form", name="Edit user004@example.test")
    edited.get_by_label("First name").fill("Nobody")
    edited.get_by_role("link", name="Cancel").click()
    expect(row(page, "user004")).to_contain_text("User No4")
    expect(page.get_by_role("form", name="Edit user004@example.test")).to_have_count(0)
    assert marked(page), "the page was loaded anew"


def test_an_address_leads_to_the_profile_as_a_page(page: Page) -> None:
    row(page, "user005").get_by_role("link", name="user005@example.test", exact=True).click()
    expect(page.get_by_role("heading", name="user005@example.test")).to_be_visible()
    assert not marked(page)


def test_deleting_asks_in_a_dialog_in_numbers_and_can_be_undone(page: Page) -> None:
    row(page, "user006").get_by_role("link", name="user006@example.test", exact=True).click()
    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("One billable mailbox less.")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("link", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("user006@example.test is deleted")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Done: 1 created.").first).to_be_visible()
