"""Every step without JavaScript, as whole pages."""

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from console.models import Admin, Domain
from console.store import runs
from tests import factories
from tests.browser import files
from tests.browser.conftest import Complaints, OpenPage
from tests.factories import manual_user
from tests.processes import until
from tests.servers.slapd import Slapd


@pytest.fixture
def page(open_page: OpenPage, alice: Admin) -> Page:
    return open_page(alice, java_script_enabled=False)


@pytest.fixture
def users(domain: Domain) -> None:
    people = [manual_user(f"user{n:03}@example.test", first_name="User", last_name=f"No{n}") for n in range(60)]
    factories.users(domain, *people)


def test_the_list_is_filtered_narrowed_and_paged(page: Page, users: None) -> None:
    page.goto("/domains/example.test/users")
    page.get_by_label("Filter this list by address or name").fill("user01")
    page.keyboard.press("Enter")
    expect(page.locator("#users-rows tbody tr")).to_have_count(10)
    expect(page).to_have_url(re.compile(r"\?q=user01$"))
    page.locator(".chip summary").filter(has_text="Kind").click()
    page.locator(".chip .menu").get_by_role("link", name="shared", exact=True).click()
    expect(page.get_by_text("Nobody matches")).to_be_visible()
    page.get_by_role("link", name="Show all users").click()
    page.get_by_role("link", name="Next").click()
    expect(page.locator("#users-rows tbody tr")).to_have_count(10)
    page.get_by_role("link", name="Edit user055@example.test").click()
    page.get_by_label("First name").fill("Uma")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("First name")).to_have_value("Uma")


def test_users_are_selected_and_changed_at_once(page: Page, users: None) -> None:
    page.goto("/domains/example.test/users")
    page.get_by_label("Select user003@example.test").check()
    page.get_by_label("Select user007@example.test").check()
    page.locator("#users-form summary").filter(has_text="Kind").click()
    page.locator("#users-form").get_by_role("button", name="Shared").click()
    expect(page.get_by_role("heading", name="Make 2 users shared mailboxes?", level=2)).to_be_visible()
    page.get_by_role("button", name="Make 2 users shared mailboxes").click()
    expect(page.get_by_text("Made 2 users shared mailboxes.")).to_be_visible()
    page.get_by_label("Select all 60 users").check()
    page.locator("#users-form").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete 60 users").click()
    expect(page.get_by_text("Nobody is on the list yet")).to_be_visible()


def test_a_user_is_added_and_a_wrong_one_is_refused_in_words(page: Page, users: None, complaints: Complaints) -> None:
    complaints.expect("422")
    page.goto("/domains/example.test/users")
    page.get_by_role("link", name="Add User").click()
    page.get_by_label("E-mail address").fill("user001")
    page.get_by_label("First name").fill("Ada")
    page.get_by_role("button", name="Add User").click()
    expect(page.locator(".field-error")).to_contain_text("user001@example.test")
    expect(page.get_by_label("First name")).to_have_value("Ada")
    page.get_by_label("E-mail address").fill("ada")
    page.get_by_role("button", name="Add User").click()
    expect(page.get_by_role("heading", name="ada@example.test")).to_be_visible()
    page.get_by_role("navigation", name="Where you are").get_by_role("link", name="Default").hover()
    page.get_by_role("list", name="Pages of Default").get_by_role("link", name="Users").click()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()


def test_a_sync_is_started_looked_at_again_and_approved(
    app: Flask, page: Page, domain: Domain, directory: Slapd
) -> None:
    page.goto("/domains/example.test/sync")
    page.get_by_role("link", name="Add", exact=True).first.click()
    page.get_by_role("link", name="Choose Active Dir.").click()
    page.get_by_label("Host").fill("127.0.0.1")
    page.get_by_label("Port").fill(str(directory.plain_port))
    page.get_by_label("Encryption").select_option("none")
    page.get_by_label("User DN").fill(directory.reader_dn)
    page.get_by_label("Password").fill(directory.reader_password)
    page.get_by_label("Search base").fill(directory.suffix)
    page.get_by_role("button", name="Add source").click()
    page.get_by_role("button", name="Sync now").click()
    run_id = int(page.url.rpartition("/")[2])
    _look_again(page, run_id, "needs_approval")
    page.get_by_role("button", name="Approve").click()
    _look_again(page, run_id, "succeeded")
    expect(page.get_by_text("Done: 1,080 created.")).to_be_visible()
    page.get_by_role("link", name="See the users").click()
    expect(page.get_by_role("link", name="user000001@example.test", exact=True)).to_be_visible()


def test_a_file_is_imported(page: Page, domain: Domain, tmp_path: Path) -> None:
    page.goto("/domains/example.test/users")
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_role("link", name="Need help creating your user list?").click()
    expect(page.get_by_role("heading", name="Creating your user list")).to_be_visible()
    page.get_by_role("link", name="Back to the import").click()
    file = files.save(tmp_path, files.microsoft_365("example.test"))
    page.get_by_label("Select a CSV file to upload").set_input_files(file)
    page.get_by_role("button", name="Import").click()
    run_id = int(page.url.rpartition("/")[2])
    _look_again(page, run_id, "needs_approval")
    page.get_by_label("Add only").check()
    expect(page.get_by_role("button", name="Import 3 changes")).to_be_hidden()
    page.get_by_role("button", name="Check again").click()
    _look_again(page, run_id, "needs_approval")
    expect(page.get_by_label("Add only")).to_be_checked()
    page.get_by_role("button", name="Import 3 changes").click()
    _look_again(page, run_id, "succeeded")
    expect(page.get_by_text("Done: 3 created.")).to_be_visible()


def _look_again(page: Page, run_id: int, state: str) -> None:
    def there() -> bool:
        run = runs.get(run_id)
        return run is not None and run.state == state

    again = page.get_by_role("link", name="Look again")
    if page.locator(f'[data-state="{state}"]').count() == 0:
        expect(again).to_be_visible()
        until(there, f"the run is {state}")
        again.click()
    expect(page.locator(f'[data-state="{state}"]')).to_be_visible()
