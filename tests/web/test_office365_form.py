"""The form of an Office 365 source with an app of the tenant's own."""

import datetime as dt
import io
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from console import tokens
from console.microsoft import Microsoft
from console.models import Domain, Source, now
from console.store import sources
from tests import factories, tenants
from tests.servers.graph.certificate import app_certificate
from tests.web.client import Browser, page
from tests.web.source_form import only, unsealed

NEW = f"/domains/{factories.DOMAIN}/sources/new/office-365"
TENANT = "99990000-aaaa-2222-bbbb-3333cccc4444"
APP = "00001111-aaaa-2222-bbbb-3333cccc4444"
SECRET = "Kx8Q~value.of-the_secret"
FAR = (now() + dt.timedelta(days=300)).date().isoformat()
GOOD = {
    "name": "Cloud",
    "tenant": TENANT,
    "client_id": APP,
    "secret": SECRET,
    "secret_expires_on": FAR,
    "cloud": "global",
    "ca_pem": "",
    "sync_people": "y",
    "sync_groups": "y",
    "group": "1",
    "interval": "240",
    "mode": "review",
    "grace_days": "7",
    "guard_percent": "30",
    "guard_owned_from": "20",
}


def with_certificate(**typed: Any) -> dict[str, Any]:
    pem, _ = app_certificate()
    return {**GOOD, "secret": "", "secret_expires_on": "", "certificate": (io.BytesIO(pem.encode()), "a.pem"), **typed}


def test_the_way_to_a_source_is_the_articles(client: Browser, domain: Domain) -> None:
    choice = client.page(f"/domains/{domain.name}/sources/new")
    assert {"Choose Active Dir.", "Choose Office 365"} <= {
        link.attributes.get("aria-label") for link in choice.all("a")
    }
    assert NEW in choice.links()
    form = client.page(NEW)
    for said in ("User.Read.All", "Group.Read.All", "MailboxSettings.Read", "Grant admin consent"):
        assert said in form.text
    assert "Dynamic distribution lists are not in Microsoft Graph" in form.text
    assert f"/domains/{domain.name}/users/new" in form.links()
    sent = form.form()
    assert (sent["cloud"], sent["interval"], sent["sync_shared"]) == ("global", "60", "y")
    assert "Connect" not in {link.text for link in form.all("a")}, "there is no app of the operator"


def test_a_source_is_added_with_what_was_typed(client: Browser, app: Flask, domain: Domain) -> None:
    response = client.submit(NEW, **GOOD)
    source = only(domain)
    assert response.location == f"/sources/{source.id}"
    assert source.settings == {
        "tenant": TENANT,
        "client_id": APP,
        "credential": "secret",
        "cloud": "global",
        "ca_pem": "",
        "sync_people": True,
        "sync_shared": False,
        "sync_groups": True,
    }
    assert (source.label, source.mode, source.interval_minutes) == ("Office 365 · Cloud", "review", 240)
    assert unsealed(app, source) == SECRET
    assert source.secret_expires_on == dt.date.fromisoformat(FAR)
    shown = client.page(response.location).text
    for said in (
        f"Tenant {TENANT}",
        APP,
        "Worldwide",
        "people, groups",
        "stored, sealed, expires on",
        "Test connection",
    ):
        assert said in shown


def test_the_secret_is_in_no_page(client: Browser, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    refused = client.submit(NEW, **{**GOOD, "tenant": "?"})
    client.submit("/sources/1/test")
    addresses = ("/sources/1", "/sources/1/edit", "/sources/1/delete", f"/domains/{domain.name}/sync", "/runs/1")
    for html in (refused.text, *(client.get(address).text for address in addresses)):
        assert SECRET not in html
        assert only(domain).secret not in html


def test_a_certificate_takes_the_place_of_a_secret_and_says_its_end(
    client: Browser, app: Flask, domain: Domain
) -> None:
    pem, certificate = app_certificate()
    assert client.submit_htmx(NEW, **with_certificate()).headers["HX-Redirect"] == "/sources/1"
    source = only(domain)
    assert unsealed(app, source) == pem
    assert (source.settings["credential"], source.secret_expires_on) == (
        "certificate",
        certificate.not_valid_after_utc.date(),
    )
    shown = client.page("/sources/1").text
    assert "Certificate stored, sealed, expires on" in shown
    assert "PRIVATE KEY" not in client.get("/sources/1/edit").text
    client.submit("/sources/1/edit", **{**GOOD, "secret": "", "secret_expires_on": "", "name": "Renamed"})
    assert (only(domain).name, unsealed(app, only(domain))) == ("Renamed", pem)
    assert only(domain).secret_expires_on == certificate.not_valid_after_utc.date()


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"tenant": ""}, "Enter the tenant."),
    ({"tenant": "not a tenant"}, "This is neither the ID of a tenant"),
    ({"client_id": "Rollcall"}, "A client ID looks like"),
    ({"secret": ""}, "Enter the client secret of the app, or choose the file"),
    ({"secret": TENANT}, "This is the Secret ID."),
    ({"secret_expires_on": "soon"}, "Enter a date such as 2027-03-31."),
    ({"secret_expires_on": "2020-01-01"}, "This day is past."),
    ({"secret_expires_on": "9999-01-01"}, "No secret lasts that long."),
    ({"cloud": "mars"}, "Not a valid choice."),
    ({"grace_days": "x"}, "From 0 to 365 days."),
    ({"ca_pem": "no certificate"}, "This is not a certificate in PEM form"),
    ({"certificate": (io.BytesIO(b"no certificate"), "a.pem"), "secret": ""}, "There is no private key in this"),
]


