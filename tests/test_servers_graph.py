"""The stand-in for Microsoft 365 that other tests rely on: it lets in whom Microsoft would, and refuses the others."""

import base64
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import msal
import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.servers.graph import App, GraphStandIn, Tenant
from tests.servers.graph.certificate import app_certificate
from tests.servers.graph.process import GraphProcess
from tests.servers.graph.tenant import FAR, group, tenant_of, user
from tests.servers.pki import Pki

BACK = "https://console.example/connected"
SECRET = "secret-of-the-app"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def server(pki: Pki) -> Iterator[GraphStandIn]:
    with GraphStandIn.start(pki) as server:
        yield server


@pytest.fixture
def graph(server: GraphStandIn) -> GraphStandIn:
    tenant = tenant_of([user("ann"), user("bob")], [group("sales"), group("admins", mailEnabled=False)])
    tenant.register(App(secrets={SECRET: FAR}, redirect_uris=(BACK,), certificates=[app_certificate()[1]]))
    server.reset(tenant)
    return server


@pytest.fixture
def web(pki: Pki) -> Iterator[requests.Session]:
    """What trusts the stand-in."""
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(pki.ca_file)
        yield session


def app_of(tenant: Tenant) -> App:
    return next(iter(tenant.apps.values()))


def token(graph: GraphStandIn, web: requests.Session, **changes: str) -> dict[str, Any]:
    form = {
        "grant_type": "client_credentials",
        "client_id": app_of(graph.tenant).client_id,
        "client_secret": SECRET,
        "scope": f"{graph.url}/.default",
        **changes,
    }
    answer: dict[str, Any] = web.post(f"{graph.authority}/oauth2/v2.0/token", data=form).json()
    return answer


def asked(graph: GraphStandIn, web: requests.Session, path: str, **headers: str) -> requests.Response:
    bearer = token(graph, web)["access_token"]
    url = path if path.startswith("https:") else f"{graph.url}/v1.0/{path}"
    return web.get(url, headers={"Authorization": f"Bearer {bearer}", **headers})


def client(graph: GraphStandIn, web: requests.Session, tenant: str = "") -> Any:
    return msal.ConfidentialClientApplication(
        app_of(graph.tenant).client_id,
        client_credential=SECRET,
        authority=f"{graph.url}/{tenant or graph.tenant.id}",
        instance_discovery=False,
        http_client=web,
    )


def signed_in(application: Any, web: requests.Session, who: str, mode: str) -> tuple[dict[str, Any], dict[str, str]]:
    """What the app keeps while a person signs in, and what they come back with."""
    flow = application.initiate_auth_code_flow(
        ["User.Read"], redirect_uri=BACK, login_hint=who, response_mode=mode if mode == "form_post" else None
    )
    sent = web.get(flow["auth_uri"], allow_redirects=False)
    if mode == "form_post":
        assert f"action='{BACK}'" in sent.text
        return flow, dict(re.findall(r"name='(\w+)' value='([^']*)'", sent.text))
    assert sent.headers["Location"].startswith(BACK)
    return flow, dict(parse_qsl(urlsplit(sent.headers["Location"]).query))


@pytest.mark.parametrize("tenant", ["", "organizations"])
@pytest.mark.parametrize("mode", ["form_post", "query"])
@pytest.mark.filterwarnings("ignore:response_mode='form_post' is recommended:UserWarning")
def test_a_person_signs_in_with_a_code_that_works_once(
    graph: GraphStandIn, web: requests.Session, tenant: str, mode: str
) -> None:
    application = client(graph, web, tenant)
    flow, back = signed_in(application, web, "ANN@contoso.example", mode)
    claims = application.acquire_token_by_auth_code_flow(dict(flow), back)["id_token_claims"]
    assert (claims["preferred_username"], claims["oid"]) == ("ann@contoso.example", user("ann")["id"])
    assert claims["iss"] == f"{graph.url}/{graph.tenant.id}/v2.0"
    again = client(graph, web, tenant).acquire_token_by_auth_code_flow(dict(flow), back)
    assert again["error_codes"] == [54005]


def test_a_code_without_its_verifier_is_worth_nothing(graph: GraphStandIn, web: requests.Session) -> None:
    application = client(graph, web)
    flow, back = signed_in(application, web, "ann@contoso.example", "form_post")
    stolen = {**flow, "code_verifier": "a" * 43}
    assert application.acquire_token_by_auth_code_flow(stolen, back)["error_codes"] == [501481]


