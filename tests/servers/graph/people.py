"""What people do in a browser at Microsoft: consent for their tenant, and sign in. Pages have links to go on with."""

import base64
import hashlib
import html
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.servers.graph import answer, signing
from tests.servers.graph.answer import Answer, Request
from tests.servers.graph.collection import Object
from tests.servers.graph.tenant import READS, App, Tenant


@dataclass
class Codes:
    """Authorization codes that were handed out and not yet used: what was asked, and who signed in."""

    open: dict[str, tuple[Mapping[str, str], Object]] = field(default_factory=dict)


def _refused(code: str, message: str) -> Answer:
    return answer.page(
        "Sorry, but we’re having trouble signing you in.", f"<p>AADSTS{code}: {html.escape(message)}</p>", 400
    )


def _app(tenant: Tenant, query: Mapping[str, str]) -> App | Answer:
    app = tenant.apps.get(query.get("client_id", ""))
    if app is None:
        return _refused(
            "700016", f"Application with identifier '{query.get('client_id')}' was not found in the directory."
        )
    if query.get("redirect_uri") not in app.redirect_uris:
        return _refused(
            "50011", "The redirect URI specified in the request does not match the redirect URIs of the application."
        )
    return app


def _back(query: Mapping[str, str], **values: str) -> Answer:
    """Send the person back: by a redirect, or by a form that they post where the app wants that."""
    told = {**values, **({"state": query["state"]} if "state" in query else {})}
    if query.get("response_mode") != "form_post":
        return answer.redirect(f"{query['redirect_uri']}?{urlencode(told)}")
    fields = "".join(
        f"<input type='hidden' name='{name}' value='{html.escape(value, quote=True)}'>" for name, value in told.items()
    )
    to = html.escape(query["redirect_uri"], quote=True)
    return answer.page("Working...", f"<form method='post' action='{to}'>{fields}<button>Continue</button></form>")


def _link(request: Request, label: str, **values: str) -> str:
    target = f"{request.path}?{urlencode({**request.query, **values})}"
    return f"<p><a href='{html.escape(target, quote=True)}'>{html.escape(label)}</a></p>"


def admin_consent(tenant: Tenant, request: Request) -> Answer:
    """The page on which an administrator accepts what an app asks for; `answer=` in the query is their click."""
    app = _app(tenant, request.query)
    if isinstance(app, Answer):
        return app
    click = request.query.get("answer")
    if click == "accept":
        app.roles = app.roles or READS
        return _back(request.query, tenant=tenant.id, admin_consent="True", scope=request.query.get("scope", ""))
    if click == "cancel":
        described = "AADSTS65004: The resource owner or authorization server denied the request."
        return _back(request.query, error="access_denied", error_description=described, admin_consent="True")
    body = "<p>Rollcall wants to read all users and groups of this organisation.</p>"
    body += _link(request, "Accept", answer="accept") + _link(request, "Cancel", answer="cancel")
    return answer.page("Permissions requested", body)


def authorize(tenant: Tenant, codes: Codes, request: Request) -> Answer:
    """The page on which a person signs in; `who=` in the query, or a login_hint, is the account that they choose."""
    query = request.query
    app = _app(tenant, query)
    if isinstance(app, Answer):
        return app
    if query.get("answer") == "cancel":
        return _back(query, error="access_denied", error_description="AADSTS65004: User declined to consent.")
    who = query.get("who") or query.get("login_hint")
    person = next((found for found in tenant.users if found["userPrincipalName"].lower() == (who or "").lower()), None)
    if person is None:
        shown = [str(found["userPrincipalName"]) for found in tenant.users][:20]
        body = "".join(_link(request, name, who=name) for name in shown) + _link(request, "Cancel", answer="cancel")
        return answer.page("Pick an account", body)
    code = secrets.token_urlsafe(24)
    codes.open[code] = (dict(query), person)
    return _back(query, code=code, session_state=secrets.token_hex(8))


def person_token(tenant: Tenant, app: App, codes: Codes, request: Request, *, url: str, lifetime: float) -> Answer:
    """The answer to grant_type=authorization_code, for a code that was not used before and its verifier (RFC 7636)."""
    asked, person = codes.open.pop(request.form.get("code", ""), ({}, {}))
    if not asked:
        return answer.login_error(400, "invalid_grant", "54005", "OAuth2 Authorization code was already redeemed.")
    if (app.client_id, request.form.get("redirect_uri")) != (asked.get("client_id"), asked.get("redirect_uri")):
        return answer.login_error(
            400, "invalid_grant", "500112", "The reply address does not match that of the request."
        )
    digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    if "code_challenge" in asked and base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
        return answer.login_error(
            400, "invalid_grant", "501481", "The Code_Verifier does not match the code_challenge."
        )
    about = {"tid": tenant.id, "oid": person["id"], "sub": person["id"], "name": person["displayName"], "ver": "2.0"}
    claims = {
        **about,
        "iss": f"{url}/{tenant.id}/v2.0",
        "aud": app.client_id,
        "preferred_username": person["userPrincipalName"],
        **({"email": person["mail"]} if person.get("mail") else {}),
        **({"nonce": asked["nonce"]} if "nonce" in asked else {}),
    }
    info = base64.urlsafe_b64encode(json.dumps({"uid": person["id"], "utid": tenant.id}).encode()).decode().rstrip("=")
    return answer.login(
        {
            "token_type": "Bearer",
            "scope": asked.get("scope", ""),
            "expires_in": int(lifetime),
            "access_token": signing.signed({**about, "aud": url, "scp": "User.Read"}, lifetime),
            "id_token": signing.signed(claims, lifetime),
            "client_info": info,
        }
    )
