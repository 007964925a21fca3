"""A tenant: its apps, its users and groups, and what its mailboxes are for."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography import x509

from tests.demo.names import Name
from tests.servers.graph import names
from tests.servers.graph.collection import Collection, Object

NAMESPACE = uuid.UUID("6f3a1c52-6d0f-4d3a-9a52-2f6f0f0b7c11")
READS = ("User.Read.All", "Group.Read.All", "MailboxSettings.Read")
FAR = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def guid(name: str) -> str:
    """A GUID that is the same for the same name in every process."""
    return str(uuid.uuid5(NAMESPACE, name))


@dataclass
class App:
    """An app registration: its secrets with their ends, its certificates, and what the tenant has granted it."""

    client_id: str = guid("rollcall")
    secrets: dict[str, dt.datetime] = field(default_factory=dict)
    certificates: list[x509.Certificate] = field(default_factory=list)
    roles: tuple[str, ...] = READS
    redirect_uris: tuple[str, ...] = ()
    enabled: bool = True


@dataclass
class Tenant:
    """`purposes` holds the userPurpose of mailboxes by the user's id; who is missing there has a user's, and None is
    for one without a mailbox. `people` may sign in, by their user principal name.
    """

    domain: str = "contoso.example"
    name: str = "Contoso"
    users: Collection = field(default_factory=lambda: Collection("users"))
    groups: Collection = field(default_factory=lambda: Collection("groups"))
    purposes: dict[str, str | None] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return guid(f"tenant {self.domain}")

    @property
    def initial_domain(self) -> str:
        return f"{self.domain.partition('.')[0]}.onmicrosoft.com"

    def is_named(self, text: str) -> bool:
        return text.lower() in (self.id, self.domain, self.initial_domain)

    def register(self, app: App) -> App:
        self.apps[app.client_id] = app
        return app


def user(name: str, domain: str = "contoso.example", **values: Any) -> Object:
    """A user with a mailbox, an alias and an address in the tenant's initial domain, or what `values` say."""
    address = f"{name}@{domain}"
    initial = f"{domain.partition('.')[0]}.onmicrosoft.com"
    return {
        "id": guid(f"user {address}"),
        "displayName": f"{name.title()} of {domain}",
        "givenName": name.title(),
        "surname": "Contoso",
        "mail": address,
        "proxyAddresses": [f"SMTP:{address}", f"smtp:{name}.alias@{domain}", f"smtp:{name}@{initial}"],
        "userPrincipalName": address,
        "accountEnabled": True,
        "userType": "Member",
        **values,
    }


def group(name: str, domain: str = "contoso.example", **values: Any) -> Object:
    """A distribution list, or what `values` say."""
    address = f"{name}@{domain}"
    return {
        "id": guid(f"group {address}"),
        "displayName": name.title(),
        "mail": address,
        "proxyAddresses": [f"SMTP:{address}"],
        "mailEnabled": True,
        "securityEnabled": False,
        "groupTypes": [],
        **values,
    }


def tenant_of(
    users: Iterable[Object],
    groups: Iterable[Object] = (),
    purposes: Mapping[str, str | None] | None = None,
    **values: Any,
) -> Tenant:
    return Tenant(
        users=Collection("users", list(users)),
        groups=Collection("groups", list(groups)),
        purposes=dict(purposes or {}),
        **values,
    )


def many(count: int, domain: str = "contoso.example", groups: int = 0) -> Tenant:
    """So many users, and groups; of each hundred users one is a guest, one a shared mailbox and one a room.

    Each has an alias too. A tenant with more of them begins with the same ones.
    """
    users: list[Object] = []
    purposes: dict[str, str | None] = {}
    for number in range(count):
        again, sort = divmod(number, 100)
        if sort < _SHARED:
            users.append(_person(names.person(number), domain, guest=sort == _GUEST))
            continue
        name = names.shared(again) if sort == _SHARED else names.room(again)
        found = user(name.local, domain, givenName=None, surname=None, displayName=name.last, accountEnabled=False)
        purposes[found["id"]] = "shared" if sort == _SHARED else "room"
        users.append(found)
    lists = (names.group(number) for number in range(groups))
    made = (group(name.local, domain, displayName=name.last) for name in lists)
    return tenant_of(users, made, purposes, domain=domain)


_GUEST, _SHARED = 97, 98


def _person(name: Name, domain: str, *, guest: bool) -> Object:
    values: dict[str, Any] = {"givenName": name.first, "surname": name.last, "displayName": name.full}
    initial = f"{domain.partition('.')[0]}.onmicrosoft.com"
    if guest:
        address = f"{name.local}@fabrikam.example"
        outside = f"{name.local}_fabrikam.example#EXT#@{initial}"
        values |= {"userType": "Guest", "userPrincipalName": outside, "mail": address}
        return user(name.local, domain, **values, proxyAddresses=[f"SMTP:{address}"])
    address = f"{name.local}@{domain}"
    first, _, last = name.local.partition(".")
    aliases = [f"smtp:{last}.{first}@{domain}", f"smtp:{name.local}@{initial}"]
    return user(name.local, domain, **values, proxyAddresses=[f"SMTP:{address}", *aliases])
