"""What the tests of the Office 365 source share: settings that fit the stand-in, time that passes at once, failures."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from console.core.errors import SourceError
from console.core.person import Person, Snapshot
from jobs.sources.office365.patience import Clock
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from tests.servers.graph import GraphStandIn
from tests.servers.graph.tenant import FAR, App, Tenant, group, tenant_of, user
from tests.servers.pki import Pki
from tests.sources.ldap import assert_keeps, quiet

SECRET = "Value~of-the.secret_8Q"
DOMAIN = "contoso.example"
NAMES = ("ann", "bob", "cat", "dan", "eve", "fay", "gus")


@dataclass
class Time:
    """A clock on which waiting takes no time; `slept` holds what was waited for, in pieces."""

    at: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += seconds

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.at, wall=lambda: self.at, sleep=self.sleep, chance=lambda: 0.5)


def small_tenant() -> Tenant:
    """Seven people, one of them with a shared mailbox and one a room, and two distribution lists."""
    users = [user(name) for name in NAMES]
    purposes: dict[str, str | None] = {users[5]["id"]: "shared", users[6]["id"]: "room"}
    return registered(tenant_of(users, [group("sales"), group("all")], purposes))


def registered(tenant: Tenant, **values: Any) -> Tenant:
    """A tenant that knows our app and its secret."""
    tenant.register(App(**{"secrets": {SECRET: FAR}, **values}))
    return tenant


def settings_for(server: GraphStandIn, pki: Pki, **values: Any) -> Office365Settings:
    """Everything right, and little patience with the network."""
    settings = Office365Settings(
        tenant=server.tenant.id,
        client_id=next(iter(server.tenant.apps)),
        credential=SECRET,
        authority=server.url,
        graph=server.url,
        ca_pem=pki.ca_file.read_text(),
        domains=frozenset({DOMAIN}),
        connect_timeout=2.0,
        answer_timeout=2.0,
        allow_local=True,
    )
    return replace(settings, **values)


def source(settings: Office365Settings, time: Time | None = None) -> Office365Source:
    return Office365Source(settings, clock=(time or Time()).clock)


def fetched(settings: Office365Settings, time: Time | None = None) -> Snapshot:
    return source(settings, time).fetch(quiet)


def failure(settings: Office365Settings, time: Time | None = None) -> SourceError:
    """The error that a reading ends with, which keeps the secret and every token to itself."""
    with pytest.raises(SourceError) as caught:
        fetched(settings, time)
    assert_keeps(settings.credential, caught.value)
    assert_keeps("eyJhbGciOi", caught.value)  # Each token begins so.
    return caught.value


def by_name(snapshot: Snapshot) -> dict[str, Person]:
    """The people by the part of their address before the @."""
    return {person.primary.partition("@")[0]: person for person in snapshot.people}
