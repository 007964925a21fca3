"""Signing an app in: with a secret or a certificate, from the cache or anew, and what a refusal is told as."""

import base64
import datetime as dt
import json
import logging
import time as real_time
from dataclasses import replace

import pytest

from jobs.sources.office365 import aadsts
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from jobs.sources.office365.tokens import InMemory
from tests.servers.graph import GraphStandIn, Misbehaviour, Refusal, Script
from tests.servers.graph.certificate import app_certificate
from tests.servers.graph.tenant import App
from tests.sources.ldap import quiet
from tests.sources.office365 import SECRET, Time, failure, fetched


def app(server: GraphStandIn) -> App:
    return next(iter(server.tenant.apps.values()))


def test_a_secret_lets_the_app_in(graph: GraphStandIn, office: Office365Settings) -> None:
    assert fetched(office).read == 9
    assert [call.name for call in graph.seen.calls][:2] == ["openid", "token"]


def test_a_certificate_lets_the_app_in_by_a_signed_proof(graph: GraphStandIn, office: Office365Settings) -> None:
    pem, certificate = app_certificate()
    app(graph).secrets.clear()
    app(graph).certificates.append(certificate)
    assert fetched(replace(office, credential=pem)).read == 9


def test_a_certificate_that_is_not_registered_is_refused(graph: GraphStandIn, office: Office365Settings) -> None:
    app(graph).certificates.append(app_certificate()[1])
    error = failure(replace(office, credential=app_certificate("other")[0]))
    assert error.permanent
    assert "the certificate is not one of the app's" in error.sentence


def test_a_certificate_that_is_none_is_said_before_anybody_is_asked(
    graph: GraphStandIn, office: Office365Settings
) -> None:
    key = app_certificate()[0].partition("-----BEGIN CERTIFICATE-----")[0]
    assert "only its private key is there" in failure(replace(office, credential=key)).sentence
    assert graph.seen.calls == []


CODES = {
    "7000222": ("secret of the app has expired. Make a new one", True),
    "7000215": ("Enter the secret's Value, not its Secret ID", True),
    "700016": ("does not know the app", True),
    "90002": ("there is no tenant", True),
    "65001": ("choose “Grant admin consent”", True),
    "53003": ("a Conditional Access policy of the tenant blocks the app", True),
    "7000112": ("the app is disabled in this tenant", True),
    "700024": ("Check the clock", False),
}


@pytest.mark.parametrize("code", CODES)
def test_microsofts_reasons_are_told_in_plain_words(graph: GraphStandIn, office: Office365Settings, code: str) -> None:
    graph.reset(script=Script(aadsts=code))
    error = failure(office)
    words, permanent = CODES[code]
    assert error.sentence.startswith("Signing in at Microsoft failed: ")
    assert words in error.sentence
    assert error.permanent == permanent
    assert error.detail.startswith(f"AADSTS{code}: ")
    assert "Trace ID" not in error.detail
    assert "Correlation ID" not in error.detail
    assert graph.seen.graph_calls == 0


