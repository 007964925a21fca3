"""Rows and records with defaults, for tests."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import text

from console.core.address import Address, parse
from console.core.person import Kind, Origin, Person, Snapshot, Status, User
from console.core.plan import Action, Plan, Step
from console.core.reconcile import Rules
from console.core.rejections import Tally
from console.models import Admin, DeliveryServer, Domain, Rejection, Role, Run, RunKind, Source, db, now
from console.settings import Settings
from console.store import acts, admins, domains, records, rejections, runs, smtp, sources

PASSWORD = "four words of a sentence"
SOURCE_PASSWORD = "secret of the source"
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
DOMAIN = "brightfield.example"


def address(local: str, domain: str = DOMAIN) -> Address:
    return parse(local if "@" in local else f"{local}@{domain}")


def person(local: str = "ada", **values: Any) -> Person:
    """A person with a primary address in DOMAIN, and a key and a place made of its name."""
    aliases = tuple(address(alias) for alias in values.pop("aliases", ()))
    name = local.partition("@")[0]
    defaults: dict[str, Any] = {"where": f"CN={name},DC=brightfield,DC=example", "key": f"key-{name}"}
    return Person(primary=address(local), aliases=aliases, **{**defaults, **values})


def snapshot(*people: Person, complete: bool = True, rejects: Sequence[Any] = ()) -> Snapshot:
    return Snapshot(tuple(people), tuple(rejects), complete)


def user(local: str = "ada", user_id: int | None = 1, **values: Any) -> User:
    """A user of source 1, as a first sync of `person(local)` would have made it."""
    aliases = tuple(sorted(address(alias) for alias in values.pop("aliases", ())))
    defaults: dict[str, Any] = {
        "group_id": 1,
        "origin": Origin.SOURCE,
        "source_id": 1,
        "source_key": f"key-{local.partition('@')[0]}",
    }
    return User(address=address(local), aliases=aliases, id=user_id, **{**defaults, **values})


def manual_user(local: str = "ada", user_id: int | None = 1, **values: Any) -> User:
    return user(local, user_id, origin=Origin.MANUAL, source_id=None, source_key=None, **values)


def rules(**values: Any) -> Rules:
    """The rules of source 1 for DOMAIN."""
    defaults: dict[str, Any] = {
        "domain": DOMAIN,
        "group_id": 1,
        "origin": Origin.SOURCE,
        "source_id": 1,
        "source_name": "Active Dir. · HQ",
        "now": NOW,
    }
    return Rules(**{**defaults, **values})


def admin(email: str = "alice@rollcall.example", role: Role = Role.OWNER, *, only: Iterable[Domain] = ()) -> Admin:
    """An account with PASSWORD; `only` limits it to some domains."""
    limited = list(only)
    account = Admin(email=email, role=role.value, password_hash=_hash(), limited=bool(limited), domains=limited)
    db.session.add(account)
    db.session.commit()
    return account


@cache
def _hash() -> str:
    """Of PASSWORD, which takes a tenth of a second by design."""
    return admins.hasher().hash(PASSWORD)


def domain(name: str = DOMAIN, aliases: Sequence[str] = ()) -> Domain:
    return domains.add(name, aliases)


def source(of: Domain, **values: Any) -> Source:
    """An "Active Dir." source whose settings lead nowhere unless they are given."""
    settings = {"host": "127.0.0.1", "port": 9, "tls": "none", "user_dn": "cn=reader", "search_base": "dc=example"}
    settings.update(values.pop("settings", {}))
    password = values.pop("password", SOURCE_PASSWORD)
    defaults: dict[str, Any] = {
        "kind": "ldap",
        "name": "HQ",
        "domain_id": of.id,
        "group_id": domains.default_group(of.id).id,
        "settings": settings,
        "secret": current_app.extensions["sealer"].seal(password),
    }
    return sources.save(Source(**{**defaults, **values}))


def delivery_server(of: Domain, **values: Any) -> DeliveryServer:
    """A mail server of a domain, where nothing listens unless a port is given."""
    defaults: dict[str, Any] = {"domain_id": of.id, "host": "127.0.0.1", "port": 9}
    return smtp.save(DeliveryServer(**{**defaults, **values}))


def users(of: Domain, *wanted: User) -> list[int]:
    """Put users on a domain's list through the one writer; their ids. Group 1 stands for the default group."""
    default = domains.default_group(of.id).id
    placed = [replace(item, id=None, group_id=default if item.group_id == 1 else item.group_id) for item in wanted]
    steps = tuple(Step(Action.CREATE, None, item) for item in placed)
    run = acts.act(of.id, None, "for a test", Plan(steps=steps, read=len(steps), usable=len(steps)))
    return [change.user_id for change in records.changes(run.id, limit=len(steps)) if change.user_id is not None]


def many(of: Domain, count: int, kind: Kind = Kind.MAILBOX) -> None:
    """A long list: user000000 and so on, each with an alias."""
    users(
        of,
        *(
            manual_user(
                f"user{n:06d}",
                aliases=[f"u{n:06d}"],
                first_name="User",
                last_name=f"Number {n}",
                kind=kind,
                status=Status.ACTIVE,
            )
            for n in range(count)
        ),
    )


def rejection(of: Domain, local: str = "nobody", *, sender: str = "", client: str = "", times: int = 1) -> Rejection:
    """An address of the report, which has a row for all others too, as mail for it makes them."""
    wanted, tally = str(address(local, of.name)), Tally()
    for _ in range(times):
        tally.note(of.id, wanted, sender=sender, client=client, would=False, at=now())
    rejections.record(tally.take())
    row = rejections.find(of.id, wanted)
    assert row is not None
    return row


def run(of: Domain, kind: RunKind = RunKind.SYNC, of_source: Source | None = None) -> Run:
    return runs.start(kind, of.id, source=of_source)


def analyze() -> None:
    """Let PostgreSQL know what is in its tables now, as its own housekeeping does after a minute."""
    db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


def changed(settings: Settings, **values: Any) -> Settings:
    """Settings with some of them changed, to put in place of an application's for one test."""
    return replace(settings, **values)
