"""Connect: to Microsoft's consent page and back, with a state that is good once, for who began, and for ten minutes."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask
from redis import Redis
from werkzeug.test import TestResponse

from console.microsoft import Microsoft
from console.models import Admin, Domain, Role, db
from console.store import sources
from tests import factories, tenants
from tests.servers.ports import free_port
from tests.web.client import Browser
from tests.web.source_form import only
from tests.web.test_connections import watched

APP = "00001111-aaaa-2222-bbbb-3333cccc4444"
TENANT = "99990000-aaaa-2222-bbbb-3333cccc4444"
OTHER = "88880000-aaaa-2222-bbbb-3333cccc4444"
BEGIN = f"/domains/{factories.DOMAIN}/sources/connect"
FORM = f"/domains/{factories.DOMAIN}/sources/new/office-365"
SECRET = "the operator's secret"


@pytest.fixture(autouse=True)
def operated(app: Flask) -> Iterator[None]:
    with tenants.operated(app, Microsoft(client_id=APP, credential=SECRET)):
        yield


def begin(browser: Browser, path: str = BEGIN) -> str:
    """Press Connect; the state with which one is sent to Microsoft."""
    return asked(browser.get(path))["state"]


def asked(response: TestResponse) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}


def back(state: str, **values: str) -> str:
    said = {"state": state, "tenant": TENANT, "admin_consent": "True", **values}
    return f"/connect/office-365?{urlencode({name: value for name, value in said.items() if value})}"


def test_the_button_leads_to_microsofts_consent_page(client: Browser, domain: Domain) -> None:
    shown = client.page(FORM)
    assert BEGIN in shown.links()
    assert SECRET not in shown.html
    response = client.get(BEGIN)
    parts = urlsplit(response.location)
    assert (response.status_code, parts.netloc) == (302, "login.microsoftonline.com")
    assert parts.path == "/organizations/v2.0/adminconsent"
    sent = asked(response)
    assert len(sent.pop("state")) >= 32
    assert sent == {
        "client_id": APP,
        "scope": "https://graph.microsoft.com/.default",
        "redirect_uri": "https://console.example/connect/office-365",
    }


def test_who_comes_back_has_a_source_that_keeps_no_secret(client: Browser, domain: Domain) -> None:
    response = client.get(back(begin(client)))
    source = only(domain)
    assert response.location == f"/sources/{source.id}"
    assert (source.kind, source.secret, source.label) == ("office365", "", f"Office 365 · {domain.name}")
    assert source.settings == {"connected": True, "tenant": TENANT}
    assert source.next_run_at is not None
    shown = client.page(response.location)
    assert "The tenant is connected." in shown.text
    assert "this console's, accepted in the tenant" in shown.text
    form = client.page(f"{response.location}/edit").form()
    assert not {"tenant", "client_id", "secret", "certificate", "cloud"} & set(form)
    saved = client.submit(f"{response.location}/edit", **{**_text(form), "name": "Cloud", "sync_people": "y"})
    assert saved.status_code == 302
    assert only(domain).settings == {
        "connected": True,
        "tenant": TENANT,
        "sync_people": True,
        "sync_shared": True,
        "sync_groups": True,
    }


def _text(form: dict[str, str | None]) -> dict[str, Any]:
    return {name: value for name, value in form.items() if value is not None and name != "csrf_token"}


def test_the_web_process_asks_microsoft_nothing(client: Browser, domain: Domain, redis: Redis) -> None:
    with watched() as seen:
        client.get(back(begin(client)))
    assert only(domain).connected
    ports = {where[1] for event, where in seen if event == "socket.connect" and isinstance(where, tuple)}
    assert ports <= {redis.connection_pool.connection_kwargs["port"]}


def test_a_state_is_good_once(client: Browser, domain: Domain) -> None:
    state = begin(client)
    client.get(back(state))
    assert client.get(back(state, tenant=OTHER)).status_code == 400
    assert only(domain).settings["tenant"] == TENANT


def test_a_state_that_was_never_given_or_is_another_persons_is_refused(
    client: Browser, app: Flask, domain: Domain, redis: Redis
) -> None:
    begin(client)
    for wrong in ("", "x" * 32):
        refused = client.page(back(wrong), 400)
        assert "This connection was not begun here, or too long ago." in refused.text
    another = Browser.of(app).signed_in(factories.admin("carol@rollcall.example", Role.OWNER))
    begin(another)
    mine = begin(client)
    assert another.get(back(mine)).status_code == 400
    assert client.get(back(mine)).status_code == 400, "it was taken"
    same_person = Browser.of(app)
    late = begin(client)
    redis.flushdb()
    assert client.get(back(late)).status_code == 400
    assert same_person.get(back(late)).location.startswith("/login")
    assert not sources.of_domain(domain.id)


def test_a_state_is_bound_to_the_session_in_which_it_was_begun(
    client: Browser, app: Flask, alice: Admin, domain: Domain
) -> None:
    elsewhere = Browser.of(app).signed_in(alice)
    begin(elsewhere)
    assert elsewhere.get(back(begin(client))).status_code == 400
    assert not sources.of_domain(domain.id)


def test_what_one_may_no_longer_see_is_not_connected(client: Browser, domain: Domain, alice: Admin) -> None:
    state = begin(client)
    alice.limited = True
    db.session.commit()
    assert client.get(back(state)).status_code == 404
    assert not sources.of_domain(domain.id)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"error": "access_denied", "error_description": "AADSTS65004: declined."}, "The app was not accepted at"),
        ({"error": "access_denied", "error_description": "AADSTS90094: needs admin."}, "Only an administrator of the"),
        ({"error": "temporarily_unavailable"}, "Microsoft was not available"),
        ({"error": "invalid_client", "error_description": "AADSTS650052: x"}, "Microsoft refused with AADSTS650052,"),
        ({"error": "interaction_required"}, "Microsoft refused with interaction_required,"),
        ({"error": "<b>call 555-1234</b>"}, "Microsoft refused with an error,"),
        ({"admin_consent": ""}, "Microsoft did not say that this console's app was accepted."),
        ({"tenant": "contoso.example"}, "Microsoft did not say that this console's app was accepted."),
    ],
)
def test_what_microsoft_refuses_is_told_in_words(
    client: Browser, domain: Domain, said: dict[str, str], sentence: str
) -> None:
    response = client.get(back(begin(client), **said))
    assert response.location == FORM
    shown = client.page(FORM)
    assert sentence in shown.text
    assert "555" not in shown.text
    assert not sources.of_domain(domain.id)


def test_a_tenant_is_not_connected_twice(client: Browser, domain: Domain) -> None:
    client.get(back(begin(client)))
    assert client.get(back(begin(client))).location == "/sources/1"
    assert "connected already" in client.page("/sources/1").text
    client.get(back(begin(client), tenant=OTHER))
    assert len(sources.of_domain(domain.id)) == 2


def test_a_source_is_connected_again_with_another_tenant(client: Browser, domain: Domain) -> None:
    client.get(back(begin(client)))
    again = "/sources/1/connect"
    assert again in client.page("/sources/1").links()
    assert client.get(back(begin(client, again), tenant=OTHER)).location == "/sources/1"
    assert only(domain).settings["tenant"] == OTHER
    factories.source(domain)
    assert client.get("/sources/2/connect").status_code == 404, "it is no tenant that was connected"


def test_a_viewer_connects_nothing(viewer: Browser, domain: Domain) -> None:
    assert viewer.get(BEGIN).status_code == 403
    assert viewer.get(back("x")).status_code == 403


def test_without_redis_the_button_says_so(client: Browser, app: Flask, domain: Domain) -> None:
    usual = app.extensions["redis"]
    app.extensions["redis"] = Redis(port=free_port())
    try:
        assert client.get(BEGIN).location == FORM
        assert "Redis does not answer" in client.page(FORM).text
    finally:
        app.extensions["redis"] = usual
