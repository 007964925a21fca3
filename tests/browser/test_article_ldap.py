"""Option 1A of the article, step by step: point the console at a directory and sync the users of a domain."""

from playwright.sync_api import Locator, Page, expect

from console.models import Admin, Domain
from console.store import users
from tests import factories
from tests.browser.conftest import OpenPage
from tests.browser.window import marked, press, record, recorded, tab_to, type_into
from tests.processes import Deployment
from tests.servers.pki import Pki
from tests.servers.proxy import TcpProxy
from tests.servers.slapd import Slapd

RECIPIENTS = "1,080"


def state_of(page: Page) -> Locator:
    return page.get_by_role("region", name="State of this run")


def total(domain: Domain) -> int:
    return users.totals(domain.id).users


def test_the_articles_steps_by_mouse(
    *, open_page: OpenPage, alice: Admin, directory: Slapd, slow: TcpProxy, pki: Pki, deployment: Deployment
) -> None:
    page = open_page()
    page.goto("/")
    page.get_by_label("E-mail address").fill("alice@rollcall.example")
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    _adds_the_domain(page)
    _adds_the_source(page, directory, slow.port, pki)
    source = page.url
    _tests(page, directory, slow.port)
    page.goto(source)
    _previews(page)
    page.goto(source)
    _syncs(page, slow)
    _approves(page, deployment)
    page.get_by_role("link", name="See the users").click()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="user000001@example.test", exact=True)).to_be_visible()
    expect(page.get_by_text("1,080 users match")).to_be_visible()


def _adds_the_domain(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Add domain").first.click()
    page.get_by_label("Domain", exact=True).fill("example.test")
    page.get_by_role("button", name="Add domain").click()
    expect(page.get_by_role("heading", name="How do you want to fill the list?")).to_be_visible()


def _adds_the_source(page: Page, directory: Slapd, port: int, pki: Pki) -> None:
    page.get_by_role("link", name="Domains", exact=True).click()
    page.get_by_role("main").get_by_role("link", name="example.test").click()
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="example.test").hover()
    menu = page.get_by_role("list", name="Pages of example.test")
    menu.get_by_role("link", name="User Sync", exact=True).click()
    page.wait_for_url("**/sync")
    page.get_by_role("link", name="Add", exact=True).first.click()
    active = page.get_by_role("region", name="Active Dir.")
    active.get_by_role("link", name="Choose").click()
    page.get_by_label("Host").fill("localhost")
    page.get_by_label("Port").fill(str(port))
    page.get_by_label("User DN").fill(directory.reader_dn)
    page.get_by_label("Password").fill(directory.reader_password)
    page.get_by_label("Search base").fill(directory.suffix)
    page.get_by_text("More settings").click()
    page.get_by_label("Certificate authority").fill(pki.ca_file.read_text())
    page.get_by_role("button", name="Add source").click()
    expect(page.get_by_text("The source is added.")).to_be_visible()


def _tests(page: Page, directory: Slapd, port: int) -> None:
    page.get_by_role("button", name="Test connection").click()
    found = page.get_by_role("region", name="What the test found")
    expect(found).to_contain_text(f"localhost, port {port}")
    expect(found).to_contain_text(f"Signed in as{directory.reader_dn}")
    expect(found).to_contain_text("Entries found1,200")
    addresses = page.get_by_role("region", name="The first ten addresses").get_by_role("listitem")
    expect(addresses).to_have_count(10)
    expect(addresses.first).to_have_text("user000001@example.test")


def _previews(page: Page) -> None:
    page.get_by_role("button", name="Preview").click()
    planned = page.get_by_role("region", name="What it would do")
    expect(planned).to_be_visible()
    row = planned.get_by_role("row").filter(has_text="user000001@example.test")
    expect(row).to_contain_text("created")
    expect(row).to_contain_text("User 000001")
    expect(page.get_by_role("list", name="Result").get_by_role("listitem").filter(has_text="Created")).to_contain_text(
        RECIPIENTS
    )
    expect(state_of(page)).to_contain_text("Nothing was changed.")
    run = page.url
    page.goto("/domains/example.test/users")
    expect(page.get_by_text("Nobody is on the list yet")).to_be_visible()
    page.goto(run)


def _syncs(page: Page, slow: TcpProxy) -> None:
    slow.delay = 0.04
    page.get_by_role("button", name="Sync now").click()
    record(page)
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    assert marked(page), "the page was loaded anew"
    states = recorded(page)
    assert states[-1].startswith("needs_approval")
    working = {state for state in states if state.startswith("running")}
    assert len(working) >= 3, states
    assert len({state for state in working if "Reading the directory" in state}) >= 2, states
    expect(state_of(page)).to_contain_text("It is the first run of this source")


def _approves(page: Page, deployment: Deployment) -> None:
    worker = deployment.programs[0]
    worker.pause()
    try:
        page.get_by_role("button", name="Approve").click()
        expect(state_of(page)).to_contain_text("Waiting for a worker.")
        record(page)
    finally:
        worker.resume()
    expect(state_of(page)).to_contain_text(f"Done: {RECIPIENTS} created.")
    assert marked(page), "the page was loaded anew"
    assert recorded(page)[-1] == "succeeded"
    expect(page.get_by_role("region", name="What it did")).to_contain_text("user000001@example.test")


def test_the_articles_steps_by_keyboard_alone(page: Page, domain: Domain, directory: Slapd) -> None:
    page.goto("/domains")
    press(page, "example.test")
    expect(page.get_by_role("heading", name="example.test", exact=True)).to_be_visible()
    tab_to(page, "example.test")
    expect(page.get_by_role("list", name="Pages of example.test")).to_be_visible()
    press(page, "User Sync")
    expect(page.get_by_role("heading", name="User Sources")).to_be_visible()
    press(page, "Add")
    press(page, "Choose Active Dir.")
    type_into(page, "Host", "127.0.0.1")
    type_into(page, "Port", str(directory.plain_port))
    tab_to(page, "Encryption")
    page.keyboard.type("None")
    type_into(page, "User DN", directory.reader_dn)
    type_into(page, "Password", directory.reader_password)
    type_into(page, "Search base", directory.suffix)
    press(page, "Add source")
    expect(page.get_by_text("The source is added.")).to_be_visible()
    press(page, "Test connection")
    expect(page.get_by_role("region", name="What the test found")).to_contain_text("1,200")
    press(page, "Preview")
    expect(page.get_by_role("region", name="What it would do")).to_be_visible()
    assert total(domain) == 0
    press(page, "Sync now")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    press(page, "Approve")
    expect(state_of(page)).to_contain_text(f"Done: {RECIPIENTS} created.")
    press(page, "See the users")
    expect(page.get_by_role("link", name="user000001@example.test", exact=True)).to_be_visible()
