"""Option 3, Import CSV File: each step of the article, by mouse and by keyboard alone."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from console.models import Domain
from console.store import roster
from tests import factories
from tests.browser import files
from tests.browser.hands import BOTH, Hand
from tests.factories import manual_user

pytestmark = BOTH
USERS = "/domains/example.test/users"
SELECT = "Select a CSV file to upload"


@pytest.fixture
def hand(kind: type[Hand], page: Page, domain: Domain) -> Hand:
    factories.users(domain, manual_user("ada@example.test", first_name="Ada"))
    # Somebody listens from the start: a key that is pressed at the first listener may open a chooser before it hears.
    page.on("filechooser", lambda _: None)
    return kind(page)


def test_export_all_your_current_users_to_a_csv_file(hand: Hand) -> None:
    hand.page.goto(USERS)
    with hand.page.expect_download() as download:
        hand.use("Export")
    assert download.value.suggested_filename.startswith("example.test-users-")
    assert "ada@example.test,Ada" in download.value.path().read_text("utf-8-sig")


def test_click_import_under_the_users_tab(hand: Hand) -> None:
    hand.page.goto("/domains/example.test")
    hand.open_menu("example.test", "Users")
    hand.go("Import")
    expect(hand.page.get_by_label(SELECT)).to_be_visible()


def test_note_the_format_is_found_by_need_help_creating_your_user_list(hand: Hand) -> None:
    hand.page.goto(f"{USERS}/import")
    hand.use("Need help creating your user list?")
    dialog = hand.page.get_by_role("dialog")
    for column in ("address", "first name", "last name", "aliases"):
        expect(dialog.get_by_role("columnheader", name=column, exact=True)).to_be_visible()
    hand.use("Close")
    expect(dialog).to_be_hidden()


def test_click_select_a_csv_file_to_upload_then_the_file_and_the_import_button(
    hand: Hand, domain: Domain, tmp_path: Path
) -> None:
    file = files.save(tmp_path, b"address,first name\nbob,Bob\nada,Augusta\n", "users.csv")
    hand.page.goto(f"{USERS}/import")
    hand.choose_file(SELECT, file)
    hand.go("Import")
    expect(hand.page.get_by_role("heading", name="Import of users.csv")).to_be_visible()
    expect(hand.page.get_by_role("button", name="Import 2 changes")).to_be_visible()
    hand.use("Import 2 changes")
    state = hand.page.get_by_role("region", name="State of this run")
    expect(state).to_contain_text("Done: 1 created, 1 updated.")
    found = {user.address: user.first_name for user in roster.of_domain(domain.id)}
    assert found == {"ada@example.test": "Augusta", "bob@example.test": "Bob"}