def test_what_is_wrong_is_said_beside_its_field(client: Browser, domain: Domain) -> None:
    for typed, said in WRONG:
        refused = page(client.submit(NEW, **{**GOOD, **typed}), 422)
        assert said in refused.error(next(iter(typed))), typed
        assert refused.form()["name"] == "Cloud"
    both = page(client.submit(NEW, **with_certificate(secret=SECRET)), 422)
    assert both.error("certificate") == "Give a client secret or a certificate, not both."
    nobody = {name: value for name, value in GOOD.items() if not name.startswith("sync_")}
    assert "at least one kind" in page(client.submit(NEW, **nobody), 422).error("sync_people")
    assert not sources.of_domain(domain.id)


def test_a_stored_secret_stays_until_it_is_for_another_app(client: Browser, app: Flask, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    form = client.page("/sources/1/edit").form()
    assert (form["secret"], form["secret_expires_on"], form["sync_shared"]) == ("", FAR, None)
    assert client.submit("/sources/1/edit", **{**GOOD, "secret": "", "tenant": domain.name}).status_code == 302
    assert (only(domain).settings["tenant"], unsealed(app, only(domain))) == (domain.name, SECRET)
    for other in ({"client_id": TENANT}, {"cloud": "us"}):
        refused = page(client.submit("/sources/1/edit", **{**GOOD, "secret": "", **other}), 422)
        assert "what is stored is for another app" in refused.error("secret")
    client.submit("/sources/1/edit", **{**GOOD, "secret": "Another~one", "client_id": TENANT})
    assert unsealed(app, only(domain)) == "Another~one"


def test_tokens_are_dropped_when_the_credentials_change_and_when_the_source_goes(
    client: Browser, app: Flask, domain: Domain, redis: Redis
) -> None:
    client.submit(NEW, **GOOD)
    kept = tokens.SealedTokens(redis, app.extensions["sealer"], 1)
    kept.save("a token")
    client.submit("/sources/1/edit", **{**GOOD, "secret": "Another~one"})
    assert kept.load() == ""
    kept.save("a token")
    client.act("/sources/1/delete")
    assert kept.load() == ""


@pytest.mark.parametrize(
    ("days", "said"), [(45, ""), (30, "expires in 30 days"), (1, "expires tomorrow"), (-3, "expired on")]
)
def test_a_secret_that_is_about_to_end_warns_wherever_the_source_is(
    client: Browser, domain: Domain, days: int, said: str
) -> None:
    client.submit(NEW, **GOOD)
    source = only(domain)
    source.secret_expires_on = now().date() + dt.timedelta(days=days)
    sources.save(source)
    for path in ("/sources/1", f"/domains/{domain.name}/sync", f"/domains/{domain.name}/sync/list"):
        text = client.page(path).text if "list" not in path else client.get(path).text
        assert ("The client secret of the app" in text) == bool(said)
        assert said in text


def test_another_date_is_warned_of_anew(client: Browser, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    source = only(domain)
    source.expiry_warned = 7
    sources.save(source)
    client.submit("/sources/1/edit", **{**GOOD, "secret": ""})
    assert only(domain).expiry_warned == 7
    client.submit("/sources/1/edit", **{**GOOD, "secret": "", "secret_expires_on": "2090-01-01"})
    assert (only(domain).expiry_warned, only(domain).secret_expires_on) == (None, dt.date(2090, 1, 1))


def test_the_operators_microsoft_is_the_first_choice(client: Browser, app: Flask, domain: Domain) -> None:
    here = Microsoft(login_url="https://login.stand-in.example", graph_url="https://graph.stand-in.example")
    with tenants.operated(app, here):
        shown = client.page(NEW)
        assert shown.form()["cloud"] == ""
        assert "As this console is set up (login.stand-in.example)" in shown.text
        assert client.submit(NEW, **{**GOOD, "cloud": ""}).status_code == 302
        assert "as this console is set up" in client.page("/sources/1").text


def test_addresses_from_the_command_line_stay_until_a_cloud_is_chosen(client: Browser, domain: Domain) -> None:
    client.submit(NEW, **GOOD)
    source: Source = only(domain)
    own = {"authority": "https://login.sovereign.example", "graph": "https://graph.sovereign.example", "cloud": ""}
    source.settings = {**source.settings, **own}
    sources.save(source)
    assert client.page("/sources/1/edit").form()["cloud"] == "own"
    assert "graph.sovereign.example" in client.page("/sources/1").text
    assert client.submit("/sources/1/edit", **{**GOOD, "secret": "", "cloud": "own"}).status_code == 302
    assert only(domain).settings["authority"] == own["authority"]
    client.submit("/sources/1/edit", **{**GOOD, "cloud": "china"})
    assert "authority" not in only(domain).settings
    assert "China (21Vianet)" in client.page("/sources/1").text
