"""The form of a source: adding one, and changing its settings."""

import pytest
from flask import Flask
from sqlalchemy import text

from console.models import Domain, Run, Source, db
from console.secrets import Sealer
from console.store import domains, sources
from tests import factories
from tests.servers.pki import Pki
from tests.web.client import Browser, page

SECRET = "correct horse battery staple"
# Everything that the form of a new source sends.
GOOD = {
    "name": "Head office",
    "host": "dc1.brightfield.example",
    "port": "636",
    "tls": "ldaps",
    "user_dn": "CN=Rollcall,OU=Service,DC=brightfield,DC=example",
    "password": SECRET,
    "search_base": "OU=Staff,DC=brightfield,DC=example",
    "filter": "(department=Sales)",
    "ca_pem": "",
    "group": "1",
    "interval": "240",
    "mode": "review",
    "grace_days": "7",
    "guard_percent": "30",
    "guard_owned_from": "20",
    "sync_people": "y",
    "sync_groups": "y",
    "scope": "onelevel",
    "preset": "openldap",
    "map_last_name": "surname",
}


@pytest.fixture
def path(domain: Domain) -> str:
    return f"/domains/{domain.name}/sources/new/active-dir"


def unsealed(app: Flask, source: Source) -> str:
    sealer: Sealer = app.extensions["sealer"]
    return sealer.unseal(source.secret)


def only(domain: Domain) -> Source:
    (found,) = sources.of_domain(domain.id)
    return found


def everything_stored() -> str:
    """Every row of the tables that a source has to do with, as text."""
    tables = ("sources", "runs", "changes", "issues", "users", "domains")
    return " ".join(str(db.session.execute(text(f"select t::text from {table} t")).all()) for table in tables)


def test_the_way_to_a_source_is_the_articles(client: Browser, domain: Domain, path: str) -> None:
    listing = client.page(f"/domains/{domain.name}/sync")
    assert listing.one("sources-title").text == "User Sources"
    assert f"/domains/{domain.name}/sources/new" in listing.links()
    choice = client.page(f"/domains/{domain.name}/sources/new")
    assert "Active Dir." in choice.text
    assert path in choice.links()
    form = client.page(path)
    labels = {label.text for label in form.all("label")}
    assert {"Host", "Port", "User DN", "Password", "Search base"} <= labels
    sent = form.form()
    assert (sent["port"], sent["tls"], sent["interval"], sent["mode"]) == ("636", "ldaps", "60", "automatic")


def test_a_source_is_added_with_what_was_typed(client: Browser, app: Flask, domain: Domain, path: str) -> None:
    response = client.submit(path, **GOOD)
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


def test_the_password_is_in_no_page_and_nowhere_in_the_clear(client: Browser, domain: Domain, path: str) -> None:
    client.submit(path, **GOOD)
    client.submit("/sources/1/test")
    refused = client.submit(path, **{**GOOD, "port": "x"})
    assert refused.status_code == 422
    pages = ["/sources/1", "/sources/1/edit", "/sources/1/delete", f"/domains/{domain.name}/sync", "/runs/1", path]
    for html in (refused.text, *(client.get(address).text for address in pages)):
        assert SECRET not in html
        assert only(domain).secret not in html
    assert SECRET not in everything_stored()


def test_a_schedule_that_is_off_has_no_next_run(client: Browser, domain: Domain, path: str) -> None:
    client.submit(path, **{**GOOD, "interval": "off"})
    assert (only(domain).interval_minutes, only(domain).next_run_at) == (None, None)
    assert client.page("/sources/1/edit").form()["interval"] == "off"


def test_without_an_account_the_search_is_anonymous(client: Browser, app: Flask, domain: Domain, path: str) -> None:
    client.submit(path, **{**GOOD, "user_dn": "", "password": ""})
    assert unsealed(app, only(domain)) == ""
    assert "nobody (anonymous)" in client.page("/sources/1").text


