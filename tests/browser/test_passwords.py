"""A new password, as it is typed: how strong it is, and what one has typed."""

from playwright.sync_api import Request, expect

from console.models import Admin
from tests import watch
from tests.browser.axe import faults
from tests.browser.conftest import Complaints, OpenPage
from tests.factories import PASSWORD

NEW = "a sentence for the browser of a test"

watch.add(NEW)


def test_the_meter_follows_what_is_typed_and_what_is_typed_can_be_seen(
    open_page: OpenPage, alice: Admin, complaints: Complaints
) -> None:
    page = open_page(alice)
    page.goto("/account")
    sent: list[str] = []

    def hear(request: Request) -> None:
        if request.url.endswith("/password/strength"):
            sent.append(request.post_data or "")

    page.on("request", hear)
    page.get_by_label("Present password").fill(PASSWORD)
    new, meter = page.get_by_label("New password", exact=True), page.get_by_role("meter")
    expect(meter).to_have_count(0)
    new.press_sequentially("brown")
    expect(page.locator("#new-strength")).to_contain_text("Too weak. A password needs at least 12 characters")
    new.fill(NEW)
    expect(page.locator("#new-strength")).to_have_text("Strong")
    expect(meter).to_have_js_property("value", 4)
    assert list(faults(page, "password-strength")) == []
    assert {field.partition("=")[0] for body in sent for field in body.split("&")} == {"new"}
    page.get_by_label("Show what I type").first.check()
    expect(new).to_have_attribute("type", "text")
    page.get_by_label("New password again").fill(NEW)
    page.get_by_label("Show what I type").first.uncheck()
    expect(new).to_have_attribute("type", "password")
    page.get_by_label("Show what I type").first.check()
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed.")).to_be_visible()
    expect(page.get_by_label("New password", exact=True)).to_have_attribute("type", "password")
    expect(page.locator("#new-strength")).to_be_hidden()
