"""Two-step sign-in and passkeys, as a person comes to them in a browser."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import CDPSession, Page, expect
from sqlalchemy import select

from console.models import Admin, Passkey, db
from console.store import passkeys
from tests import watch
from tests.browser.axe import faults
from tests.browser.conftest import Complaints, OpenPage
from tests.factories import PASSWORD
from tests.processes import Deployment
from tests.servers.ports import free_port
from tests.web.second_steps import turned_on, unused

OPTIONS = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def named(deployment: Deployment) -> str:
    """The console under a name, since browsers make no passkeys for an address; on http that name is localhost."""
    port = free_port()
    base = f"http://localhost:{port}"
    deployment.web(port=port, BASE_URL=base)
    return base


@pytest.fixture
def at_home(open_page: OpenPage, named: str, complaints: Complaints) -> Callable[..., Page]:
    """Opens windows of the console under its name."""
    complaints.expect("asked another host: http://localhost:")

    def window(admin: Admin | None = None, **options: Any) -> Page:
        return open_page(admin, base_url=named, **options)

    return window


def authenticator(page: Page, **options: Any) -> tuple[CDPSession, str]:
    """Put an authenticator into the browser."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {**OPTIONS, **options}})
    return cdp, made["authenticatorId"]


def sign_in(page: Page, email: str = "alice@rollcall.example") -> None:
    page.goto("/login")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def added(page: Page, name: str = "Laptop") -> None:
    page.goto("/account")
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text(f"The passkey “{name}” is added")).to_be_visible()


def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(page: Page, alice: Admin) -> None:
    page.goto("/account")
    page.get_by_role("link", name="Set up two-step sign-in").click()
    found = list(faults(page, "set-up"))
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    watch.add(secret)
    page.get_by_label("Enter the code that the app shows").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Two-step sign-in is on")).to_be_visible()
    codes = page.locator("[data-codes] code").all_inner_texts()
    found += faults(page, "recovery-codes")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Download").click()
    assert Path(downloading.value.path()).read_text().split() == codes
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.goto("/account/two-steps")
    found += faults(page, "two-steps")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    unused(alice)
    sign_in(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    found += faults(page, "second-step")
    page.get_by_label("Code", exact=True).fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/domains")
    assert found == [], "\n".join(found)


def test_a_passkey_signs_in_without_a_password_and_counts_as_both_steps(
    app: Flask, at_home: Callable[..., Page], alice: Admin
) -> None:
    turned_on(alice)
    page = at_home(alice)
    authenticator(page)
    added(page)
    found = list(faults(page, "passkeys"))
    first = db.session.scalars(select(Passkey)).one()
    count = first.sign_count
    assert (first.name, first.used_at) == ("Laptop", None)
    db.session.rollback()
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login?next=/activity")
    found += faults(page, "login-with-passkeys")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(r"^[^?]+/activity$"))
    used = db.session.scalars(select(Passkey)).one()
    assert used.sign_count > count
    assert used.used_at is not None
    assert alice.email not in used.handle
    assert found == [], "\n".join(found)


def test_a_passkey_is_the_second_step_after_the_password(
    app: Flask, at_home: Callable[..., Page], alice: Admin
) -> None:
    turned_on(alice)
    page = at_home(alice)
    authenticator(page)
    added(page)
    page.context.clear_cookies()
    sign_in(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/domains")


def test_a_passkey_that_was_removed_or_copied_lets_nobody_in(
    app: Flask, at_home: Callable[..., Page], alice: Admin
) -> None:
    page = at_home(alice)
    authenticator(page)
    added(page)
    # A copy was used more often than this one, as far as it knows.
    kept = db.session.scalars(select(Passkey)).one()
    kept.sign_count = 1000
    db.session.commit()
    page.context.clear_cookies()
    page.goto("/login")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey was not accepted.")).to_be_visible()
    assert db.session.scalars(select(Passkey.used_at)).one() is None
    passkeys.remove(kept, alice)
    added_by_another = at_home()
    added_by_another.goto("/login")
    expect(added_by_another.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)


def test_an_authenticator_that_knows_nobody_makes_no_passkey(
    app: Flask, at_home: Callable[..., Page], alice: Admin
) -> None:
    page = at_home(alice)
    authenticator(page, isUserVerified=False)
    page.goto("/account")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("No passkey was made. Try again, or use another device.")).to_be_visible()
    assert passkeys.of_admin(alice.id) == []


def test_the_same_device_is_not_registered_twice(app: Flask, at_home: Callable[..., Page], alice: Admin) -> None:
    page = at_home(alice)
    authenticator(page)
    added(page)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device has a passkey for your account already.")).to_be_visible()
    page.get_by_role("form", name="Remove the passkey Laptop").get_by_role("button").click()
    expect(page.get_by_text("The passkey “Laptop” is removed")).to_be_visible()


def test_a_browser_without_passkeys_is_told_so(at_home: Callable[..., Page], alice: Admin) -> None:
    unable = at_home(alice, java_script_enabled=False)
    unable.goto("/account")
    expect(unable.get_by_text("This browser cannot make passkeys, or JavaScript is off in it.")).to_be_visible()
    expect(unable.get_by_role("button", name="Add a passkey")).to_have_count(0)