WRONG = [
    ({"name": ""}, "Enter a name."),
    ({"name": " \t"}, "Enter a name."),
    ({"name": "x" * 101}, "longer than 100"),
    ({"host": ""}, "Enter the name of the directory server."),
    ({"host": " "}, "Enter the name of the directory server."),
    ({"host": "ldap://dc1.brightfield.example"}, "Enter the name alone, without ldap:// and without the port."),
    ({"host": "dc1.brightfield.example:636"}, "Enter the name alone, without ldap:// and without the port."),
    ({"host": "dc 1"}, "Enter the name alone, without ldap:// and without the port."),
    ({"host": "192.0.2.10"}, "With TLS, Host must be the server's name"),
    ({"host": "2001:db8::1"}, "With TLS, Host must be the server's name"),
    ({"host": "[2001:db8::1]"}, "With TLS, Host must be the server's name"),
    ({"port": ""}, "Enter the port."),
    ({"port": "x"}, "A port is a number from 1 to 65535."),
    ({"port": "0"}, "A port is a number from 1 to 65535."),
    ({"port": "65536"}, "A port is a number from 1 to 65535."),
    ({"port": "-1"}, "A port is a number from 1 to 65535."),
    ({"port": "9" * 400}, "A port is a number from 1 to 65535."),
    ({"port": "389"}, "Port 389 is for StartTLS or none"),
    ({"tls": "rot13"}, "Not a valid choice."),
    ({"user_dn": ""}, "Enter who signs in with this password."),
    ({"user_dn": "x" * 1001}, "longer than 1000"),
    ({"password": ""}, "Enter the password of this account."),
    ({"password": "x" * 1001}, "longer than 1000"),
    ({"search_base": "x" * 1001}, "longer than 1000"),
    ({"filter": "department=Sales"}, "A filter stands in parentheses"),
    ({"filter": "(department=Sales"}, "A filter stands in parentheses"),
    ({"filter": "(a=b)(c=d)"}, "A filter stands in parentheses"),
    ({"filter": ")("}, "A filter stands in parentheses"),
    ({"filter": "(a=b))((c=d)"}, "A filter stands in parentheses"),
    ({"ca_pem": "no certificate"}, "This is not a certificate in PEM form"),
    (
        {"ca_pem": "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----"},
        "This is not a certificate in PEM form",
    ),
    ({"map_last_name": "sn)(cn=*"}, "is not the name of an attribute"),
    ({"host": "dc1.brightfield.example, dc2.brightfield.example:636"}, "without the port."),
    ({"group": "2"}, "Not a valid choice."),
    ({"interval": "1"}, "Not a valid choice."),
    ({"mode": "yolo"}, "Not a valid choice."),
    ({"grace_days": ""}, "Enter a number of days."),
    ({"grace_days": "366"}, "From 0 to 365 days."),
    ({"grace_days": "two"}, "From 0 to 365 days."),
    ({"guard_percent": "101"}, "From 0 to 100 %."),
    ({"guard_owned_from": "0"}, "From 1 to 1,000,000."),
]


def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    client: Browser, domain: Domain, path: str
) -> None:
    factories.domain("other.example")  # Its group has the number 2.
    chosen = {"tls", "group", "interval", "mode", "password"}
    for typed, said in WRONG:
        refused = page(client.submit(path, **{**GOOD, **typed}), 422)
        ((field, value),) = typed.items()
        assert said in refused.error(field), typed
        form = refused.form()
        kept = {**GOOD, field: value if field not in chosen else form[field], "password": ""}
        if value.strip() == value:
            assert {name: form[name] for name in GOOD} == kept
    assert not sources.of_domain(domain.id)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"port": "636", "tls": "none"}, "Port 636 is for TLS: choose TLS (LDAPS), or port 389."),
        ({"port": "636", "tls": "starttls"}, "Port 636 speaks TLS from the first byte: choose TLS (LDAPS)."),
    ],
)
def test_a_port_that_does_not_fit_the_encryption_is_named(
    client: Browser, domain: Domain, path: str, typed: dict[str, str], said: str
) -> None:
    assert page(client.submit(path, **{**GOOD, **typed}), 422).error("port") == said
    assert not sources.of_domain(domain.id)


@pytest.mark.parametrize(
    "typed",
    [
        {"host": "192.0.2.10", "port": "389", "tls": "none"},
        {"host": "[2001:db8::1]", "port": "389", "tls": "none"},
        {"host": "192.0.2.10", "skip_verify": "y"},
        {"port": "3269"},
        {"host": "dc1.brightfield.example, dc2.brightfield.example"},
        {"filter": "(&(objectClass=user)(!(department=Test)))"},
    ],
)
def test_what_may_be_is_added(client: Browser, domain: Domain, path: str, typed: dict[str, str]) -> None:
    assert client.submit(path, **{**GOOD, **typed}).status_code == 302
    assert only(domain).settings["host"] == typed.get("host", GOOD["host"])
    assert only(domain).settings["verify"] == ("skip_verify" not in typed)