def test_the_id_token_is_signed_with_a_key_that_is_published(graph: GraphStandIn, web: requests.Session) -> None:
    application = client(graph, web)
    flow, back = signed_in(application, web, "bob@contoso.example", "form_post")
    raw = application.acquire_token_by_auth_code_flow(flow, back)["id_token"]
    found = web.get(f"{graph.authority}/v2.0/.well-known/openid-configuration").json()
    (key,) = web.get(found["jwks_uri"]).json()["keys"]
    assert jwt.get_unverified_header(raw)["kid"] == key["kid"]
    claims = jwt.decode(
        raw, jwt.PyJWK(key), algorithms=["RS256"], audience=application.client_id, issuer=found["issuer"]
    )
    assert claims["name"] == "Bob of contoso.example"


def test_who_is_not_named_picks_an_account_or_cancels(graph: GraphStandIn, web: requests.Session) -> None:
    query = {"client_id": app_of(graph.tenant).client_id, "redirect_uri": BACK, "state": "s1"}
    page = web.get(f"{graph.authority}/oauth2/v2.0/authorize?{urlencode(query)}").text
    assert "Pick an account" in page
    assert "ann@contoso.example" in page
    query["answer"] = "cancel"
    sent = web.get(f"{graph.authority}/oauth2/v2.0/authorize?{urlencode(query)}", allow_redirects=False)
    assert "error=access_denied" in sent.headers["Location"]


def test_admin_consent_grants_the_permissions_and_sends_back_with_the_state(
    graph: GraphStandIn, web: requests.Session
) -> None:
    app = app_of(graph.tenant)
    app.roles = ()
    assert "roles" not in jwt.decode(token(graph, web)["access_token"], options={"verify_signature": False})
    query = {"client_id": app.client_id, "redirect_uri": BACK, "state": "s1", "scope": f"{graph.url}/.default"}
    url = f"{graph.url}/organizations/v2.0/adminconsent"
    assert "Permissions requested" in web.get(f"{url}?{urlencode(query)}").text
    cancelled = web.get(f"{url}?{urlencode({**query, 'answer': 'cancel'})}", allow_redirects=False)
    assert "error=access_denied" in cancelled.headers["Location"]
    assert app.roles == ()
    accepted = web.get(f"{url}?{urlencode({**query, 'answer': 'accept'})}", allow_redirects=False)
    back = dict(parse_qsl(urlsplit(accepted.headers["Location"]).query))
    assert (back["tenant"], back["admin_consent"], back["state"]) == (graph.tenant.id, "True", "s1")
    assert "User.Read.All" in app.roles


def test_people_are_sent_back_only_where_the_app_says(graph: GraphStandIn, web: requests.Session) -> None:
    query = {"client_id": app_of(graph.tenant).client_id, "redirect_uri": "https://elsewhere.example"}
    for path in ("oauth2/v2.0/authorize", "v2.0/adminconsent"):
        sent = web.get(f"{graph.authority}/{path}?{urlencode(query)}", allow_redirects=False)
        assert sent.status_code == 400
        assert "AADSTS50011" in sent.text


def assertion(graph: GraphStandIn, pem: str, **changes: Any) -> dict[str, str]:
    """The proof that an app holds the key of a certificate (RFC 7523), with something wrong in it."""
    client_id, now = app_of(graph.tenant).client_id, int(time.time())
    audience = f"{graph.authority}/oauth2/v2.0/token"
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "exp": now + 300, "jti": "1", **changes}
    named = app_certificate()[1].fingerprint(hashes.SHA256())
    header = {"x5t#S256": base64.urlsafe_b64encode(named).decode().rstrip("=")}
    key: Any = load_pem_private_key(pem.encode(), None)
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {
        "client_assertion": jwt.encode(claims, key, algorithm="PS256", headers=header),
        "client_assertion_type": kind,
        "client_secret": "",
    }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"aud": "https://elsewhere.example/token"}, 700023),
        ({"exp": int(time.time()) - 60}, 700024),
        ({"iss": "another"}, 700027),
        ({"sub": "another"}, 700021),
    ],
)
def test_the_proof_of_a_certificate_is_checked(
    graph: GraphStandIn, web: requests.Session, changes: dict[str, Any], code: int | None
) -> None:
    answer = token(graph, web, **assertion(graph, app_certificate()[0], **changes))
    assert answer.get("error_codes") == ([code] if code else None)


