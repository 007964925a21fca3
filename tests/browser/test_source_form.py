"""The form of a source as HTMX sends it: refused in place with nothing lost, and then saved with its file."""

from playwright.sync_api import Page, expect

from console.models import Domain
from console.store import sources
from tests.browser.conftest import Complaints
from tests.browser.window import mark, marked
from tests.servers.pki import Pki

FILES = "() => [...document.querySelector('#ca_file').files].map((file) => file.name)"


def test_a_file_stays_chosen_while_another_field_is_put_right(
    page: Page, domain: Domain, pki: Pki, complaints: Complaints
) -> None:
    complaints.expect("422")
    page.goto(f"/domains/{domain.name}/sources/new/active-dir")
    mark(page)
    page.get_by_label("Host").fill("dc1.example.test:3269, dc2.example.test")
    page.get_by_label("User DN").fill("cn=reader")
    page.get_by_label("Password").fill("hush-hush")
    page.get_by_text("More settings").click()
    page.get_by_label("Or choose its file").set_input_files(pki.ca_file)
    page.get_by_label("Name", exact=True).fill("")
    page.get_by_role("button", name="Add source").click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#name-error")).to_have_text("Enter a name.")
    expect(page.get_by_role("list", name="Certificates of your authority")).to_contain_text("Rollcall test CA")
    assert page.evaluate(FILES) == ["ca.pem"]
    expect(page.get_by_label("Password")).to_have_value("hush-hush")
    assert marked(page), "the page was loaded anew"
    page.get_by_label("Name", exact=True).fill("HQ")
    page.get_by_role("button", name="Add source").click()
    expect(page.get_by_text("The source is added.")).to_be_visible()
    expect(page.get_by_text("ldaps://dc1.example.test:3269, dc2.example.test:636")).to_be_visible()
    [source] = sources.of_domain(domain.id)
    assert source.settings["ca_pem"] == pki.ca_file.read_text()