def test_at_least_one_kind_of_recipient_is_synced(client: Browser, domain: Domain, path: str) -> None:
    nothing = {name: value for name, value in GOOD.items() if not name.startswith("sync_")}
    refused = page(client.submit(path, **nothing), 422)
    assert refused.error("sync_people") == "Choose at least one kind of recipient."
    assert not sources.of_domain(domain.id)


def test_a_source_stored_without_the_switches_shows_the_usual_ones(client: Browser, domain: Domain) -> None:
    factories.source(domain)
    form = client.page("/sources/1/edit").form()
    checked = {name for name, value in form.items() if name.startswith("sync_") and value}
    assert checked == {"sync_people", "sync_shared", "sync_groups", "sync_public_folders", "sync_hidden"}


def test_an_own_authority_is_kept_unless_it_has_expired(
    client: Browser, domain: Domain, path: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pki = Pki(tmp_path_factory.mktemp("pki"))
    expired, _ = pki.issue("old", ["dc1.brightfield.example"], expired=True)
    refused = page(client.submit(path, **{**GOOD, "ca_pem": expired.read_text()}), 422)
    assert refused.error("ca_pem") == "This certificate has expired: ask for the present one."
    authority = pki.ca_file.read_text().strip()
    assert client.submit(path, **{**GOOD, "host": "192.0.2.10", "ca_pem": authority}).status_code == 302
    assert only(domain).settings["ca_pem"].split() == authority.split()
    assert "checked against your own authority" in client.page("/sources/1").text


def test_the_page_warns_of_what_is_unsafe(client: Browser, domain: Domain, path: str) -> None:
    client.submit(path, **{**GOOD, "port": "389", "tls": "none"})
    client.submit(path, **{**GOOD, "skip_verify": "y"})
    client.submit(path, **GOOD)
    plain, unchecked, safe = (client.page(f"/sources/{number}").text for number in (1, 2, 3))
    assert "go over the network in the clear" in plain
    assert "certificate is not checked" in unchecked
    assert "in the clear" not in safe
    assert "not checked" not in safe


def test_the_settings_are_changed_and_an_empty_password_keeps_the_stored_one(
    client: Browser, app: Flask, domain: Domain, path: str
) -> None:
    client.submit(path, **GOOD)
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


def test_a_new_password_replaces_the_stored_one(client: Browser, app: Flask, domain: Domain, path: str) -> None:
    client.submit(path, **GOOD)
    client.submit("/sources/1/edit", **{**GOOD, "password": "another"})
    assert unsealed(app, only(domain)) == "another"


def test_without_an_account_the_stored_password_goes(client: Browser, app: Flask, domain: Domain, path: str) -> None:
    client.submit(path, **GOOD)
    assert client.submit("/sources/1/edit", **{**GOOD, "user_dn": "", "password": ""}).status_code == 302
    assert only(domain).secret == ""
    refused = page(client.submit("/sources/1/edit", **{**GOOD, "password": ""}), 422)
    assert refused.error("password") == "Enter the password of this account."


def test_the_stored_password_is_for_the_host_it_was_entered_for(
    client: Browser, app: Flask, domain: Domain, path: str
) -> None:
    client.submit(path, **GOOD)
    elsewhere = {**GOOD, "host": "dc.evil.example", "password": ""}
    refused = page(client.submit("/sources/1/edit", **elsewhere), 422)
    assert refused.error("password") == "Enter the password again: it was stored for another host."
    assert refused.form()["host"] == "dc.evil.example"
    assert only(domain).settings["host"] == GOOD["host"]
    assert client.submit("/sources/1/edit", **{**elsewhere, "password": "for that one"}).status_code == 302
    assert unsealed(app, only(domain)) == "for that one"


def test_settings_that_cannot_be_leave_the_stored_ones(client: Browser, app: Flask, domain: Domain, path: str) -> None:
    client.submit(path, **GOOD)
    before = dict(only(domain).settings)
    refused = page(client.submit("/sources/1/edit", **{**GOOD, "port": "x", "name": "Other", "password": "new"}), 422)
    assert refused.error("port")
    assert refused.form()["name"] == "Other"
    assert (only(domain).settings, only(domain).name) == (before, "Head office")
    assert unsealed(app, only(domain)) == SECRET
