"""Microsoft's refusals at sign-in: one sentence each, for the administrator who can do something about it.

The codes are those of “Microsoft Entra authentication and authorization error codes”.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from console.core.errors import SourceError
from jobs.sources.office365.settings import Office365Settings

_APP = "the app registration (Microsoft Entra admin center > App registrations)"
_CONSENT = "open Enterprise applications > the app > Permissions there and choose “Grant admin consent”"

# True where only a change by a person helps.
_KNOWN: Mapping[str, tuple[str, bool]] = {
    "7000222": (
        f"the client secret of the app has expired. Make a new one in {_APP} under Certificates & secrets, and enter "
        "its value here",
        True,
    ),
    "7000215": (
        "the client secret is wrong. Enter the secret's Value, not its Secret ID; if it is no longer shown, make a new "
        f"one in {_APP} under Certificates & secrets",
        True,
    ),
    "7000216": ("no client secret or certificate was accepted. Enter the app's secret or upload its certificate", True),
    "7000218": ("the app needs a client secret or a certificate. Enter one of them", True),
    "700016": (
        "the tenant {tenant} does not know the app {client_id}. Check Client ID and Tenant; if they are right, the app "
        "has not been accepted in this tenant yet: connect it, or grant admin consent",
        True,
    ),
    "90002": ("there is no tenant {tenant}. Check Tenant, and that the cloud is the right one", True),
    "900023": ("{tenant} is not the name of a tenant. Check Tenant", True),
    "65001": (f"nobody has consented to the app in this tenant yet. As an administrator {_CONSENT}", True),
    "7000229": (f"the app is not set up in this tenant yet. As an administrator {_CONSENT}", True),
    "53003": (
        "a Conditional Access policy of the tenant blocks the app. Exclude the app from that policy, or allow the "
        "network in which the console runs",
        True,
    ),
    "7000112": ("the app is disabled in this tenant. Enable it there under Enterprise applications > Properties", True),
    "700027": (
        f"the certificate is not one of the app's. Upload its public part in {_APP} under Certificates & secrets, or "
        "give the one that is registered there",
        True,
    ),
    "700023": ("the proof of the certificate was not meant for this tenant. Check Tenant and the sign-in URL", True),
    "700024": (
        "the proof of the certificate was out of date. Check the clock of the machine on which the console runs",
        False,
    ),
    "500011": ("this cloud has no directory {graph} for the tenant. Choose the cloud that the tenant belongs to", True),
    "90033": ("Microsoft's sign-in is not available at the moment. It is tried again at the next sync", False),
    "50196": ("Microsoft saw the app sign in too often. It is tried again at the next sync", False),
}

_CODE = re.compile(r"\bAADSTS(\d+)\b")
# What Microsoft adds for its own support: useless here, and different each time, so that notices would repeat.
_NUMBERS = re.compile(r"\s*(?:Trace ID|Correlation ID|Timestamp):.*", re.DOTALL)
_LIMIT = 500


def refused(settings: Office365Settings, content: Mapping[str, Any]) -> SourceError:
    """Why the app was not let in, from the JSON of a token or discovery endpoint."""
    error, described = content.get("error"), content.get("error_description")
    if not isinstance(error, str):
        return SourceError(
            f"{urlsplit(settings.authority).netloc} does not answer as Microsoft's sign-in does. Nothing was changed. "
            "Check the tenant's cloud, or the sign-in URL."
        )
    words = discreet(settings, described if isinstance(described, str) else error)
    found = _CODE.search(words)
    if found and (known := _KNOWN.get(found[1])):
        why, permanent = known
        filled = why.format(tenant=settings.tenant, client_id=settings.client_id, graph=settings.graph)
        return SourceError(f"Signing in at Microsoft failed: {filled}.", permanent=permanent, detail=words)
    code = found[0] if found else discreet(settings, error)[:80]
    reason = words.removeprefix(f"{code}:").strip().rstrip(".") or "no reason was given"
    sentence = f"Signing in at Microsoft failed with {code}: {reason}."
    return SourceError(sentence, permanent=found is not None, detail=words)


def discreet(settings: Office365Settings, text: str) -> str:
    """Microsoft's message without its numbers, and without the credential, should somebody on the way repeat it."""
    if settings.credential:
        text = text.replace(settings.credential, "(secret)")
    return _NUMBERS.sub("", text)[:_LIMIT]
