"""Option 2, Manual Entry: each step of the article, by mouse and by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from console.core.recipient import Mode
from console.models import Domain
from console.store import domains, recipients, users
from tests import factories
from tests.browser.hands import BOTH, Hand

pytestmark = BOTH
USERS = "/domains/example.test/users"


@pytest.fixture
def hand(kind: type[Hand], page: Page, domain: Domain) -> Hand:
    page.goto(USERS)
    return kind(page)


def test_from_the_users_page_click_add_user_in_the_toolbar(hand: Hand) -> None:
    hand.use("Add User")
    expect(hand.page.get_by_role("region", name="A new user of example.test")).to_be_visible()
    expect(hand.page.get_by_label("E-mail address")).to_be_focused()


def test_enter_the_new_user_and_click_add_user_which_leads_into_the_profile(hand: Hand) -> None:
    hand.page.goto(f"{USERS}/new")
    hand.fill("E-mail address", "ada")
    hand.go("Add User")
    expect(hand.page).to_have_url(re.compile(r"/users/\d+$"))
    expect(hand.page.get_by_role("heading", name="ada@example.test")).to_be_visible()


def test_optionally_enter_the_first_and_last_name(hand: Hand) -> None:
    hand.page.goto(f"{USERS}/new")
    hand.fill("E-mail address", "ada")
    hand.fill("First name", "Ada")
    hand.fill("Last name", "Lovelace")
    hand.go("Add User")
    expect(hand.page.get_by_label("First name")).to_have_value("Ada")
    expect(hand.page.get_by_label("Last name")).to_have_value("Lovelace")


@pytest.mark.parametrize("crumb", ["example.test", "Default"])
def test_mouse_over_the_domain_or_group_at_the_top_and_select_users(hand: Hand, domain: Domain, crumb: str) -> None:
    recipients.add(domain, None, factories.address("ada@example.test"))
    found = users.holder(factories.address("ada@example.test"))
    assert found is not None
    hand.page.goto(f"/users/{found.id}")
    hand.open_menu(crumb, "Users")
    expect(hand.page).to_have_url(re.compile(rf"{USERS}(\?group=\d+)?$"))
    expect(hand.page.get_by_role("link", name="Add User", exact=True)).to_be_visible()


def test_important_all_other_addresses_are_rejected_as_invalid_recipient(hand: Hand, domain: Domain) -> None:
    domains.set_perimeter(domain, Mode.ENFORCE)
    hand.page.goto("/domains/example.test")
    hand.open_menu("example.test", "Users")
    expect(
        hand.page.get_by_text("Mail to any other address at example.test is rejected as “Invalid recipient”")
    ).to_be_visible()