def test_a_proof_that_another_key_signed_is_refused(graph: GraphStandIn, web: requests.Session) -> None:
    answer = token(graph, web, **assertion(graph, app_certificate("other")[0]))
    assert answer["error_codes"] == [700027]


def test_only_its_own_tokens_open_graph(graph: GraphStandIn, web: requests.Session) -> None:
    good = token(graph, web)["access_token"]
    head, body, signature = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "==="))
    richer = base64.urlsafe_b64encode(json.dumps({**claims, "roles": ["All"]}).encode()).decode().rstrip("=")
    for bad in ("", "x", f"{head}.{richer}.{signature}"):
        answer = web.get(f"{graph.url}/v1.0/users", headers={"Authorization": f"Bearer {bad}"})
        assert answer.status_code == 401
        assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert web.get(f"{graph.url}/v1.0/users", headers={"Authorization": f"Bearer {good}"}).status_code == 200
    graph.expire_tokens()
    assert web.get(f"{graph.url}/v1.0/users", headers={"Authorization": f"Bearer {good}"}).status_code == 401
    assert asked(graph, web, "users").status_code == 200


def test_lists_are_filtered_selected_and_paged(graph: GraphStandIn, web: requests.Session) -> None:
    groups = asked(graph, web, "groups?$filter=mailEnabled eq true&$select=id,mail").json()
    assert groups["value"] == [{"id": group("sales")["id"], "mail": "sales@contoso.example"}]
    first = asked(graph, web, "users?$top=1&$select=mail").json()
    second = asked(graph, web, first["@odata.nextLink"]).json()
    assert [first["value"], second["value"]] == [[{"mail": "ann@contoso.example"}], [{"mail": "bob@contoso.example"}]]
    assert "@odata.nextLink" not in second


@pytest.mark.parametrize(
    "path", ["users?$top=1000", "users?$filter=mail ne null", "users/delta?$top=5", "users/delta?$deltatoken=x", "me"]
)
def test_what_graph_does_not_take_is_refused(graph: GraphStandIn, web: requests.Session, path: str) -> None:
    assert asked(graph, web, path).status_code == 400


def test_changes_begin_with_everything_or_with_now(graph: GraphStandIn, web: requests.Session) -> None:
    full = asked(graph, web, "users/delta?$select=mail", Prefer="odata.maxpagesize=1").json()
    assert len(full["value"]) == 1
    rest = asked(graph, web, full["@odata.nextLink"], Prefer="odata.maxpagesize=1").json()
    now = asked(graph, web, "users/delta?$deltatoken=latest&$select=mail").json()
    assert now["value"] == []
    graph.tenant.users.remove(user("ann")["id"])
    graph.tenant.users.change(user("bob")["id"], mail="bob2@contoso.example", surname="Kim")
    for link in (rest["@odata.deltaLink"], now["@odata.deltaLink"]):
        assert asked(graph, web, link).json()["value"] == [
            {"id": user("ann")["id"], "@removed": {"reason": "changed"}},
            {"id": user("bob")["id"], "mail": "bob2@contoso.example"},
        ]


def test_a_batch_has_at_most_twenty_questions(graph: GraphStandIn, web: requests.Session) -> None:
    bearer = token(graph, web)["access_token"]
    for count, status in ((20, 200), (21, 400)):
        questions = [{"id": str(number), "method": "GET", "url": "/users/x"} for number in range(count)]
        answer = web.post(
            f"{graph.url}/v1.0/$batch",
            json={"requests": questions},
            headers={"Authorization": f"Bearer {bearer}"},
        )
        assert answer.status_code == status


def test_it_runs_in_a_process_of_its_own(tmp_path: Path, web: requests.Session) -> None:
    with GraphProcess.start(tmp_path, secret=SECRET, users=3, groups=1) as graph:
        form = {"grant_type": "client_credentials", "client_id": graph.client_id, "client_secret": SECRET}
        url = f"{graph.url}/{graph.tenant_id}/oauth2/v2.0/token"
        form["scope"] = f"{graph.url}/.default"
        answer = web.post(url, data=form, verify=str(graph.ca_file)).json()
        assert answer["token_type"] == "Bearer"
    with pytest.raises(requests.ConnectionError):
        web.post(url, data=form, verify=str(graph.ca_file))
