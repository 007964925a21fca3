"""Tokens for an app, through msal: from the cache while they are good, else from Microsoft's sign-in.

msal keeps the credential in its frames and its own errors, so nothing of it leaves this module: what fails is turned
into an error of ours, which is raised when msal's frames are gone.
"""

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

import msal
from msal.exceptions import MsalError

from jobs.sources.office365 import aadsts, certificate
from jobs.sources.office365.asking import answered
from jobs.sources.office365.patience import Patience
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.wanted import fingerprint
from jobs.sources.office365.wire import Question, Reply, Wire

_DOING = "while signing in"
_DISCOVERY_SECONDS = 24 * 3600.0


class TokenStore(Protocol):
    """Where tokens stay between runs. The text is a secret: whoever has it can read the tenant for an hour."""

    def load(self) -> str: ...

    def save(self, text: str) -> None: ...


@dataclass
class InMemory:
    """Tokens for as long as this object lives."""

    text: str = field(default="", repr=False)

    def load(self) -> str:
        return self.text

    def save(self, text: str) -> None:
        self.text = text


class Tokens:
    """The tokens of one run."""

    def __init__(self, settings: Office365Settings, wire: Wire, patience: Patience, store: TokenStore) -> None:
        self._settings = settings
        self._store = store
        self._mark = fingerprint(settings.login_url.lower(), settings.client_id, settings.graph, settings.credential)
        kept = _kept(store, self._mark)
        self._client = _LoginClient(settings, wire, patience, kept.get("discovery") or {})
        self._cache = msal.SerializableTokenCache()
        self._cache.deserialize(kept.get("tokens") or "")
        self._app: Any = None
        self._token = ""
        self.fresh = False
        """Whether the token was made in this run, so that it shows what is granted now."""

    def current(self) -> str:
        """A token that is good now. Raises SourceError."""
        if not self._token:
            self._token = self._acquire()
        return self._token

    def renewed(self) -> str:
        """A new token in the place of one that is no longer accepted, or whose rights may be out of date."""
        for entry in list(self._cache.search(self._cache.CredentialType.ACCESS_TOKEN)):
            self._cache.remove_at(entry)
        self._token = ""
        return self.current()

    def granted(self) -> frozenset[str] | None:
        """The permissions in the token, or None if it cannot be read: Microsoft does not promise its form."""
        try:
            part = self.current().split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
            return frozenset(map(str, claims.get("roles", [])))
        except (ValueError, IndexError, AttributeError, TypeError):
            return None

    def _acquire(self) -> str:
        found = self._asked_msal()
        if isinstance(found, BaseException):
            raise found
        if "access_token" not in found:
            raise aadsts.refused(self._settings, found)
        self.fresh = found.get("token_source") != "cache"
        if self.fresh:
            kept = {"for": self._mark, "tokens": self._cache.serialize(), "discovery": self._client.discovery}
            self._store.save(json.dumps(kept))
        return str(found["access_token"])

    def _asked_msal(self) -> Mapping[str, Any] | BaseException:
        """msal's answer, or what it raised without the frames that it came through."""
        try:
            if self._app is None:
                self._app = msal.ConfidentialClientApplication(
                    self._settings.client_id,
                    client_credential=certificate.credential(self._settings),
                    authority=self._settings.login_url,
                    instance_discovery=False,
                    token_cache=self._cache,
                    http_client=self._client,
                )
            result: Mapping[str, Any] = self._app.acquire_token_for_client([self._settings.scope]) or {}
            return result
        except (ValueError, KeyError, TypeError, MsalError):
            # An unknown tenant is a ValueError to msal, and the reason is not in its text.
            return aadsts.refused(self._settings, self._client.refusal)
        except BaseException as error:  # It is raised again by the caller.
            return error.with_traceback(None)


def _kept(store: TokenStore, mark: str) -> Mapping[str, Any]:
    """What the store holds for these settings; what cannot be read, or is of another app, is nothing."""
    try:
        kept = json.loads(store.load() or "{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) and kept.get("for") == mark else {}


@dataclass(frozen=True, slots=True)
class _Response:
    """An answer as msal wants to see it."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise ValueError(f"status {self.status_code}")


class _LoginClient:
    """msal's way to the network: over our own connections, with our own patience.

    The discovery document is kept for a day, as msal itself does in memory: a run that signs in asks once, not twice.
    """

    def __init__(
        self, settings: Office365Settings, wire: Wire, patience: Patience, discovery: Mapping[str, Any]
    ) -> None:
        self._settings, self._wire, self._patience = settings, wire, patience
        self.discovery = dict(discovery)
        self.refusal: Mapping[str, Any] = {}
        """The last answer of the sign-in that was a refusal."""

    def get(
        self, url: str, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None, **_: object
    ) -> _Response:
        kept = self.discovery.get(url)
        if isinstance(kept, dict) and kept.get("until", 0) > time.time():
            return _Response(200, json.dumps(kept["content"]), {})
        target = f"{url}?{urlencode(params)}" if params else url
        reply = self._ask(Question("GET", target, dict(headers or {})))
        if reply.status == 200:
            self.discovery = {url: {"until": time.time() + _DISCOVERY_SECONDS, "content": reply.content}}
        return _Response(reply.status, json.dumps(reply.content), reply.headers)

    def post(
        self,
        url: str,
        params: object = None,  # noqa: ARG002  # msal gives none for tokens.
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _Response:
        form = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
        reply = self._ask(Question("POST", url, form, urlencode(data or {}).encode()))
        return _Response(reply.status, json.dumps(reply.content), reply.headers)

    def close(self) -> None:
        """The connections are the run's, which closes them itself."""

    def _ask(self, question: Question) -> Reply:
        reply = answered(self._wire, self._settings, self._patience, question, _DOING)
        if reply.status >= 400:
            self.refusal = reply.content
        return reply
