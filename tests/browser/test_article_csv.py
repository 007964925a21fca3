"""Option 3 of the article, step by step: import the users that another system exported."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from console.models import Admin, Domain
from console.store import roster, uploads
from tests import factories
from tests.browser import files
from tests.browser.conftest import Complaints, OpenPage
from tests.browser.window import mark, marked, press, record, recorded, tab_to

SELECT = "Select a CSV file to upload"
HELP = "Need help creating your user list?"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """What Microsoft 365's admin center exports, as it is."""
    return files.save(tmp_path, files.microsoft_365("example.test"))


@pytest.fixture
def page(page: Page, domain: Domain) -> Page:
    """Alice's window. Somebody listens for choosers of files from the start: at the first listener the browser is told
    to hand choosers over, and a key that is pressed right then may open one before it has heard.
    """
    page.on("filechooser", lambda _: None)
    page.goto("/domains/example.test/users")
    return page


def state_of(page: Page) -> Locator:
    return page.get_by_role("region", name="State of this run")


def number(page: Page, label: str) -> Locator:
    tiles = page.get_by_role("list", name="In numbers").get_by_role("listitem")
    return tiles.filter(has_text=label).locator(".tile-number")


def listed(domain: Domain) -> dict[str, list[str]]:
    """The addresses of the domain's users."""
    return {user.address: sorted(user.aliases) for user in roster.of_domain(domain.id)}


IMPORTED = {
    "bjoern@example.test": [],
    "info@example.test": [],
    "jane.doe@example.test": ["jane@example.test", "sales@example.test"],
}


