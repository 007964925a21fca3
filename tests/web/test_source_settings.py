"""Changing the settings of a source."""

from flask import Flask

from console.models import Domain
from console.store import domains
from tests.web.client import Browser, page
from tests.web.source_form import GOOD, NEW, SECRET, only, unsealed


def test_the_settings_are_changed_and_an_empty_password_keeps_the_stored_one(
    client: Browser, app: Flask, domain: Domain
) -> None:
    client.submit(NEW, **GOOD)
    sales = domains.add_group(domain, "Sales")
    form = client.page("/sources/1/edit").form()
    assert {name: form[name] for name in GOOD} == {**GOOD, "password": ""}
    changed = {**GOOD, "password": "", "name": "HQ", "port": "3269", "group": str(sales.id), "mode": "automatic"}
    response = client.submit("/sources/1/edit", **changed)
    assert response.location == "/sources/1"
    assert "Saved. Test the connection" in client.page("/sources/1").text
    source = only(domain)
    assert (source.name, source.settings["port"], source.group.name, source.mode) == ("HQ", 3269, "Sales", "automatic")
    assert unsealed(app, source) == SECRET


def test_a_new_password_replaces_the_stored_one(client: Browser, app: Flask, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    client.submit("/sources/1/edit", **{**GOOD, "password": "another"})
    assert unsealed(app, only(domain)) == "another"


def test_without_an_account_the_stored_password_goes(client: Browser, app: Flask, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    assert client.submit("/sources/1/edit", **{**GOOD, "user_dn": "", "password": ""}).status_code == 302
    assert only(domain).secret == ""
    refused = page(client.submit("/sources/1/edit", **{**GOOD, "password": ""}), 422)
    assert refused.error("password") == "Enter the password of this account."


def test_the_stored_password_is_for_the_host_it_was_entered_for(client: Browser, app: Flask, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    elsewhere = {**GOOD, "host": "dc.evil.example", "password": ""}
    refused = page(client.submit("/sources/1/edit", **elsewhere), 422)
    assert refused.error("password") == "Enter the password again: it was stored for another host."
    assert refused.form()["host"] == "dc.evil.example"
    assert only(domain).settings["host"] == GOOD["host"]
    assert client.submit("/sources/1/edit", **{**elsewhere, "password": "for that one"}).status_code == 302
    assert unsealed(app, only(domain)) == "for that one"


def test_settings_that_cannot_be_leave_the_stored_ones(client: Browser, app: Flask, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    before = dict(only(domain).settings)
    refused = page(client.submit("/sources/1/edit", **{**GOOD, "port": "x", "name": "Other", "password": "new"}), 422)
    assert refused.error("port")
    assert refused.form()["name"] == "Other"
    assert (only(domain).settings, only(domain).name) == (before, "Head office")
    assert unsealed(app, only(domain)) == SECRET
