"""The operator's own app at Microsoft, for Connect and Sign in with Microsoft, and where Microsoft is."""

import datetime as dt
import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from console.core.clouds import CLOUDS, WORLDWIDE

CONSENT_SCOPE = "/.default"
"""All that the app asks for in its registration, of the directory named before it."""

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def is_guid(text: str) -> bool:
    """Whether a text has the form of an ID at Microsoft: of a tenant, or of an app."""
    return _GUID.fullmatch(text) is not None


@dataclass(frozen=True, kw_only=True)
class Microsoft:
    """`credential` is the app's client secret, or its certificate and key as PEM; `expires_on` is the last day on which
    it is good, where that is known. `login_url` and `graph_url` have no path. `ca_pem` holds certificates to trust
    instead of the public authorities. People sign in with accounts of `sign_in_tenant` alone; it is empty where nobody
    does.
    """

    client_id: str = ""
    credential: str = field(default="", repr=False)
    expires_on: dt.date | None = None
    login_url: str = CLOUDS[WORLDWIDE].authority
    graph_url: str = CLOUDS[WORLDWIDE].graph_url
    ca_pem: str = field(default="", repr=False)
    sign_in_tenant: str = ""

    @property
    def by_certificate(self) -> bool:
        return self.credential.startswith("-----BEGIN ")

    @property
    def connects(self) -> bool:
        """Whether administrators can connect their tenants through the operator's app."""
        return bool(self.client_id)

    @property
    def signs_in(self) -> bool:
        return bool(self.client_id and self.sign_in_tenant)

    @property
    def elsewhere(self) -> bool:
        """Whether the operator has set another Microsoft than the worldwide one."""
        usual = CLOUDS[WORLDWIDE]
        return (self.login_url, self.graph_url) != (usual.authority, usual.graph_url)

    def consent_url(self, *, state: str, back: str) -> str:
        """Where an administrator of any tenant accepts what the app asks for."""
        asked = {
            "client_id": self.client_id,
            "scope": f"{self.graph_url}{CONSENT_SCOPE}",
            "redirect_uri": back,
            "state": state,
        }
        return f"{self.login_url}/organizations/v2.0/adminconsent?{urlencode(asked)}"

    def sign_in_url(self, *, state: str, nonce: str, challenge: str, back: str) -> str:
        """Where a person signs in (OpenID Connect, code flow with PKCE)."""
        asked = {
            "client_id": self.client_id,
            "response_type": "code",
            "response_mode": "query",
            "scope": "openid profile email",
            "redirect_uri": back,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.login_url}/{self.sign_in_tenant}/oauth2/v2.0/authorize?{urlencode(asked)}"
