"""The sign-in of apps: discovery, and tokens for an app that shows its secret or its certificate."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tests.servers.graph import answer, signing
from tests.servers.graph.answer import Answer, Request
from tests.servers.graph.script import Script
from tests.servers.graph.tenant import App, Tenant

_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SHARED = ("common", "organizations")

# What Microsoft says with the codes that a stand-in can be told to answer. The first word is OAuth's own error.
AADSTS: Mapping[str, tuple[str, str]] = {
    "7000222": ("invalid_client", "The provided client secret keys for app '{app}' are expired."),
    "7000215": (
        "invalid_client",
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not "
        "the client secret ID, for a secret added to app '{app}'.",
    ),
    "700016": (
        "unauthorized_client",
        "Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the "
        "application has not been installed by the administrator of the tenant or consented to by any user in it.",
    ),
    "90002": ("invalid_request", "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID."),
    "65001": (
        "invalid_grant",
        "The user or administrator has not consented to use the application with ID '{app}' named 'Rollcall'.",
    ),
    "53003": ("invalid_grant", "Access has been blocked by Conditional Access policies."),
    "7000112": ("unauthorized_client", "Application '{app}' is disabled."),
}


def discovery(url: str, asked: str, tenant: Tenant | None, base: str) -> Answer:
    """The openid configuration of a tenant, whose names lead to its id."""
    if tenant is None:
        return unknown_tenant(asked)
    name = asked if asked in SHARED else tenant.id
    return answer.login(
        {
            "token_endpoint": f"{url}/{name}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{url}/{name}/discovery/v2.0/keys",
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": f"{base}/{tenant.id if name == tenant.id else '{tenantid}'}/v2.0",
            "authorization_endpoint": f"{url}/{name}/oauth2/v2.0/authorize",
            "end_session_endpoint": f"{url}/{name}/oauth2/v2.0/logout",
            "tenant_region_scope": "EU",
            "msgraph_host": url.removeprefix("https://"),
        }
    )


def unknown_tenant(asked: str) -> Answer:
    return _error(400, "90002", asked, "")


def _error(status: int, code: str, tenant: str, app: str) -> Answer:
    error, message = AADSTS.get(code, ("invalid_request", f"The stand-in was told so about '{app}'."))
    return answer.login_error(status, error, code, message.format(tenant=tenant, app=app))


def authenticated(tenant: Tenant, request: Request, script: Script, endpoint: str) -> App | Answer:
    """The app that a token request comes from, or why it is not let in."""
    form = request.form
    client_id = form.get("client_id", "")
    if script.aadsts:
        return _error(401 if script.aadsts.startswith("70002") else 400, script.aadsts, tenant.name, client_id)
    app = tenant.apps.get(client_id)
    if app is None:
        return _error(400, "700016", tenant.name, client_id)
    if not app.enabled:
        return _error(400, "7000112", tenant.name, client_id)
    if form.get("client_assertion_type") == _ASSERTION:
        try:
            signing.check_assertion(form.get("client_assertion", ""), app, endpoint)
        except signing.BadTokenError as error:
            code, _, message = str(error).partition(": ")
            return answer.login_error(401, "invalid_client", code, message)
        return app
    ends = app.secrets.get(form.get("client_secret", ""))
    if ends is None:
        return _error(401, "7000215", tenant.name, client_id)
    if ends < dt.datetime.now(dt.UTC):
        return _error(401, "7000222", tenant.name, client_id)
    return app


def app_token(tenant: Tenant, app: App, request: Request, *, url: str, lifetime: float, epoch: int) -> Answer:
    """The answer to grant_type=client_credentials: what the tenant has granted stands in `roles`. Tokens of an earlier
    `epoch` are not accepted any more.
    """
    scope = request.form.get("scope", "")
    if scope != f"{url}/.default":
        message = f"The resource principal named {scope.removesuffix('/.default')} was not found in the tenant."
        return answer.login_error(400, "invalid_resource", "500011", message)
    claims: dict[str, Any] = {
        "aud": url,
        "iss": f"{url}/{tenant.id}/",
        "appid": app.client_id,
        "tid": tenant.id,
        "idtyp": "app",
        "ver": "1.0",
        "epoch": epoch,
        **({"roles": list(app.roles)} if app.roles else {}),
    }
    token = signing.signed(claims, lifetime)
    return answer.login(
        {"token_type": "Bearer", "expires_in": int(lifetime), "ext_expires_in": int(lifetime), "access_token": token}
    )
