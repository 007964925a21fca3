"""Step 3 of the article: the mail server of a domain is entered and checked, and each step appears by itself."""

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from console.models import Domain
from console.store import smtp
from tests import factories
from tests.browser.conftest import Complaints
from tests.browser.window import mark, marked
from tests.processes import until
from tests.servers.ports import LOOPBACK
from tests.servers.smtp import ScriptedSmtp, knows

WAIT_SECONDS = 30


@pytest.fixture
def asked() -> Iterator[threading.Event]:
    """The server answers for no recipient before this is set."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def server(asked: threading.Event) -> Iterator[ScriptedSmtp]:
    script = knows("ada@example.test", meanwhile=lambda: asked.wait(WAIT_SECONDS))
    with ScriptedSmtp.start(script) as running:
        yield running
        asked.set()


def test_a_mail_server_is_added_and_its_check_is_followed_step_by_step(
    page: Page, domain: Domain, server: ScriptedSmtp, asked: threading.Event, complaints: Complaints
) -> None:
    complaints.expect("422")
    factories.users(domain, factories.manual_user("ada@example.test"))
    page.goto("/domains/example.test/users")
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="example.test").hover()
    page.get_by_role("link", name="Inbound SMTP").click()
    page.get_by_role("link", name="Add server").click()
    page.get_by_label("Server").fill(f"{LOOPBACK}:25")
    page.get_by_role("button", name="Add server").click()
    expect(page.locator("#host-error")).to_contain_text("its port has a field of its own")
    page.get_by_label("Server").fill(LOOPBACK)
    page.get_by_label("Port").fill(str(server.port))
    page.get_by_role("button", name="Add server").click()
    expect(page.get_by_text("not checked")).to_be_visible()
    page.get_by_role("button", name="Check").click()
    expect(page).to_have_url(re.compile(r"/runs/\d+$"))
    mark(page)
    expect(page.get_by_text("It accepts the empty sender.")).to_be_visible()
    expect(page.get_by_text("being asked")).to_be_visible()
    expect(page.get_by_text("Random recipient")).to_be_hidden()
    asked.set()
    expect(page.locator("[data-announce]")).to_contain_text("The mail server accepts only known recipients.")
    expect(page.get_by_text("ada@example.test: it accepts this address.")).to_be_visible()
    expect(page.get_by_text("It refuses an address that nobody has, as it should.")).to_be_visible()
    assert marked(page), "the page was loaded anew"
    page.get_by_role("link", name="Inbound SMTP").last.click()
    expect(page.get_by_role("region", name="Last check")).to_contain_text("accepts only known recipients")
    until(lambda: smtp.open_check(domain.id) is None, "the check has ended")
