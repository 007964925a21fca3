"""What each page of the menu is for, without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from console.core.discovery import SightingState
from console.core.recipient import Mode
from console.models import Admin, Domain
from console.store import discovery, domains, smtp, users
from tests import factories
from tests.browser.conftest import OpenPage
from tests.factories import PASSWORD, manual_user
from tests.processes import until
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import ScriptedSmtp, knows
from tests.web.sighted import sighted, switched_on

LISTED = "/domains/example.test"


@pytest.fixture
def page(open_page: OpenPage, alice: Admin, domain: Domain) -> Page:
    factories.users(domain, manual_user("ada@example.test", first_name="Ada"))
    return open_page(alice, java_script_enabled=False)


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    with ScriptedSmtp.start(knows("ada@example.test")) as running:
        yield running


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).first.click()


def test_the_first_steps_and_the_ways(page: Page) -> None:
    page.goto("/domains/new")
    page.get_by_label("Domain", exact=True).fill("second.example")
    press(page, "Add domain")
    expect(page.get_by_role("heading", name="How do you want to fill the list?")).to_be_visible()
    page.get_by_role("link", name="Choose Import").click()
    expect(page.get_by_label("Select a CSV file to upload")).to_be_visible()


def test_the_overview_and_its_checklist(page: Page) -> None:
    page.goto(LISTED)
    expect(page.get_by_role("heading", name="Three steps for a new domain")).to_be_visible()
    press(page, "Put away")
    expect(page.get_by_role("heading", name="Three steps for a new domain")).to_have_count(0)
    page.locator("details.crumb-toggle summary").last.click()
    page.get_by_role("list", name="Pages of example.test").get_by_role("link", name="Groups").click()
    expect(page.get_by_role("heading", name="Groups")).to_be_visible()


def test_groups_are_added_and_renamed(page: Page) -> None:
    page.goto(f"{LISTED}/groups")
    page.get_by_role("textbox", name="Name").fill("Sales")
    press(page, "Add group")
    page.get_by_role("link", name="Edit Sales").click()
    page.get_by_role("textbox", name="Name").fill("Support")
    press(page, "Rename")
    expect(page.get_by_text("Support").first).to_be_visible()


def test_a_mail_server_is_added_checked_and_discovery_turned_on(
    page: Page, domain: Domain, server: ScriptedSmtp
) -> None:
    domains.set_perimeter(domain, Mode.ENFORCE)
    page.goto(f"{LISTED}/smtp/new")
    page.get_by_label("Server").fill(LOOPBACK)
    page.get_by_label("Port").fill(str(server.port))
    press(page, "Add server")
    press(page, "Check")
    until(lambda: smtp.open_check(domain.id) is None, "the check has ended")
    page.goto(page.url)
    expect(page.get_by_text("It refuses an address that nobody has, as it should.")).to_be_visible()
    page.goto(f"{LISTED}/discovery")
    press(page, "Check and turn on")
    until(lambda: discovery.is_on(domain.id), "discovery is on")
    page.goto(f"{LISTED}/discovery")
    press(page, "Turn off")
    assert not discovery.is_on(domain.id)


def test_discovered_addresses_are_told_apart(page: Page, domain: Domain) -> None:
    switched_on(domain)
    sighted(domain, "atrium", SightingState.ADDED)
    page.goto(f"{LISTED}/discovery?list=added")
    page.get_by_role("button", name="Resource: atrium@example.test").click()
    expect(page.get_by_text("1 billable mailbox fewer: 1 in all.")).to_be_visible()


def test_a_rejected_recipient_becomes_a_user(page: Page, domain: Domain) -> None:
    domains.set_perimeter(domain, Mode.ENFORCE)
    factories.rejection(domain, "jane.doe@example.test")
    page.goto(f"{LISTED}/rejected")
    press(page, "Add as user")
    assert users.holder(factories.address("jane.doe@example.test")) is not None


def test_activity_is_filtered(page: Page) -> None:
    page.goto(f"{LISTED}/activity")
    page.get_by_label("Text or address").fill("nobody-at-all")
    press(page, "Show")
    expect(page.get_by_role("link", name="Show everything").first).to_be_visible()


def test_settings_are_saved(page: Page, domain: Domain) -> None:
    page.goto(f"{LISTED}/settings")
    page.get_by_label("Monitor").check()
    press(page, "Save mode")
    expect(page.get_by_text("the report shows what would be rejected").first).to_be_visible()
    page.get_by_label("Alias domain", exact=True).fill("example-group.test")
    press(page, "Add alias domain")
    assert domain.aliases == ["example-group.test"]


def test_the_password_is_changed_and_somebody_is_invited(page: Page) -> None:
    page.goto("/account")
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("four words of a stranger")
    page.get_by_label("New password again").fill("four words of a stranger")
    press(page, "Change password")
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    page.goto("/invitations/new")
    page.get_by_label("E-mail address").fill("dora@rollcall.example")
    press(page, "Make a link")
    expect(page.get_by_label("Link")).to_have_value(re.compile(r"/invitation/\S{43}$"))


def test_help_is_a_page_and_is_searched(page: Page) -> None:
    page.goto(f"{LISTED}/users")
    page.get_by_role("link", name="Help", exact=True).click()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()
    page.get_by_role("link", name="All help, and what words mean").first.click()
    page.get_by_label("Search the help").fill("conflict")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Conflicts", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Groups", exact=True)).to_have_count(0)
