"""Option 1B of the article, step by step: connect a tenant at Microsoft, preview and sync it; and sign in there."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from playwright.sync_api import Page, Route, expect

from console.models import Admin, Domain, Role
from console.store import roster
from tests import factories, tenants
from tests.browser.axe import faults
from tests.browser.conftest import Complaints, OpenPage
from tests.browser.window import press, tab_to
from tests.processes import Deployment, Program, Web
from tests.servers.graph import GraphStandIn
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK, free_port

DOMAIN = "example.test"


@dataclass(frozen=True)
class Office:
    """Processes whose operator has an app, and the Microsoft that they know."""

    web: Web
    worker: Program
    graph: GraphStandIn


@pytest.fixture(scope="module")
def office(deployment: Deployment, pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """On a Redis of their own: the other tests' worker knows no app."""
    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    settings = replace(deployment.settings, redis_url=f"{deployment.settings.redis_url.removesuffix('/1')}/2")
    with (
        GraphStandIn.start(pki, tenants.tenant(DOMAIN, base)) as graph,
        Deployment(settings, tmp_path_factory.mktemp("office-processes")) as own,
    ):
        operated = {
            "BASE_URL": base,
            "MICROSOFT_CLIENT_ID": tenants.client_id(graph),
            "MICROSOFT_CLIENT_SECRET": tenants.SECRET,
            "MICROSOFT_LOGIN_URL": graph.url,
            "MICROSOFT_GRAPH_URL": graph.url,
            "MICROSOFT_CA_FILE": str(pki.ca_file),
            "SIGN_IN_WITH_MICROSOFT": "1",
            "MICROSOFT_SIGN_IN_TENANT": graph.tenant.id,
        }
        yield Office(own.web(port=port, **operated), own.worker(**operated), graph)


@pytest.fixture
def window(open_page: OpenPage, office: Office, complaints: Complaints) -> OpenPage:
    """Opens windows on these processes; what is asked of the stand-in is meant to be."""
    complaints.expect("asked another host: https://localhost")
    complaints.expect("status of 400")  # It takes the icon that browsers ask for as a tenant.
    return lambda admin=None: open_page(admin, office.web.url, ignore_https_errors=True)


def test_a_tenant_is_connected_previewed_and_synced(window: OpenPage, alice: Admin, domain: Domain) -> None:
    page = window(alice)
    page.goto(f"/domains/{DOMAIN}/users")
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name=DOMAIN).hover()
    page.get_by_role("link", name="User Sync", exact=True).click()
    page.get_by_role("link", name="Add", exact=True).first.click()
    page.get_by_role("region", name="Office 365").get_by_role("link", name="Choose").click()
    assert list(faults(page, "source-new-connect")) == []
    _connects(page)
    source = page.url
    page.get_by_role("button", name="Test connection").click()
    found = page.get_by_role("region", name="What the test found")
    expect(found).to_contain_text("User.Read.All")
    expect(found).to_contain_text("Dynamic distribution lists are not in Microsoft Graph")
    page.goto(source)
    page.get_by_role("button", name="Preview").click()
    planned = page.get_by_role("region", name="What it would do")
    expect(planned.get_by_role("row").filter(has_text=f"ann@{DOMAIN}")).to_contain_text("created")
    assert roster.of_domain(domain.id) == []
    page.goto(source)
    page.get_by_role("button", name="Sync now").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("region", name="State of this run")).to_contain_text("Done: 5 created.")
    page.get_by_role("link", name="See the users").click()
    expect(page.get_by_role("row").filter(has_text=f"info@{DOMAIN}")).to_contain_text("shared")


def _connects(page: Page) -> None:
    """First the administrator thinks better of it."""
    page.get_by_role("link", name="Connect", exact=True).click()
    expect(page.get_by_role("heading", name="Permissions requested")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_text("The app was not accepted at Microsoft")).to_be_visible()
    page.get_by_role("link", name="Connect", exact=True).click()
    page.get_by_role("link", name="Accept").click()
    expect(page.get_by_text("The tenant is connected.")).to_be_visible()


def test_a_tenant_is_connected_previewed_and_synced_by_keyboard_alone(
    window: OpenPage, alice: Admin, domain: Domain
) -> None:
    page = window(alice)
    page.goto(f"/domains/{DOMAIN}")
    tab_to(page, DOMAIN)
    press(page, "User Sync")
    press(page, "Add")
    press(page, "Choose Office 365")
    press(page, "Connect")
    press(page, "Accept")
    expect(page.get_by_text("The tenant is connected.")).to_be_visible()
    press(page, "Preview")
    expect(page.get_by_role("region", name="What it would do")).to_contain_text(f"ann@{DOMAIN}")
    assert roster.of_domain(domain.id) == []
    press(page, "Sync now")
    expect(page.get_by_role("button", name="Approve")).to_be_visible()
    press(page, "Approve")
    expect(page.get_by_role("region", name="State of this run")).to_contain_text("Done: 5 created.")


def test_a_person_signs_in_at_microsoft(window: OpenPage, office: Office, domain: Domain) -> None:
    factories.admin(f"bob@{DOMAIN}", Role.ADMIN)
    page = window()
    page.goto(f"/domains/{DOMAIN}/sync")
    office.worker.pause()
    try:
        page.route("**/login/microsoft/wait", _standing)
        page.get_by_role("link", name="Sign in with Microsoft").click()
        page.get_by_role("link", name=f"bob@{DOMAIN}").click()
        page.wait_for_url("**/login/microsoft/wait")
        page.goto("/login/microsoft/wait")  # What a redirect leads to goes past the route.
        expect(page.get_by_text("Your sign-in at Microsoft is being checked.")).to_be_visible()
        assert list(faults(page, "signing-in")) == []
        page.unroute("**/login/microsoft/wait")
    finally:
        office.worker.resume()
    page.reload()
    expect(page.get_by_role("heading", name="User Sources")).to_be_visible()


def _standing(route: Route) -> None:
    """The page that waits, without its wish to be loaded again, so that it can be looked at."""
    answer = route.fetch()
    headers = {name: value for name, value in answer.headers.items() if name != "refresh"}
    route.fulfill(response=answer, headers=headers)
