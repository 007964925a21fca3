"""Owners see on every page that the secret of the console's own app at Microsoft is about to end."""

import datetime as dt

import pytest
from flask import Flask

from console.microsoft import Microsoft
from console.models import Domain, Role, now
from tests import factories, tenants
from tests.web.client import Browser

APP = "00001111-aaaa-2222-bbbb-3333cccc4444"


def ending(days: int) -> Microsoft:
    return Microsoft(client_id=APP, credential="hush", expires_on=now().date() + dt.timedelta(days=days))


@pytest.mark.parametrize(("days", "tone", "said"), [(14, "warning", "expires in 14 days"), (-1, "error", "expired on")])
def test_an_owner_sees_it_on_every_page(
    *, app: Flask, client: Browser, domain: Domain, days: int, tone: str, said: str
) -> None:
    with tenants.operated(app, ending(days)):
        for path in ("/domains", f"/domains/{domain.name}/users", "/account"):
            shown = client.page(path)
            (notice,) = [item for item in shown.all("div") if f"notice-{tone}" in item.attributes.get("class", "")]
            assert f"own app at Microsoft {said}" in notice.text
            assert "set MICROSOFT_CLIENT_SECRET and MICROSOFT_SECRET_EXPIRES" in notice.text
            assert "hush" not in shown.html


def test_nobody_sees_what_is_far_away(app: Flask, client: Browser) -> None:
    with tenants.operated(app, ending(31)):
        assert "own app at Microsoft" not in client.page("/domains").text


def test_who_cannot_do_anything_about_it_does_not_see_it(
    *, app: Flask, anonymous: Browser, viewer: Browser, domain: Domain
) -> None:
    admin = Browser.of(app).signed_in(factories.admin("carol@rollcall.example", Role.ADMIN))
    with tenants.operated(app, ending(1)):
        for browser, path in ((anonymous, "/login"), (viewer, "/domains"), (admin, "/domains")):
            assert "own app at Microsoft" not in browser.page(path).text
