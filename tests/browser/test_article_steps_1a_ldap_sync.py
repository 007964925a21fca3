"""Option 1A, LDAP Directory Sync: each step of the article, by mouse and by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from console.models import Domain
from console.store import sources
from tests import factories
from tests.browser.conftest import Complaints
from tests.browser.hands import BOTH, Hand
from tests.factories import person
from tests.jobs.fake import synced

pytestmark = BOTH
USER_DN = "cn=rollcall,ou=service,dc=example,dc=test"
BASE = "ou=people,dc=example,dc=test"


@pytest.fixture
def hand(kind: type[Hand], page: Page, domain: Domain) -> Hand:
    return kind(page)


def test_navigate_to_domains_desired_domain_user_sync(hand: Hand) -> None:
    hand.page.goto("/domains")
    hand.go("example.test")
    hand.open_menu("example.test", "User Sync")
    expect(hand.page).to_have_url("/domains/example.test/sync")


def test_scroll_down_to_user_sources_and_select_add(hand: Hand) -> None:
    hand.page.goto("/domains/example.test/sync")
    expect(hand.page.get_by_role("heading", name="User Sources")).to_be_in_viewport()
    hand.go("Add")
    expect(hand.page.get_by_role("heading", name="Add a user source")).to_be_visible()


def test_select_choose_under_active_dir(hand: Hand) -> None:
    hand.page.goto("/domains/example.test/sources/new")
    hand.go("Choose Active Dir.")
    for field in ("Host", "Port", "User DN", "Password", "Search base"):
        expect(hand.page.get_by_label(field, exact=True)).to_be_visible()


@pytest.mark.parametrize(("port", "encryption"), [(389, "StartTLS"), (636, "TLS (LDAPS)")])
def test_define_your_host_select_port_389_or_636_user_dn_and_search_base(
    hand: Hand, domain: Domain, port: int, encryption: str
) -> None:
    hand.page.goto("/domains/example.test/sources/new/active-dir")
    hand.fill("Host", "dc1.example.test")
    hand.fill("Port", str(port))
    hand.choose("Encryption", encryption)
    hand.fill("User DN", USER_DN)
    hand.fill("Password", factories.SOURCE_PASSWORD)
    hand.fill("Search base", BASE)
    hand.go("Add source")
    expect(hand.page.get_by_text("The source is added.")).to_be_visible()
    [made] = sources.of_domain(domain.id)
    stored = made.settings
    assert (stored["host"], stored["port"], stored["user_dn"], stored["search_base"]) == (
        "dc1.example.test",
        port,
        USER_DN,
        BASE,
    )


def test_note_if_using_ssl_it_must_be_a_hostname(hand: Hand, complaints: Complaints) -> None:
    complaints.expect("422")
    hand.page.goto("/domains/example.test/sources/new/active-dir")
    hand.fill("Host", "192.0.2.7")
    hand.fill("User DN", USER_DN)
    hand.fill("Password", factories.SOURCE_PASSWORD)
    hand.fill("Search base", BASE)
    hand.use("Add source")
    expect(hand.page.locator("#host-error")).to_contain_text("its certificate is for a name, not for an IP address")
    expect(hand.page.get_by_label("Host")).to_have_value("192.0.2.7")


def test_the_sync_runs_once_every_60_minutes_and_its_additions_and_changes_are_reported(
    hand: Hand, domain: Domain
) -> None:
    source = factories.source(domain)
    synced(source, person("ada@example.test"))
    hand.page.goto("/domains/example.test/sync")
    hand.go(source.label)
    expect(hand.page.get_by_text("every 60 minutes")).to_be_visible()
    hand.go("History")
    newest = hand.page.get_by_role("row").filter(has_text="succeeded").first
    expect(newest.locator('td[data-label="Created"]')).to_have_text("1")


def test_issues_in_connecting_to_your_servers_are_reported_on_this_page(hand: Hand, domain: Domain) -> None:
    source = factories.source(domain)
    sources.failed(source.id, "dc1, port 636, refused the connection.")
    hand.page.goto("/domains/example.test")
    hand.open_menu("example.test", "User Sync")
    expect(hand.page.get_by_role("row").filter(has_text=source.label)).to_contain_text("refused the connection")
