"""Every page in light and dark, wide and narrow: axe-core finds nothing, and nothing scrolls sideways."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from console.models import Role
from console.store import admins
from tests import factories
from tests.browser import axe, world
from tests.browser.axe import faults
from tests.browser.conftest import Complaints, OpenPage
from tests.processes import Web

HALVES = (0, 1)
DARK = "rgb(17, 21, 27)"
OPEN_MENU = """() => {
    const crumb = document.querySelector(".crumb.has-menu");
    const menu = crumb.querySelector(".menu");
    getComputedStyle(menu).visibility;
    crumb.querySelector("details").open = true;
    return getComputedStyle(menu).visibility;
}"""


@pytest.fixture
def everything(app: Flask) -> Iterator[world.World]:
    built = world.build()
    yield built
    built.end()


@pytest.mark.parametrize("half", HALVES)
def test_every_page_is_for_everybody(page: Page, everything: world.World, complaints: Complaints, half: int) -> None:
    complaints.expect("404")
    found: list[str] = []
    for name, path in list(everything.paths().items())[half :: len(HALVES)]:
        page.goto(path)
        found += faults(page, name)
    assert found == [], "\n".join(found)


def test_no_page_is_forgotten(app: Flask, everything: world.World) -> None:
    """Those that are missing are part of a page, no page at all, or looked at in another test."""
    find = app.url_map.bind("localhost").match
    seen = {find(urlsplit(path).path)[0] for path in everything.paths().values()}
    every = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    parts = {"runs.progress", "runs.changes", "sources.listing", "discovery.listing", "users.row", "users.edit_row"}
    parts |= {"search.hits", "switch.menu", "add_user.verdict"}
    others = {
        "static",
        "health.live",
        "health.ready",
        "metrics.show",
        "domains.home",
        "runs.export",
        "sources.export",
        "activity.export",
        "activity.export_all",
        "exports.user_list",
        "imports.template",
        "login.show",
        "connect.begin",
        "connect.again",
        "connect.back",
        "microsoft.begin",
        "microsoft.back",
        "microsoft.wait",
        "second_step.show",
        "resets.ask",
        "resets.open_link",
        "resets.show",
        "invitations.open_link",
        "invitations.show",
        "setup.show",
    }
    assert every - seen == parts | others


def test_pages_without_anything_in_them_are_too(page: Page, open_page: OpenPage) -> None:
    found: list[str] = []
    page.goto("/domains")
    found += faults(page, "empty-domains")
    factories.domain("empty.example")
    for name in ("users", "sync", "groups", "smtp", "discovery"):
        page.goto(f"/domains/empty.example/{name}")
        found += faults(page, f"empty-{name}")
    stranger = open_page()
    stranger.goto("/login")
    found += faults(stranger, "login")
    assert found == [], "\n".join(found)


def test_a_console_that_nobody_uses_yet_is_too(app: Flask, open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/login")
    found = list(faults(page, "first-login"))
    page.get_by_role("link", name="Set up this console").click()
    found += faults(page, "setup")
    owner = admins.create("owner@rollcall.example", Role.OWNER)[0]
    page = open_page(owner)
    page.goto("/domains")
    found += faults(page, "first-step")
    factories.domain("empty.example")
    page.goto("/domains/empty.example/ways")
    found += faults(page, "third-step")
    page.get_by_role("link", name="Help", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += faults(page, "open-help-of-page")
    assert found == [], "\n".join(found)


def test_pages_of_links_are_too_and_their_texts_are_in_no_log(page: Page, open_page: OpenPage, site: Web) -> None:
    stranger = open_page()
    stranger.goto("/reset")
    found = list(faults(stranger, "reset"))
    page.goto("/invitations/new")
    page.get_by_label("E-mail address").fill("dora@rollcall.example")
    page.get_by_role("button", name="Make a link").click()
    for name, end in (("invitation", "/invitation"), ("reset", "/reset/new")):
        link = urlsplit(page.get_by_label("Link").input_value()).path
        found += faults(page, f"link-of-{name}")
        stranger.goto(link)
        assert urlsplit(stranger.url).path == end
        found += faults(stranger, f"new-{name}")
        assert f"GET {end} " in site.said
        assert link.rpartition("/")[2] not in site.said
        page.goto("/accounts")
        page.get_by_role("link", name="alice@rollcall.example").click()
        page.get_by_role("button", name="Make a link").click()
    assert found == [], "\n".join(found)


def test_menus_dialogs_and_forms_with_messages_are_too(
    page: Page, everything: world.World, complaints: Complaints
) -> None:
    complaints.expect("422")
    users = "/domains/brightfield.example/users"
    page.goto(users)
    page.locator(".chip summary").first.click()
    found = list(faults(page, "open-chip"))
    page.goto(users)
    page.get_by_role("link", name="Add User").click()
    page.get_by_role("region", name="A new user").get_by_role("button", name="Add User").click()
    expect(page.locator(".field-error")).to_be_visible()
    found += faults(page, "open-form")
    page.goto(users)
    page.get_by_role("link", name="Edit ada@brightfield.example").click()
    expect(page.get_by_role("form", name="Edit ada@brightfield.example")).to_be_visible()
    found += faults(page, "open-row")
    page.goto(users)
    page.get_by_label("All on this page").check()
    page.locator("[data-acts] summary").first.click()
    found += faults(page, "open-acts")
    page.locator("[data-acts]").get_by_role("button", name="Shared").click()
    expect(page.get_by_role("dialog")).to_contain_text("shared mailboxes?")
    found += faults(page, "open-change")
    page.goto(users)
    page.get_by_role("button", name="Keys").click()
    found += faults(page, "open-keys")
    page.goto(f"/users/{everything.users['synced']}")
    page.get_by_role("link", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += faults(page, "open-dialog")
    page.goto("/domains/brightfield.example/sources/new/active-dir")
    page.get_by_role("button", name="Add source").click()
    expect(page.locator(".error-summary")).to_be_visible()
    found += faults(page, "refused-source")
    page.goto(f"{users}/import")
    page.get_by_role("link", name="Need help creating your user list?").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found += faults(page, "open-help")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Import").click()
    expect(page.locator("#file-error")).to_be_visible()
    found += faults(page, "refused-import")
    page.goto(users)
    page.locator(".account summary").click()
    found += faults(page, "open-account")
    assert found == [], "\n".join(found)


def test_pictures_of_a_page_are_taken_in_both_widths_and_themes(
    page: Page, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SCREENSHOTS", "1")
    monkeypatch.setattr(axe, "PICTURES", tmp_path)
    page.goto("/help/users")
    assert list(faults(page, "help")) == []
    taken = {f"help-{width}-{theme}.png" for width in (1280, 390) for theme in ("light", "dark")}
    assert {file.name for file in tmp_path.iterdir()} == taken


def test_the_theme_that_is_chosen_stays(page: Page) -> None:
    page.goto("/domains")
    page.locator(".account summary").click()
    page.get_by_role("radio", name="Dark").check()
    page.goto("/account")
    expect(page.locator("body")).to_have_css("background-color", DARK)
    page.locator(".account summary").click()
    page.get_by_role("radio", name="Light").check()
    expect(page.locator("body")).not_to_have_css("background-color", DARK)


def test_the_menu_of_the_path_opens_at_once(page: Page) -> None:
    """Where motion is reduced every transition is cut to almost nothing, and that is still a frame."""
    factories.domain("empty.example")
    page.goto("/domains/empty.example/users")
    assert page.evaluate(OPEN_MENU) == "visible"
