"""Sign in with Microsoft, the worker's part: which account the code is for that a person brought back."""

import contextlib
import logging
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msal
import requests
from flask import current_app
from msal.exceptions import MsalError
from redis import Redis

from console import tokens
from console.core.errors import SourceError
from console.microsoft import Microsoft
from console.secrets import Sealer
from console.settings import Settings
from console.store import admins
from jobs.sources.office365 import aadsts, certificate, trust
from jobs.sources.office365.settings import Office365Settings

log = logging.getLogger(__name__)

BROUGHT, OUTCOME = "sign-in-code", "sign-in-outcome"
OUTCOME_SECONDS = 120
TIMEOUTS = (5.0, 10.0)
LEEWAY_SECONDS = 300

NOT_LET_IN = (
    "Microsoft did not confirm who you are. Try again; if it stays, whoever runs this console finds the reason in its "
    "log. Your password works as before."
)
OTHER_TENANT = "Accounts of your organisation are not accepted by this console. Use your password."
GUEST = "You are a guest of the organisation whose accounts this console accepts. Use your password."
NO_ACCOUNT = "There is no account for {names} in this console. Ask one of its owners to add one."


class NotSignedInError(Exception):
    """The person is not let in; the sentence is for them and holds nothing secret."""


def check(ticket: str) -> None:
    """Find out who brought the code that waits under this name, and leave the answer for the page that asks for it.

    It is there for one worker, once, and only for a short time.
    """
    redis: Redis = current_app.extensions["redis"]
    sealer: Sealer = current_app.extensions["sealer"]
    settings: Settings = current_app.extensions["settings"]
    brought = tokens.take(redis, sealer, BROUGHT, ticket)
    if brought is None or not settings.microsoft.signs_in:
        return
    outcome: dict[str, int | str]
    try:
        outcome = {"admin": _account(_claims(settings, brought), settings.microsoft)}
    except NotSignedInError as error:
        outcome = {"error": str(error)}
    tokens.put(redis, sealer, OUTCOME, ticket, outcome, seconds=OUTCOME_SECONDS)


def addresses(claims: Mapping[str, Any], microsoft: Microsoft, now: float) -> list[str]:
    """The addresses by which the person is known, from an ID token of ours that came from the token endpoint itself
    (OpenID Connect Core section 3.1.3.7: over TLS, so its signature need not be checked).

    Only of the one tenant that the operator allows: in another one anybody could give an account whatever address they
    like. A guest's address is another organisation's to say.
    """
    tenant = str(claims.get("tid", "")).lower()
    issuer = urlsplit(str(claims.get("iss", ""))).path.lower().split("/")
    meant = claims.get("aud") == microsoft.client_id and float(claims.get("exp") or 0) > now - LEEWAY_SECONDS
    if not meant:
        raise NotSignedInError(NOT_LET_IN)
    if tenant != microsoft.sign_in_tenant or tenant not in issuer:
        raise NotSignedInError(OTHER_TENANT)
    name = str(claims.get("preferred_username", ""))
    if claims.get("idp", claims.get("iss")) != claims.get("iss") or "#ext#" in name.lower():
        raise NotSignedInError(GUEST)
    found = (name, str(claims.get("email", "")))
    return list(dict.fromkeys(address.lower() for address in found if "@" in address))


def _account(claims: Mapping[str, Any], microsoft: Microsoft) -> int:
    """The id of the account with one of these addresses."""
    names = addresses(claims, microsoft, time.time())
    for name in names:
        admin = admins.by_email(name)
        if admin is not None:
            return admin.id
    raise NotSignedInError(NO_ACCOUNT.format(names=" or ".join(names) or "you"))


def _claims(settings: Settings, brought: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Microsoft says of the person. msal's frames hold the app's secret, so none of its exceptions leaves here."""
    said = _asked(settings, brought)
    claims = said.get("id_token_claims")
    if isinstance(claims, dict):
        return claims
    log.warning("a sign-in at Microsoft was refused: %s", aadsts.refused(_app(settings), said).sentence)
    raise NotSignedInError(NOT_LET_IN)


def _asked(settings: Settings, brought: Mapping[str, Any]) -> Mapping[str, Any]:
    app = _app(settings)
    flow = {
        "state": brought["state"],
        "redirect_uri": brought["back"],
        "scope": ["openid", "profile", "email"],
        "code_verifier": brought["verifier"],
        "nonce": brought["nonce"],
    }
    answer = {"state": brought["state"], "code": brought["code"]}
    try:
        trust.check_target(app, app.authority)
        with contextlib.closing(_Http(app)) as http:
            client = msal.ConfidentialClientApplication(
                app.client_id,
                client_credential=certificate.credential(app),
                authority=app.login_url,
                instance_discovery=False,
                http_client=http,
            )
            found: Mapping[str, Any] = client.acquire_token_by_auth_code_flow(flow, answer)
    except (requests.RequestException, ValueError, KeyError, TypeError, RuntimeError, MsalError, SourceError) as error:
        log.warning("a sign-in at Microsoft failed: %s", type(error).__name__)
        return {}
    return found


def _app(settings: Settings) -> Office365Settings:
    microsoft = settings.microsoft
    return Office365Settings(
        tenant=microsoft.sign_in_tenant,
        client_id=microsoft.client_id,
        credential=microsoft.credential,
        authority=microsoft.login_url,
        graph=microsoft.graph_url,
        ca_pem=microsoft.ca_pem,
        allow_local=settings.allow_local_targets,
    )


class _Http:
    """msal's way to the network, with our certificates, proxies and time-outs."""

    def __init__(self, app: Office365Settings) -> None:
        self._session = trust.session(app)

    def get(self, url: str, **options: Any) -> requests.Response:
        return self._ask("GET", url, options)

    def post(self, url: str, **options: Any) -> requests.Response:
        return self._ask("POST", url, options)

    def close(self) -> None:
        self._session.close()

    def _ask(self, method: str, url: str, options: Mapping[str, Any]) -> requests.Response:
        sent = {name: options[name] for name in ("params", "data", "headers") if options.get(name) is not None}
        proxies = trust.proxies(url)
        return self._session.request(method, url, timeout=TIMEOUTS, allow_redirects=False, proxies=proxies, **sent)
