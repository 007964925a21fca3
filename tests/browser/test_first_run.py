"""An empty console leads to one that works: password, domain, way, and seeing it work."""

import re

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from console.core.recipient import Mode
from console.models import Role
from console.store import admins, domains, users
from tests.browser.conftest import SETUP_TOKEN, OpenPage
from tests.browser.hands import BOTH, Hand
from tests.factories import PASSWORD

pytestmark = BOTH


@pytest.fixture
def hand(kind: type[Hand], open_page: OpenPage) -> Hand:
    return kind(open_page())


def step(page: Page, number: int) -> None:
    expect(page.get_by_role("navigation", name="First steps")).to_contain_text(f"Step {number} of 4")


def test_whoever_has_the_token_makes_the_first_account(app: Flask, hand: Hand) -> None:
    hand.page.goto("/login")
    hand.go("Set up this console")
    hand.fill("Set-up token", SETUP_TOKEN)
    hand.fill("Your name", "Dora Diaz")
    hand.fill("E-mail address", "dora@company.example")
    hand.fill("Password", PASSWORD)
    hand.fill("Password again", PASSWORD)
    hand.go("Make account")
    step(hand.page, 2)
    assert [admin.role for admin in admins.every()] == [Role.OWNER]


def test_the_owner_of_an_empty_console_is_led_by_the_hand(app: Flask, hand: Hand) -> None:
    owner, one_time = admins.create("owner@rollcall.example", Role.OWNER)
    page = hand.page
    page.goto("/")
    hand.fill("E-mail address", owner.email)
    hand.fill("Password", one_time or "")
    hand.go("Sign in")
    step(page, 1)
    hand.go("Choose your own password")
    hand.fill("Present password", one_time or "")
    hand.fill("New password", PASSWORD)
    hand.fill("New password again", PASSWORD)
    hand.go("Change password")
    step(page, 2)
    hand.go("Add domain")
    step(page, 2)
    hand.fill("Domain", "company.example")
    hand.go("Add domain")
    step(page, 3)
    hand.go("Choose Add User")
    hand.fill("E-mail address", "ada")
    hand.go("Add User")
    expect(page.get_by_role("heading", name="ada@company.example")).to_be_visible()
    hand.point_at("company.example")
    hand.go("Overview")
    step(page, 4)
    hand.go("Perimeter")
    expect(page).to_have_url(re.compile(r"/settings#perimeter$"))
    domain = domains.named("company.example")
    assert domain is not None
    assert domain.perimeter_mode == Mode.OFF
    assert users.totals(domain.id).accepted == 1
