"""The form of a new source."""

import pytest
from flask import Flask
from sqlalchemy import text

from console.models import Domain, Run, db
from tests import factories
from tests.web.client import Browser
from tests.web.source_form import GOOD, NEW, SECRET, only, unsealed


def everything_stored() -> str:
    """Every row of the tables that a source has to do with, as text."""
    tables = ("sources", "runs", "changes", "issues", "users", "domains")
    return " ".join(str(db.session.execute(text(f"select t::text from {table} t")).all()) for table in tables)


def test_the_way_to_a_source_is_the_articles(client: Browser, domain: Domain) -> None:
    listing = client.page(f"/domains/{domain.name}/sync")
    assert listing.one("sources-title").text == "User Sources"
    assert f"/domains/{domain.name}/sources/new" in listing.links()
    choice = client.page(f"/domains/{domain.name}/sources/new")
    assert "Active Dir." in choice.text
    assert NEW in choice.links()
    form = client.page(NEW)
    labels = {label.text for label in form.all("label")}
    assert {"Host", "Port", "User DN", "Password", "Search base"} <= labels
    sent = form.form()
    assert (sent["port"], sent["tls"], sent["interval"], sent["mode"]) == ("636", "ldaps", "60", "automatic")


def test_a_source_is_added_with_what_was_typed(client: Browser, app: Flask, domain: Domain) -> None:
    response = client.submit(NEW, **GOOD)
    source = only(domain)
    assert response.location == f"/sources/{source.id}"
    assert source.settings == {
        "host": "dc1.brightfield.example",
        "port": 636,
        "tls": "ldaps",
        "user_dn": GOOD["user_dn"],
        "search_base": GOOD["search_base"],
        "filter": "(department=Sales)",
        "ca_pem": "",
        "verify": True,
        "sync_people": True,
        "sync_shared": False,
        "sync_groups": True,
        "sync_public_folders": False,
        "sync_disabled": False,
        "sync_hidden": False,
        "scope": "onelevel",
        "preset": "openldap",
        "map": {"last_name": "surname"},
    }
    assert (source.label, source.group.name, source.mode) == ("Active Dir. · Head office", "Default", "review")
    assert (source.interval_minutes, source.grace_days, source.guard_percent, source.guard_owned_from) == (
        240,
        7,
        30,
        20,
    )
    assert source.next_run_at is not None
    assert unsealed(app, source) == SECRET
    assert db.session.query(Run).count() == 0


def test_the_password_is_in_no_page_and_nowhere_in_the_clear(client: Browser, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    client.submit("/sources/1/test")
    refused = client.submit(NEW, **{**GOOD, "port": "x"})
    assert refused.status_code == 422
    pages = ["/sources/1", "/sources/1/edit", "/sources/1/delete", f"/domains/{domain.name}/sync", "/runs/1", NEW]
    for html in (refused.text, *(client.get(address).text for address in pages)):
        assert SECRET not in html
        assert only(domain).secret not in html
    assert SECRET not in everything_stored()


def test_a_schedule_that_is_off_has_no_next_run(client: Browser, domain: Domain) -> None:
    client.submit(NEW, **{**GOOD, "interval": "off"})
    assert (only(domain).interval_minutes, only(domain).next_run_at) == (None, None)
    assert client.page("/sources/1/edit").form()["interval"] == "off"


def test_without_an_account_the_search_is_anonymous(client: Browser, app: Flask, domain: Domain) -> None:
    client.submit(NEW, **{**GOOD, "user_dn": "", "password": ""})
    assert unsealed(app, only(domain)) == ""
    assert "nobody (anonymous)" in client.page("/sources/1").text


@pytest.mark.parametrize(
    "typed",
    [
        {"host": "192.0.2.10", "port": "389", "tls": "none"},
        {"host": "[2001:db8::1]", "port": "389", "tls": "none"},
        {"host": "192.0.2.10", "skip_verify": "y"},
        {"port": "3269"},
        {"host": "dc1.brightfield.example, dc2.brightfield.example"},
        {"host": "dc1.brightfield.example:3269 dc2.brightfield.example; dc3.brightfield.example:636"},
        {"host": "[2001:db8::1]:3269, dc1", "port": "389", "tls": "none"},
        {"filter": "(&(objectClass=user)(!(department=Test)))"},
    ],
)
def test_what_may_be_is_added(client: Browser, domain: Domain, typed: dict[str, str]) -> None:
    assert client.submit(NEW, **{**GOOD, **typed}).status_code == 302
    assert only(domain).settings["host"] == typed.get("host", GOOD["host"])
    assert only(domain).settings["verify"] == ("skip_verify" not in typed)


def test_each_server_is_named_with_its_port(client: Browser, domain: Domain) -> None:
    client.submit(NEW, **{**GOOD, "host": "dc1:3269 dc2", "port": "636"})
    assert "ldaps://dc1:3269, dc2:636" in client.page("/sources/1").text
    factories.source(domain, settings={"host": "ldap://dc1", "port": 9})
    assert "ldap://ldap://dc1:9" in client.page("/sources/2").text


def test_a_source_stored_without_the_switches_shows_the_usual_ones(client: Browser, domain: Domain) -> None:
    factories.source(domain)
    form = client.page("/sources/1/edit").form()
    checked = {name for name, value in form.items() if name.startswith("sync_") and value}
    assert checked == {"sync_people", "sync_shared", "sync_groups", "sync_public_folders", "sync_hidden"}


def test_the_page_warns_of_what_is_unsafe(client: Browser, domain: Domain) -> None:
    client.submit(NEW, **{**GOOD, "port": "389", "tls": "none"})
    client.submit(NEW, **{**GOOD, "skip_verify": "y"})
    client.submit(NEW, **GOOD)
    plain, unchecked, safe = (client.page(f"/sources/{number}").text for number in (1, 2, 3))
    assert "go over the network in the clear" in plain
    assert "certificate is not checked" in unchecked
    assert "in the clear" not in safe
    assert "not checked" not in safe
