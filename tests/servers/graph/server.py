"""The stand-in itself: which request is which call, who may make it, and what the script has in store for it."""

import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.graph import answer, batch, lists, login, people, signing
from tests.servers.graph.answer import Answer, Request
from tests.servers.graph.https import HttpsServer
from tests.servers.graph.script import FORBIDDEN, Call, Misbehaviour, Refusal, Script, Seen
from tests.servers.graph.tenant import Tenant
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK

TOKEN_LIFETIME = 3599.0
_LISTS = ("users", "groups", "users/delta", "groups/delta", "users/delta/latest", "groups/delta/latest")
_NEEDS = {"users": {"User.Read.All", "Directory.Read.All"}, "groups": {"Group.Read.All", "Directory.Read.All"}}


class GraphStandIn:
    """A running stand-in. `tenant`, `script`, `token_lifetime` and `page_delay` (seconds, before each page of users or
    groups) may be exchanged at any time.
    """

    def __init__(self, certificate: tuple[Path, Path], tenant: Tenant, script: Script, port: int = 0) -> None:
        self.tenant = tenant
        self.script = script
        self.seen = Seen()
        self.token_lifetime = TOKEN_LIFETIME
        self.page_delay = 0.0
        self._epoch = 0
        self._codes = people.Codes()
        self._trusted: dict[str, dict[str, object]] = {}
        self._http = HttpsServer(certificate, self._respond, port)
        self.port = self._http.port
        self.url = f"https://localhost:{self.port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), name="graph", daemon=True)

    @classmethod
    def start(cls, pki: Pki, tenant: Tenant | None = None, script: Script | None = None, *, port: int = 0) -> Self:
        """Serve a tenant on a port of the loopback, with a certificate of `pki` for it."""
        certificate = pki.issue(f"graph-{port}", ["localhost"], [LOOPBACK])
        server = cls(certificate, tenant or Tenant(), script or Script(), port)
        server._thread.start()
        return server

    @property
    def authority(self) -> str:
        return f"{self.url}/{self.tenant.id}"

    def reset(self, tenant: Tenant | None = None, script: Script | None = None) -> None:
        """Begin anew: with a tenant and a script, or with those of now, and with nothing seen."""
        self.tenant = tenant or self.tenant
        self.script = script or Script()
        self.seen = Seen()
        self.token_lifetime = TOKEN_LIFETIME
        self._codes = people.Codes()

    def expire_tokens(self) -> None:
        """Nobody gets in with a token that was handed out until now."""
        self._trusted.clear()
        self._epoch += 1

    def stop(self) -> None:
        self._http.end()
        self._thread.join(timeout=5)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _respond(self, request: Request) -> Answer | Misbehaviour:
        parts = request.path.strip("/").split("/")
        if parts[0] == "v1.0":
            return self._graph("/".join(parts[1:]), request)
        return self._login(parts, request)

    def _noted(self, request: Request, name: str, page: int = 1) -> Answer | Misbehaviour | None:
        """Keep a record of the call, and what the script says to it, if anything."""
        call = Call(request.method, request.path, name, page)
        self.seen.calls.append(call)
        failure = self.seen.failure(self.script, call)
        return answer.refused(failure) if isinstance(failure, Refusal) else failure

    def _login(self, parts: list[str], request: Request) -> Answer | Misbehaviour:
        known = parts[0] in login.SHARED or self.tenant.is_named(parts[0])
        rest = "/".join(parts[1:])
        name = {"v2.0/.well-known/openid-configuration": "openid", "oauth2/v2.0/token": "token"}.get(rest, rest)
        if failure := self._noted(request, name):
            return failure
        if name == "openid":
            return login.discovery(self.url, parts[0], self.tenant if known else None, self.url)
        if not known:
            return login.unknown_tenant(parts[0])
        if name == "token":
            return self._token(request)
        if rest == "discovery/v2.0/keys":
            return answer.login(signing.public_keys())
        if rest == "v2.0/adminconsent":
            return people.admin_consent(self.tenant, request)
        if rest == "oauth2/v2.0/authorize":
            return people.authorize(self.tenant, self._codes, request)
        return answer.page("Not found", "<p>There is no such page.</p>", 404)

    def _token(self, request: Request) -> Answer:
        app = login.authenticated(self.tenant, request, self.script, self.url + request.path)
        if isinstance(app, Answer):
            return app
        grant = request.form.get("grant_type", "")
        if grant == "client_credentials":
            return login.app_token(
                self.tenant, app, request, url=self.url, lifetime=self.token_lifetime, epoch=self._epoch
            )
        if grant == "authorization_code":
            return people.person_token(
                self.tenant, app, self._codes, request, url=self.url, lifetime=self.token_lifetime
            )
        return answer.login_error(400, "unsupported_grant_type", "70003", f"The grant type '{grant}' is not supported.")

    def _graph(self, path: str, request: Request) -> Answer | Misbehaviour:
        name = "batch" if path == "$batch" else path
        if request.query.get("$deltatoken") == "latest":
            name += "/latest"
        if failure := self._noted(request, name, lists.page_number(request)):
            return failure
        self.seen.graph_calls += 1
        if self.seen.graph_calls == self.script.expire_at:
            self.expire_tokens()
        try:
            roles = self._roles(request.bearer)
        except signing.BadTokenError as error:
            return answer.graph(answer.graph_error("InvalidAuthenticationToken", str(error)), 401)
        return self._answered(name, request, roles)

    def _answered(self, name: str, request: Request, roles: list[str]) -> Answer:
        collection, _, rest = name.partition("/")
        if name == "batch":
            return batch.batch(self.tenant, request, roles, self.script, self.seen)
        if name == "organization":
            domains = [{"name": self.tenant.domain, "isDefault": True}, {"name": self.tenant.initial_domain}]
            found = {"id": self.tenant.id, "displayName": self.tenant.name, "verifiedDomains": domains}
            return answer.graph({"value": [found]})
        if name not in _LISTS:
            return answer.refused(Refusal(400, "BadRequest", f"Resource not found for the segment '{name}'."))
        if not _NEEDS[collection] & {*roles}:
            return answer.refused(FORBIDDEN)
        time.sleep(self.page_delay)
        held = self.tenant.users if collection == "users" else self.tenant.groups
        if rest:
            return lists.delta(held, request, self.script, self.url)
        return lists.listed(held, request, self.script, self.url)

    def _roles(self, token: str) -> list[str]:
        """What the app that shows this token may do. A token is checked once: 50,000 users are many calls."""
        if not token:
            raise signing.BadTokenError("Access token is empty.")
        claims = self._trusted.get(token)
        if claims is None:
            claims = signing.checked(token, self.url)
            if claims["tid"] != self.tenant.id or claims.get("epoch") != self._epoch:
                raise signing.BadTokenError("Lifetime validation failed, the token is expired.")
            self._trusted[token] = claims
        elif float(str(claims["exp"])) < time.time():
            raise signing.BadTokenError("Lifetime validation failed, the token is expired.")
        roles = claims.get("roles", [])
        assert isinstance(roles, list)
        return roles