def test_the_articles_steps_by_mouse(page: Page, domain: Domain, export: Path) -> None:
    page.get_by_role("link", name="Import", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_text(SELECT).click()
    chooser.value.set_files(export)
    expect(page.get_by_text(f"{export.name}, {export.stat().st_size / 1024:.0f} KB")).to_be_visible()
    page.get_by_role("button", name="Import").click()
    record(page)
    expect(page.get_by_role("heading", name=f"Import of {export.name}")).to_be_visible()
    expect(page.get_by_role("button", name="Import 3 changes")).to_be_visible()
    assert marked(page), "the page was loaded anew"
    assert recorded(page)[-1] == "needs_approval"
    _shows_what_it_would_do(page)
    assert listed(domain) == {}
    page.get_by_role("button", name="Import 3 changes").click()
    expect(state_of(page)).to_contain_text("Done: 3 created.")
    assert listed(domain) == IMPORTED
    page.get_by_role("link", name="See the users").click()
    expect(page.get_by_role("link", name="jane.doe@example.test", exact=True)).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Undo").click()
    expect(state_of(page)).to_contain_text("Done: 3 deleted.")
    assert listed(domain) == {}


def _shows_what_it_would_do(page: Page) -> None:
    expect(page.get_by_role("region", name="How it was read")).to_contain_text("Microsoft 365 admin center")
    expect(number(page, "To add")).to_have_text("3")
    expect(number(page, "Skipped")).to_have_text("3")
    expect(number(page, "Billable mailboxes")).to_have_text("0 → 3")
    skipped = page.get_by_role("region", name="Skipped and noted")
    skipped.get_by_text("guest").click()
    expect(skipped).to_contain_text("line 5")
    rows = page.get_by_role("region", name="The first rows as understood").get_by_role("row")
    expect(rows.filter(has_text="bjoern@example.test")).to_contain_text("Björn")
    planned = page.get_by_role("region", name="What it would do").get_by_role("row")
    expect(planned.filter(has_text="jane.doe@example.test")).to_contain_text(
        "also jane@example.test, sales@example.test"
    )


def test_the_articles_steps_by_keyboard_alone(page: Page, domain: Domain, export: Path) -> None:
    press(page, "Import")
    tab_to(page, HELP)
    page.keyboard.press("Enter")
    help_ = page.get_by_role("dialog")
    expect(help_).to_contain_text("Microsoft 365 admin center")
    expect(help_.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(help_).to_be_hidden()
    expect(page.get_by_role("link", name=HELP)).to_be_focused()
    page.keyboard.press("Enter")
    expect(help_.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(help_).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_label(SELECT)).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(export)
    press(page, "Import")
    expect(page.get_by_role("button", name="Import 3 changes")).to_be_visible()
    tab_to(page, "Add and update")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Replace")).to_be_checked()
    expect(page.get_by_role("button", name="Import 3 changes")).to_be_hidden()
    press(page, "Check again")
    expect(page.get_by_role("radio", name="Replace")).to_be_checked()
    press(page, "Import 3 changes")
    expect(state_of(page)).to_contain_text("Done: 3 created.")
    press(page, "See the users")
    expect(page.get_by_role("link", name="info@example.test", exact=True)).to_be_visible()
    assert listed(domain) == IMPORTED


def test_a_file_is_dropped_and_discarded(page: Page, domain: Domain, export: Path) -> None:
    page.goto("/domains/example.test/users/import")
    _drop(page, page.locator("[data-drop-zone]"), "dropped.csv", "ada,Ada")
    expect(page.get_by_text("dropped.csv, 7 bytes")).to_be_visible()
    expect(page.get_by_label(SELECT)).to_be_focused()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="Import of dropped.csv")).to_be_visible()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("The import is discarded: nothing was changed, and the file is deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="Users", exact=True)).to_be_visible()
    assert (listed(domain), uploads.open_import(domain.id)) == ({}, None)


def test_a_file_that_misses_is_not_opened_in_place_of_the_page(page: Page) -> None:
    page.goto("/domains/example.test/users/import")
    mark(page)
    _drop(page, page.locator("h1"), "users.csv", "ada")
    expect(page.locator(".drop-chosen")).to_be_empty()
    assert marked(page), "the page was left"


def _drop(page: Page, target: Locator, name: str, content: str) -> None:
    carried = page.evaluate_handle(
        """([name, content]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([content], name, {type: "text/csv"}));
            return carried;
        }""",
        [name, content],
    )
    for event in ("dragenter", "dragover", "drop"):
        target.dispatch_event(event, {"dataTransfer": carried})


def test_a_file_that_is_too_large_is_refused_by_the_page_and_by_the_server(
    *, page: Page, open_page: OpenPage, alice: Admin, domain: Domain, tmp_path: Path, complaints: Complaints
) -> None:
    complaints.expect("413")
    large = files.save(tmp_path, b"ada@example.test\n" * (26 * 2**20 // 17), "large.csv")
    page.goto("/domains/example.test/users/import")
    page.get_by_label(SELECT).set_input_files(large)
    expect(page.get_by_role("alert").filter(has_text="This file is too large: at most 25 MB.")).to_be_visible()
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_label(SELECT)).to_be_focused()
    plain = open_page(alice, java_script_enabled=False)
    plain.goto("/domains/example.test/users/import")
    plain.get_by_label(SELECT).set_input_files(large)
    plain.get_by_role("button", name="Import").click()
    expect(plain.locator("#file-error")).to_contain_text("This file is too large: at most 25 MB.")


def test_columns_that_cannot_be_told_are_asked_for(page: Page, domain: Domain, tmp_path: Path) -> None:
    file = files.save(tmp_path, b"Kuerzel;Etage\nada;2\nbob;3\n", "rooms.csv")
    page.goto("/domains/example.test/users/import")
    page.get_by_label(SELECT).set_input_files(file)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("heading", name="The columns of the file")).to_be_visible()
    page.get_by_role("row").filter(has_text="ada").get_by_role("combobox").select_option("Address")
    page.get_by_label("The first row is a header").check()
    page.get_by_role("button", name="Read the file again").click()
    expect(page.get_by_role("button", name="Import 2 changes")).to_be_visible()
    page.get_by_role("button", name="Import 2 changes").click()
    expect(state_of(page)).to_contain_text("Done: 2 created.")
    assert set(listed(domain)) == {"ada@example.test", "bob@example.test"}


def test_an_exported_list_that_is_edited_and_imported_changes_what_was_edited(
    page: Page, domain: Domain, tmp_path: Path
) -> None:
    factories.users(domain, factories.manual_user("ada@example.test", first_name="=1+1", aliases=["a@example.test"]))
    page.reload()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export").click()
    assert re.fullmatch(r"example\.test-users-\d{4}-\d\d-\d\d\.csv", download.value.suggested_filename)
    text = download.value.path().read_text("utf-8-sig")
    edited = files.save(tmp_path, text.replace("a@example.test,", "a@example.test b@example.test,").encode("utf-8-sig"))
    page.get_by_role("link", name="Import", exact=True).click()
    page.get_by_label(SELECT).set_input_files(edited)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("button", name="Import 1 change")).to_be_visible()
    planned = page.get_by_role("region", name="What it would do").get_by_role("row")
    expect(planned.filter(has_text="ada@example.test")).to_contain_text("alias b@example.test added")
