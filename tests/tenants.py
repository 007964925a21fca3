"""A tenant at a Graph stand-in for the tests of everything above the reader: its people, and sources that read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, current_app

from console.microsoft import Microsoft
from console.models import Domain, Source
from console.settings import Settings
from console.store import sources
from tests import factories
from tests.servers.graph import GraphStandIn
from tests.servers.graph.tenant import FAR, App, Tenant, group, tenant_of, user
from tests.servers.pki import Pki

SECRET = "Value~of-the.operators_8Q"
BASE = "https://console.example"
CONNECT_BACK = "/connect/office-365"
SIGN_IN_BACK = "/login/microsoft/back"
NAMES = ("ann", "bob", "info", "room")


def tenant(domain: str = factories.DOMAIN, base: str = BASE, names: tuple[str, ...] = NAMES) -> Tenant:
    """Two people, a shared mailbox, a room and a list of a domain, and an app that knows where this console is."""
    users = [user(name, domain) for name in names]
    purposes: dict[str, str | None] = {users[2]["id"]: "shared", users[3]["id"]: "room"}
    made = tenant_of(users, [group("sales", domain)], purposes, domain=domain)
    made.register(App(secrets={SECRET: FAR}, redirect_uris=(base + CONNECT_BACK, base + SIGN_IN_BACK)))
    return made


def client_id(server: GraphStandIn) -> str:
    return next(iter(server.tenant.apps))


def microsoft(server: GraphStandIn, pki: Pki, **values: Any) -> Microsoft:
    """The operator's app, at the stand-in."""
    return Microsoft(
        **{
            "client_id": client_id(server),
            "credential": SECRET,
            "login_url": server.url,
            "graph_url": server.url,
            "ca_pem": pki.ca_file.read_text(),
            **values,
        }
    )


@contextmanager
def operated(app: Flask, found: Microsoft, base: str = BASE) -> Iterator[Settings]:
    """The application with an app of its operator."""
    usual = app.extensions["settings"]
    # A test's browser asks for localhost.
    app.extensions["settings"] = factories.changed(usual, microsoft=found, base_url=base, allowed_hosts=("localhost",))
    yield app.extensions["settings"]
    app.extensions["settings"] = usual


def own_app(of: Domain, server: GraphStandIn, pki: Pki, secret: str = SECRET, **values: Any) -> Source:
    """A source with an app of the tenant's own."""
    settings = {
        "tenant": server.tenant.id,
        "client_id": client_id(server),
        "credential": "secret",
        "cloud": "",
        "authority": server.url,
        "graph": server.url,
        "ca_pem": pki.ca_file.read_text(),
    }
    return _source(of, settings, secret=current_app.extensions["sealer"].seal(secret), **values)


def connected(of: Domain, tenant_id: str, **values: Any) -> Source:
    """A source that reads through the operator's app."""
    return _source(of, {"connected": True, "tenant": tenant_id}, secret="", **values)


def _source(of: Domain, usual: dict[str, Any], **values: Any) -> Source:
    more = values.pop("settings", {})
    made = factories.source(of, kind="office365", **{"name": "Cloud", **values})
    made.settings = {**usual, **more}
    return sources.save(made)