def test_a_reason_that_is_not_known_here_is_shown_with_its_code(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(script=Script(aadsts="123456"))
    error = failure(office)
    assert error.sentence == (
        f"Signing in at Microsoft failed with AADSTS123456: The stand-in was told so about '{office.client_id}'."
    )


def test_what_is_really_wrong_leads_to_the_same_reasons(graph: GraphStandIn, office: Office365Settings) -> None:
    """As opposed to what the stand-in was told to say."""
    assert "Secret ID" in failure(replace(office, credential="another~secret")).sentence
    assert "does not know the app" in failure(replace(office, client_id=office.tenant)).sentence
    assert "there is no tenant fabrikam.example" in failure(replace(office, tenant="fabrikam.example")).sentence
    app(graph).secrets[SECRET] = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    assert "has expired" in failure(office).sentence
    app(graph).enabled = False
    assert "is disabled" in failure(office).sentence


def test_a_message_that_repeats_the_secret_is_not_repeated(office: Office365Settings) -> None:
    content = {"error": "invalid_client", "error_description": f"AADSTS999: no: {SECRET} Trace ID: 1 Timestamp: 2"}
    error = aadsts.refused(office, content)
    assert (error.sentence, error.detail) == (
        "Signing in at Microsoft failed with AADSTS999: no: (secret).",
        "AADSTS999: no: (secret)",
    )


@pytest.mark.parametrize(
    ("what", "trouble", "words"),
    [
        ("token", Misbehaviour.WEB_PAGE, "not what was asked for while signing in"),
        ("token", Misbehaviour.BROKEN_JSON, "not what was asked for while signing in"),
        ("token", Misbehaviour.CLOSE, "broke off the connection while signing in"),
        ("token", Refusal(500, "x"), "answered 500 while signing in"),
        ("token", Refusal(400, "x"), "does not answer as Microsoft's sign-in does"),
        ("openid", Misbehaviour.LIST, "not what was asked for while signing in"),
        ("openid", Misbehaviour.CLOSE, "broke off the connection while signing in"),
        ("openid", Refusal(503, "x"), "answered 503 while signing in"),
        ("openid", Refusal(404, "x"), "does not answer as Microsoft's sign-in does"),
    ],
)
def test_trouble_at_the_sign_in_is_told_with_the_place(
    graph: GraphStandIn, office: Office365Settings, what: str, trouble: Misbehaviour | Refusal, words: str
) -> None:
    graph.reset(script=Script(on={(what, 1): trouble}))
    error = failure(office)
    assert words in error.sentence
    assert graph.seen.graph_calls == 0


def test_trouble_at_the_sign_in_that_passes_is_sat_out(graph: GraphStandIn, office: Office365Settings) -> None:
    time = Time()
    graph.reset(script=Script(on={("token", 1): Refusal(429, "x", retry_after=9)}, times=1))
    assert fetched(office, time).read == 9
    assert sum(time.slept) == 9


def test_a_token_serves_the_next_run_too_and_only_the_same_app(graph: GraphStandIn, office: Office365Settings) -> None:
    kept = InMemory()
    Office365Source(office, kept).fetch(quiet)
    graph.reset()
    Office365Source(office, kept).fetch(quiet)
    assert graph.seen.count("openid") == graph.seen.count("token") == 0
    assert SECRET not in kept.text
    assert SECRET not in repr(kept)
    graph.reset()
    Office365Source(replace(office, credential=SECRET), kept).fetch(quiet)
    other = replace(office, tenant=graph.tenant.domain)
    Office365Source(other, kept).fetch(quiet)
    assert graph.seen.count("token") == 1


def test_what_is_kept_but_cannot_be_read_is_as_good_as_nothing(graph: GraphStandIn, office: Office365Settings) -> None:
    for text in ("not JSON", "[]", '{"for": "somebody else", "tokens": 7}'):
        assert Office365Source(office, InMemory(text)).fetch(quiet).read == 9


def test_the_discovery_document_is_asked_for_once_a_day(graph: GraphStandIn, office: Office365Settings) -> None:
    kept = InMemory()
    graph.token_lifetime = 240.0  # To msal, which wants five minutes, it is out of date at once; to Graph it is good.
    for _ in range(2):
        Office365Source(office, kept).fetch(quiet)
    assert (graph.seen.count("openid"), graph.seen.count("token")) == (1, 2)
    old = json.loads(kept.text)
    for document in old["discovery"].values():
        document["until"] = real_time.time() - 1
    Office365Source(office, InMemory(json.dumps(old))).fetch(quiet)
    assert graph.seen.count("openid") == 2


def test_a_token_that_expires_in_the_middle_is_renewed_once(graph: GraphStandIn, office: Office365Settings) -> None:
    graph.reset(script=Script(expire_at=5, max_page=3))
    snapshot = fetched(office)
    assert snapshot.complete
    assert snapshot.read == 9
    assert graph.seen.count("token") == 2


def test_a_sign_in_that_graph_never_accepts_ends(graph: GraphStandIn, office: Office365Settings) -> None:
    refusal = Refusal(401, "InvalidAuthenticationToken", "Access token validation failure.")
    graph.reset(script=Script(on={("users", 1): refusal}))
    error = failure(office)
    assert "does not accept the app's sign-in while reading users" in error.sentence
    assert error.detail == "GET /v1.0/users: 401 InvalidAuthenticationToken: Access token validation failure."
    assert graph.seen.count("users") == 2


def test_a_permission_granted_since_the_last_run_is_noticed(graph: GraphStandIn, office: Office365Settings) -> None:
    kept = InMemory()
    app(graph).roles = ("User.Read.All",)
    with pytest.raises(Exception, match=r"Group\.Read\.All"):
        Office365Source(office, kept).fetch(quiet)
    app(graph).roles = ("User.Read.All", "Group.Read.All")
    assert Office365Source(office, kept).fetch(quiet).read == 9


def test_nothing_secret_is_logged(
    graph: GraphStandIn, office: Office365Settings, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pem, certificate = app_certificate()
    app(graph).certificates.append(certificate)
    kept = InMemory()
    Office365Source(office, kept).fetch(quiet)
    Office365Source(replace(office, credential=pem)).fetch(quiet)
    failure(replace(office, credential="wrong and secret"))
    key_line = pem.splitlines()[3]
    token = json.loads(json.loads(kept.text)["tokens"])["AccessToken"]
    secrets = [SECRET, "wrong and secret", key_line, *(entry["secret"] for entry in token.values())]
    for secret in secrets:
        assert secret not in caplog.text
        assert base64.b64encode(secret.encode()).decode() not in caplog.text
