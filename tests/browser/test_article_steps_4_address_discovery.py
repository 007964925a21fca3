"""Option 4, Address Discovery, and step 3, Confirm inbound SMTP: each step, by mouse and by keyboard alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from console.core.discovery import SightingState
from console.core.recipient import Mode
from console.models import Domain
from console.store import discovery, domains, users
from tests import factories
from tests.browser.hands import BOTH, Hand
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import ScriptedSmtp, knows
from tests.web.sighted import sighted, switched_on

pytestmark = BOTH
PAGE = "/domains/example.test/discovery"


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedSmtp]:
    """The domain's own mail server."""
    with ScriptedSmtp.start(knows("ada@example.test", "ann@example.test")) as running:
        yield running


@pytest.fixture
def hand(kind: type[Hand], page: Page, domain: Domain) -> Hand:
    factories.users(domain, factories.manual_user("ada@example.test"))
    return kind(page)


def test_read_the_description_for_address_discovery_in_the_console(hand: Hand) -> None:
    hand.page.goto("/domains/example.test")
    hand.open_menu("example.test", "Address Discovery")
    told = hand.page.get_by_role("region", name="What is this?")
    expect(told).to_contain_text("your own mail server is asked whether it would take it")
    expect(told).to_contain_text("You can change the MX records at once")
    expect(told).to_contain_text("It is no way to keep a list")


def test_note_exchange_edge_servers_respond_with_250_for_all_addresses(hand: Hand) -> None:
    hand.page.goto(PAGE)
    expect(hand.page.get_by_text("Exchange Edge servers answer 250 for every address by default")).to_be_visible()
    hand.use("How to change that on Exchange")
    expect(hand.page.get_by_text("Set-RecipientFilterConfig")).to_be_visible()


def test_enabling_address_discovery_checks_the_server_and_turns_it_on(
    hand: Hand, domain: Domain, server: ScriptedSmtp
) -> None:
    factories.delivery_server(domain, host=LOOPBACK, port=server.port)
    domains.set_perimeter(domain, Mode.ENFORCE)
    hand.page.goto(PAGE)
    hand.go("Check and turn on")
    expect(hand.page.get_by_text("Address Discovery is on now.")).to_be_visible()
    assert discovery.is_on(domain.id)


def test_notes_added_addresses_are_billable_until_you_modify_them_in_the_user_list(hand: Hand, domain: Domain) -> None:
    switched_on(domain)
    sighted(domain, "atrium", SightingState.ADDED)
    assert users.totals(domain.id).billable == 2
    found = users.holder(factories.address("atrium@example.test"))
    assert found is not None
    hand.page.goto("/domains/example.test/users")
    hand.go("atrium@example.test")
    hand.choose("Kind", "resource")
    hand.go("Save")
    expect(hand.page.get_by_text("Saved.")).to_be_visible()
    assert users.totals(domain.id).billable == 1


def test_step_3_confirm_inbound_smtp_address(hand: Hand, server: ScriptedSmtp) -> None:
    hand.page.goto("/domains/example.test")
    hand.open_menu("example.test", "Inbound SMTP")
    hand.go("Add server")
    hand.fill("Server", LOOPBACK)
    hand.fill("Port", str(server.port))
    hand.go("Add server")
    hand.go("Check")
    expect(hand.page).to_have_url(re.compile(r"/runs/\d+$"))
    expect(hand.page.locator("[data-announce]")).to_contain_text("The mail server accepts only known recipients.")
