"""Option 4 of the article: discovery is turned on, mail arrives, and its recipient becomes a user by itself."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from console.core.recipient import Mode
from console.models import Domain
from console.store import discovery, domains, users
from tests import factories
from tests.browser.conftest import Complaints
from tests.browser.window import mark, marked, press, tab_to
from tests.perimeter.client import Client
from tests.processes import Deployment
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import Script, ScriptedSmtp, knows
from tests.web.sighted import switched_on

KNOWN = [f"{local}@example.test" for local in ("ada", "ann", "ann.b", "ab", "atrium")]


@pytest.fixture(scope="module")
def mail(deployment: Deployment) -> Client:
    """A mail server in front that asks a real perimeter about recipients."""
    process = deployment.perimeter()
    return Client(process.policy_port, process.socketmap_port)


@pytest.fixture
def server() -> Iterator[ScriptedSmtp]:
    """The domain's own mail server."""
    with ScriptedSmtp.start(knows(*KNOWN)) as running:
        yield running


@pytest.fixture
def ours(domain: Domain, server: ScriptedSmtp) -> Domain:
    """A domain that enforces its list, on which there is one user."""
    factories.users(domain, factories.manual_user("ada@example.test", first_name="Ada"))
    factories.delivery_server(domain, host=LOOPBACK, port=server.port)
    domains.set_perimeter(domain, Mode.ENFORCE)
    return domain


def row(page: Page, local: str) -> Locator:
    return page.locator("#sightings-table tbody tr").filter(has=page.get_by_role("link", name=f"{local}@example.test"))


def billable(page: Page) -> Locator:
    return page.locator(".tile").filter(has_text="Billable mailboxes").locator(".tile-number")


def test_mail_makes_users_by_itself_and_aliases_are_told_apart_in_bulk(page: Page, ours: Domain, mail: Client) -> None:
    page.goto("/domains/example.test/users")
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="example.test").hover()
    page.get_by_role("link", name="Address Discovery").click()
    expect(page.get_by_role("heading", name="Nothing is asked, and nothing is added")).to_be_visible()
    page.get_by_role("button", name="Check and turn on").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+$"))
    expect(page.get_by_text("Address Discovery is on now.")).to_be_visible()
    page.get_by_role("link", name="Watch what mail brings").click()
    expect(billable(page)).to_have_text("1")
    mark(page)
    mail.becomes("ann@example.test", "accept", 15)
    expect(row(page, "ann")).to_contain_text("somebody@x.example")
    expect(billable(page)).to_have_text("2")
    row(page, "ann").get_by_role("checkbox").check()
    for local in ("ann.b", "ab"):
        mail.becomes(f"{local}@example.test", "accept", 15)
        expect(row(page, local)).to_be_visible()
    assert mail.policy("nobody@example.test") == "reject"
    expect(page.get_by_role("link", name="Refused 1")).to_be_visible()
    expect(row(page, "ann").get_by_role("checkbox")).to_be_checked()
    expect(page.get_by_text("1 selected, 1 of them billable")).to_be_visible()
    assert marked(page), "the page was loaded anew"
    expect(billable(page)).to_have_text("4")
    page.get_by_label("Select all on this page").check()
    expect(page.get_by_text("3 selected, 3 of them billable")).to_be_visible()
    page.get_by_role("button", name="Alias of …", exact=True).click()
    expect(page.get_by_text("3 billable mailboxes fewer")).to_be_visible()
    page.get_by_label("Address or name").fill("ada")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Make aliases of ada@example.test").click()
    expect(page.locator("#flashes")).to_contain_text("3 billable mailboxes fewer: 1 in all.")
    expect(billable(page)).to_have_text("1")
    expect(row(page, "ann")).to_contain_text("an alias of ada@example.test")
    mail.becomes("ann.b@example.test", "accept")
    page.locator("#flashes").get_by_role("button", name="Undo").click()
    expect(page.locator('[data-state="succeeded"]')).to_be_visible()
    assert users.totals(ours.id).billable == 4


def test_all_of_it_goes_by_keyboard_too(page: Page, ours: Domain, mail: Client) -> None:
    page.goto("/domains/example.test/discovery")
    press(page, "Check and turn on")
    expect(page.get_by_text("Address Discovery is on now.")).to_be_visible()
    press(page, "Watch what mail brings")
    mail.becomes("atrium@example.test", "accept", 15)
    expect(row(page, "atrium")).to_be_visible()
    tab_to(page, "Select atrium@example.test")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected, 1 of them billable")).to_be_visible()
    page.keyboard.press("Enter")
    expect(row(page, "atrium")).to_contain_text("mailbox")
    press(page, "Resource: atrium@example.test")
    expect(page.locator("#flashes")).to_contain_text("1 billable mailbox fewer: 1 in all.")
    expect(row(page, "atrium")).to_contain_text("resource")
    press(page, "Turn off")
    expect(page.get_by_text("It was turned off by hand.")).to_be_visible()
    assert not discovery.is_on(ours.id)


def test_a_server_that_accepts_everybody_is_found_and_explained(page: Page, ours: Domain, server: ScriptedSmtp) -> None:
    server.script = Script(None)
    page.goto("/domains/example.test/discovery")
    page.get_by_role("button", name="Check and turn on").click()
    expect(page.get_by_text("It was not turned on")).to_be_visible()
    page.get_by_role("link", name="Address Discovery").last.click()
    expect(page.get_by_text("accepts every address, so it cannot say who exists")).to_be_visible()
    page.get_by_text("What to change on the mail server").click()
    expect(page.get_by_text("Set-RecipientFilterConfig")).to_be_visible()


def test_what_a_person_types_stays_while_mail_arrives(page: Page, ours: Domain, mail: Client) -> None:
    switched_on(ours)
    page.goto("/domains/example.test/discovery?list=added")
    page.get_by_text("Change the choices").click()
    page.get_by_label("Mails it takes").fill("3")
    page.get_by_label("After 30 days").check()
    page.get_by_label("Paste addresses").fill("ann@example.test")
    mail.becomes("ann@example.test", "accept", 15)
    expect(row(page, "ann")).to_be_visible()
    expect(page.get_by_label("Mails it takes")).to_have_value("3")
    expect(page.get_by_label("After 30 days")).to_be_checked()
    expect(page.get_by_label("Paste addresses")).to_have_value("ann@example.test")


def test_a_pasted_list_is_asked_for_and_its_answers_come_in(page: Page, ours: Domain, complaints: Complaints) -> None:
    complaints.expect("422")
    page.goto("/domains/example.test/discovery")
    page.get_by_role("button", name="Check these addresses").click()
    expect(page.locator("#addresses-error")).to_contain_text("Paste addresses, or choose a file.")
    page.get_by_label("Paste addresses").fill("Ann <ann@example.test>, ada@example.test\nnobody@example.test")
    page.get_by_role("button", name="Check these addresses").click()
    expect(page.locator('[data-state="needs_approval"]')).to_be_visible()
    expect(page.get_by_role("region", name="Answers")).to_contain_text("ann@example.test")
    page.get_by_role("button", name="Add 1 user").click()
    expect(page.locator('[data-state="succeeded"]')).to_be_visible()
    assert users.holder(factories.address("ann@example.test")) is not None
