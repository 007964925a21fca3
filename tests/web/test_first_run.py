"""An empty console leads by the hand: a password, a domain, a way to fill its list, and seeing it work."""

import pytest
from flask import Flask

from console.models import Admin, Domain, Role
from console.store import admins, domains
from tests import factories
from tests.factories import PASSWORD, manual_user
from tests.web.client import Browser
from tests.web.markup import Page


def step(shown: Page) -> str:
    """Where a page says one is; nothing where it has no steps."""
    [found] = [part.text for part in shown.all("p") if "first-steps-words" in part.attributes.get("class", "")] or [""]
    return found


@pytest.fixture
def one_time(app: Flask) -> str:
    """The one-time password of the setup, with which an owner may sign in."""
    return admins.create("owner@rollcall.example", Role.OWNER)[1] or ""


@pytest.fixture
def newcomer(app: Flask, one_time: str) -> Browser:
    """The browser of that owner, signed in."""
    browser = Browser.of(app)
    browser.submit("/login", email="owner@rollcall.example", password=one_time)
    return browser


def test_the_first_step_is_a_password_of_one_s_own_which_leads_on(newcomer: Browser, one_time: str) -> None:
    shown = newcomer.page("/domains")
    assert step(shown) == "Step 1 of 4: Choose your own password"
    assert "/account#password" in shown.links()
    led = newcomer.submit("/account/password", current=one_time, new=PASSWORD, again=PASSWORD)
    assert led.location == "/domains"
    assert step(newcomer.page("/domains")) == "Step 2 of 4: Add your domain"


def test_the_password_can_wait_and_is_asked_for_again(newcomer: Browser) -> None:
    assert "/domains/new" in newcomer.page("/domains").links()
    assert step(newcomer.page("/domains/new")) == "Step 2 of 4: Add your domain"
    newcomer.submit("/domains/new", name="company.example")
    assert "You signed in with a one-time password" in newcomer.page("/domains").text


def test_a_new_domain_leads_to_the_five_ways_and_they_lead_into_each(client: Browser) -> None:
    led = client.submit("/domains/new", name="company.example").location
    assert led == "/domains/company.example/ways"
    shown = client.page(led)
    assert step(shown) == "Step 3 of 4: Choose how to fill the list"
    choices = [part.attributes["href"] for part in shown.all("a") if part.text == "Choose"]
    path = "/domains/company.example"
    assert choices == [
        f"{path}/sources/new/active-dir",
        f"{path}/sources/new/office-365",
        f"{path}/users/new",
        f"{path}/users/import",
        f"{path}/discovery",
    ]
    for choice in choices:
        assert client.get(choice).status_code == 200


def test_it_can_be_left_and_goes_on_where_it_was(client: Browser, domain: Domain) -> None:
    path = f"/domains/{domain.name}"
    assert path in client.page(f"{path}/ways").links()
    overview = client.page(path)
    assert step(overview) == "Step 3 of 4: Choose how to fill the list"
    assert f"{path}/ways" in overview.links()
    assert f"{path}/ways" in client.page(f"{path}/users").links()
    factories.users(domain, manual_user("ada"))
    assert step(client.page(path)) == "Step 4 of 4: See it work"
    assert step(client.page(f"{path}/ways")) == ""


def test_who_put_the_checklist_away_is_led_no_more(client: Browser, domain: Domain) -> None:
    assert step(client.act(f"/domains/{domain.name}/checklist/dismiss")) == ""


def test_with_a_second_domain_nobody_is_led(client: Browser, domain: Domain) -> None:
    factories.domain("second.example")
    paths = ("/domains", "/domains/new", f"/domains/{domain.name}", f"/domains/{domain.name}/ways")
    assert [step(client.page(path)) for path in paths] == ["", "", "", ""]


def test_a_viewer_is_told_to_wait_and_has_no_steps(viewer: Browser) -> None:
    shown = viewer.page("/domains")
    assert (step(shown), "Nobody has added a domain" in shown.text) == ("", True)
    assert "/domains/new" not in shown.links()
    domain = domains.add("company.example")
    assert step(viewer.page(f"/domains/{domain.name}")) == ""


def test_an_admin_of_other_domains_is_led_in_their_own(stranger: Browser, mallory: Admin, domain: Domain) -> None:
    assert step(stranger.page("/domains/mallory.example/ways")) == "Step 3 of 4: Choose how to fill the list"
