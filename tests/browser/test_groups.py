"""A group is deleted in a dialog that says what will happen, and comes back with the undo; its users are moved."""

import pytest
from playwright.sync_api import Page, expect

from console.models import Domain
from console.store import domains
from tests import factories
from tests.browser.window import press, tab_to
from tests.factories import manual_user


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    sales = domains.add_group(domain, "Sales")
    factories.users(domain, manual_user("ada@example.test", group_id=sales.id))
    page.goto("/domains/example.test/groups")
    return page


def test_a_group_is_deleted_and_comes_back(page: Page) -> None:
    page.get_by_role("link", name="Edit Sales").click()
    page.get_by_role("link", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("1 user goes to Default.")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The group Sales is deleted, and 1 user is in the default group now.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Done: 1 updated.").first).to_be_visible()
    page.goto("/domains/example.test/groups")
    expect(page.get_by_role("row").filter(has_text="Sales")).to_contain_text("1")


def test_its_users_are_moved_by_keyboard_alone(page: Page) -> None:
    tab_to(page, "Edit Sales")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Group Sales")).to_be_visible()
    press(page, "Move its one user")
    press(page, "Move 1 user to Default")
    expect(page.get_by_text("Moved 1 user to Default.")).to_be_visible()
