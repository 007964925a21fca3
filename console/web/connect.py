"""Connect: an administrator accepts this console's app at Microsoft, and comes back with their tenant."""

import re
import secrets

from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from redis import RedisError
from werkzeug.wrappers import Response

from console import tokens
from console.microsoft import is_guid
from console.models import Domain, Source, SourceKind
from console.store import domains, sources
from console.web import access
from console.web.shell import say

pages = Blueprint("connect", __name__)

STATE_SECONDS = 600
WHAT = "connect"

NO_STATE = (
    "This connection was not begun here, or too long ago. Nothing was changed: go to User Sync of the domain, choose "
    "Add and Office 365, and connect again."
)
NO_REDIS = "This is not possible at the moment, since Redis does not answer. Try again in a minute."
NOT_ACCEPTED = "Microsoft did not say that this console's app was accepted. Nothing was changed: connect again."
_REFUSALS = {
    "access_denied": "The app was not accepted at Microsoft, so nothing was changed. Connect again, and choose Accept.",
    "server_error": "Microsoft had trouble of its own, so nothing was changed. Connect again in a minute.",
    "temporarily_unavailable": "Microsoft was not available, so nothing was changed. Connect again in a minute.",
}
_NO_ADMINISTRATOR = (
    "Only an administrator of the tenant may accept the app, and the account that signed in at Microsoft is none. "
    "Nothing was changed: connect again, and sign in there with an administrator's account."
)
# “Needs admin approval”, and “not a member of a role that can consent for the organisation”.
_NEED_ADMINISTRATOR = frozenset({"90094", "90095", "900941", "900971"})


@pages.get("/domains/<name>/sources/connect")
def begin(name: str) -> Response:
    return _to_microsoft(access.domain(name, write=True))


@pages.get("/sources/<id:source_id>/connect")
def again(source_id: int) -> Response:
    """For a source that is connected: with another tenant, or since the app asks for more than it did."""
    source = access.source(source_id, write=True)
    if not source.connected:
        abort(404)
    return _to_microsoft(source.domain, source)


@pages.get("/connect/office-365")
def back() -> Response | tuple[str, int]:
    """Where Microsoft sends the administrator afterwards. What begun it is known by the state, for one time only."""
    access.writer()
    bound = session.pop("connecting", "")
    try:
        begun = tokens.take(access.redis(), access.sealer(), WHAT, request.args.get("state", ""))
    except RedisError:
        begun = None
    if begun is None or not bound or (begun["bound"], begun["admin"]) != (bound, access.me().get_id()):
        return render_template("error.html", code=400, heading="This cannot be connected", text=NO_STATE), 400
    domain = access.domain(begun["domain"], write=True)
    source = access.source(begun["source"], write=True) if begun["source"] else None
    tenant = request.args.get("tenant", "").lower()
    refused = "error" in request.args
    if refused or request.args.get("admin_consent", "").lower() != "true" or not is_guid(tenant):
        say(_refusal() if refused else NOT_ACCEPTED, "error")
        return redirect(_from(domain, source))
    return redirect(url_for("sources.show", source_id=_connected(domain, tenant, source).id))


def _to_microsoft(domain: Domain, source: Source | None = None) -> Response:
    microsoft = access.microsoft()
    if not microsoft.connects:
        abort(404)
    bound = session["connecting"] = secrets.token_urlsafe(24)
    about = {
        "bound": bound,
        "admin": access.me().get_id(),
        "domain": domain.name,
        "source": source.id if source else None,
    }
    try:
        state = tokens.leave(access.redis(), access.sealer(), WHAT, about, seconds=STATE_SECONDS)
    except RedisError:
        say(NO_REDIS, "error")
        return redirect(_from(domain, source))
    base: str = current_app.extensions["settings"].base_url
    return redirect(microsoft.consent_url(state=state, back=base + url_for("connect.back")))


def _connected(domain: Domain, tenant: str, source: Source | None) -> Source:
    """The source that reads this tenant: the one that was connected again, one that does so already, or a new one."""
    for known in sources.of_domain(domain.id):
        if known.connected and known.settings["tenant"] == tenant and source in (None, known):
            say("This tenant is connected already, and the app was accepted again.", "info")
            return known
    if source is None:
        group = domains.default_group(domain.id)
        source = Source(domain_id=domain.id, group_id=group.id, kind=SourceKind.OFFICE365.value, name=domain.name)
        source.settings = {"connected": True}
        say("The tenant is connected. Test the connection, look at a preview, then sync.")
    else:
        say("The source reads the tenant that you have connected now. Look at a preview before you sync.")
    source.settings = {**source.settings, "tenant": tenant}
    return sources.save(source)


def _from(domain: Domain, source: Source | None) -> str:
    if source is not None:
        return url_for("sources.show", source_id=source.id)
    return url_for("sources.new", name=domain.name, way="office-365")


def _refusal() -> str:
    """Why Microsoft sent the administrator back without what was asked for. Anybody can write an address, so of what
    it says only codes are shown."""
    error = request.args["error"]
    code = re.search(r"\bAADSTS(\d{4,10})\b", request.args.get("error_description", ""))
    if code is not None and code[1] in _NEED_ADMINISTRATOR:
        return _NO_ADMINISTRATOR
    if error in _REFUSALS:
        return _REFUSALS[error]
    said = code[0] if code is not None else error if re.fullmatch(r"[a-z_]{1,60}", error) else "an error"
    return f"Microsoft refused with {said}, so nothing was changed. Connect again; if it stays, tell your operator."
